/** The methods of the clients that make a request, or several that belong together. */
const REQUEST_METHODS = new Set([
  // DigicertOne
  'listCertificates',
  'survey',
  'requestCertificate',
  'change',
  'enable',
  'disable',
  'verify',
  'currentUser',
  'userOfKey',
  // GithubSecrets and GithubRuns
  'find',
  'proveWritable',
  'write',
])

export function makesRequests(method: string | symbol): boolean {
  return REQUEST_METHODS.has(String(method))
}
