/** Which of the two names a request used. */
export type HostKind = 'api' | 'clientauth'

/** An HTTP request after it has been read from its socket. */
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
