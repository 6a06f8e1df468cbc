/** Which of the two names a request came in by. */
export type HostKind = 'api' | 'clientauth'

/** An HTTP request after it has left its socket. */
export interface ApiRequest {
  method: string
  path: string
  query: URLSearchParams
  host: HostKind
  apiKey: string | undefined
  contentType: string | undefined
  /** DER of the client certificate; undefined when none was sent, and always on the API host */
  clientCertificate: Buffer | undefined
  body: string
}
