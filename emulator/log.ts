import type { Verdict } from './mtls.ts'
import type { HostKind } from './request.ts'

/** One request as it arrived, and its result. The API key itself is not kept. */
export interface LoggedRequest {
  method: string
  path: string
  /** with the `?`; '' without a query */
  search: string
  host: HostKind
  /** as received; x-api-key reads `(present)` */
  headers: Record<string, string | string[] | undefined>
  hasApiKey: boolean
  /** id of the user that the key belongs to */
  apiKeyUserId: string | undefined
  userAgent: string | undefined
  body: string
  /** the client certificate's serial number, upper-case hex without leading zeros */
  clientCertificateSerial: string | undefined
  /** only on the mTLS host */
  verdict: Verdict | undefined
  /** number of the TCP connection, counted from 1 */
  connection: number
  /** of the response that was sent; undefined while open, and when the connection was broken instead */
  status: number | undefined
  /** whether a fault affected it */
  faulted: boolean
  /** by the machine's clock */
  receivedAt: Date
}

export interface ConnectionCounters {
  /** TCP connections accepted */
  accepted: number
  /** of those, still open */
  open: number
  /** TLS handshakes completed, resumed ones included */
  handshakes: number
  resumed: number
  /** codes of handshakes that failed, e.g. the alert from a client that does not trust us */
  failures: string[]
}

export function newCounters(): ConnectionCounters {
  return { accepted: 0, open: 0, handshakes: 0, resumed: 0, failures: [] }
}
