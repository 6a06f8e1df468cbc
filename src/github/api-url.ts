import { ActionError } from '../errors.ts'

/** What the runner sets on github.com. */
const PUBLIC = 'https://api.github.com'
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Reads `GITHUB_API_URL`, where the token and the secrets are sent: over https, or by plain http to this machine alone.
 * @returns without a trailing slash
 * @throws ActionError INPUT_INVALID, without repeating a user name or password
 */
export function parseApiUrl(text: string): string {
  if (text === '') return PUBLIC
  if (!URL.canParse(text)) throw unusable('is not a URL')
  const { protocol, hostname, host, pathname, username, password, search, hash } = new URL(text)
  if (protocol !== 'https:' && protocol !== 'http:') throw unusable('is not an https address')
  if (username !== '' || password !== '') throw unusable('contains a user name or password')
  if (search !== '' || hash !== '') throw unusable('contains a query')
  if (protocol === 'http:' && !LOOPBACK.test(hostname)) throw unprotected(host)
  return `${protocol}//${host}${withoutSlashes(pathname)}`
}

/** Not by `/\/+$/`, which starts over at each slash of a run that is followed by something else. */
function withoutSlashes(path: string): string {
  let end = path.length
  while (path[end - 1] === '/') end--
  return path.slice(0, end)
}

function unusable(problem: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `GITHUB_API_URL ${problem}, so nothing was sent to GitHub.`,
    why: 'A step, the workflow or the settings of this runner have replaced its value.',
    fix: `Let the runner set GITHUB_API_URL, to ${PUBLIC} or the https address of your GitHub Enterprise Server.`,
  })
}

function unprotected(host: string): ActionError {
  return new ActionError('INPUT_INVALID', {
    what: `GITHUB_API_URL is an http address (${host}), so nothing was sent to GitHub.`,
    why: "Without TLS, anybody on the network could read 'github-token' and replace the key that secrets are encrypted for.",
    fix: 'Serve the API over https, and let GITHUB_API_URL begin with https://. Plain http is accepted only for this machine itself.',
  })
}
