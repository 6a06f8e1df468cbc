import type { ErrorShape } from './answers.ts'

/**
 * How this DigiCert ONE behaves where the public documentation leaves it open, or disagrees. Every field may be changed while
 * the emulator runs; the next request sees it.
 */
export interface Settings {
  /** which of the documented error bodies is written; default `errors` */
  errorShape: ErrorShape
  /** move end dates to 23:59:59Z of their day, as in the examples of the tutorial; default false */
  roundEndDates: boolean
  /** move start dates to 00:00:00Z of their day; default false */
  roundStartDates: boolean
  /** milliseconds by which start dates are before the moment of issue, rounded after that; default 0 */
  backdateStart: number
  /** an `exp` beyond 397 days or the user's end date is refused, or silently shortened to it; default `refuse` */
  endDateTooLate: 'refuse' | 'shorten'
  /** validity in days when the request has no `exp`; default 365 */
  defaultDays: number
  /** default 397 */
  maximumDays: number
  /** status for `duplicate_error`; default 400 */
  duplicateStatus: number
  /** whether a disabled certificate's nickname may be used again: unknown, so both; default `never` */
  nicknameReuse: 'never' | 'after-disable'
  /** what the API key of an inactive or expired service user gets: 401 `invalid_api_key` or 403 `access_denied`; default 403 */
  inactiveUserStatus: 401 | 403
  /** the tutorial says 403 for an expired certificate, the error page 401; default 403 */
  expiredCertificateStatus: 401 | 403
  /**
   * Who refuses a missing, foreign or expired client certificate. `application`: 403 in JSON. `nginx`: 400 with nginx's
   * HTML page. `handshake`: the TLS layer (alert when missing, a closed connection otherwise). What only the application
   * can know (unknown, disabled, inactive user) is 403 in JSON under all three. Default `application`. Under `handshake`
   * Node's TLS judges dates too, and by the machine's clock: what either clock calls expired is refused.
   */
  refuseCertificatesIn: 'application' | 'nginx' | 'handshake'
  /** the response to a PUT of enabled, and whether it is carried out; default `record` */
  enableAnswer: EnableAnswer
  /** certificate requests with an EC key: unknown; default `refuse` */
  ecRequests: 'refuse' | 'accept'
  /** default 2048 */
  minimumRsaBits: number
  /** a subject the server writes instead of the requested one, as `CN=…, O=…` */
  subject: string | null
  /** how `serial_number` is written; default `upper` */
  serialFormat: 'upper' | 'lower' | 'colons' | 'padded'
  /** which certificates `x509_cert` contains: the requested one, alone or with its CAs; default `leaf` */
  x509Cert: 'leaf' | 'leaf-first' | 'ca-first'
  /** how many certificates `ca_cert` contains when the chain has an intermediate; default `issuer` */
  caCert: 'issuer' | 'chain'
  /** how both are written: PEM, PEM with CRLF, or base64 of the DER without armor, a line each; default `pem` */
  certificateForm: 'pem' | 'crlf' | 'base64'
  /** added to every certificate record and user on the wire: undocumented fields */
  extraFields: Record<string, unknown>
  /** the list in one array (default), pages with `Link: <…>; rel="next"`, or `{items,offset,limit,total}` */
  paging: Paging | null
  /**
   * this many disabled certificates after the others in the list, of 3 kB each with their PEM, as years of jobs
   * leave them: made while they are sent, and in no other response. Their ids are `history-0` and so on; default 0
   */
  history: number
  /** whether the list returns 400 without `?user_id=`, as the list of API tokens does; default `optional` */
  listUserId: 'optional' | 'required'
  /** more requests than this with one API key within so many seconds get 429 `request_limit_exceeded`; default null, no limit */
  rateLimit: RateLimit | null
  /** milliseconds before every request is processed; default 0 */
  latency: number
  /** how much later than the account service the mTLS host learns of a change; default 0, at once */
  delays: Readonly<Delays>
}

/** In milliseconds. */
export interface Delays {
  issue: number
  enable: number
  disable: number
}

/**
 * Carried out: `record` returns 200 with the certificate as it is now, `empty` 204 without a body, `object` 200 with
 * `{}`, `contradict` 200 with the certificate as it was. `ignore` responds like `contradict`, and changes nothing.
 * A 204 with nothing changed is a fault: `{ method: 'PUT', answer: { status: 204 } }`.
 */
export type EnableAnswer = 'record' | 'empty' | 'object' | 'contradict' | 'ignore'

export interface RateLimit {
  requests: number
  seconds: number
  /** default 429 */
  status?: number
}

export interface Paging {
  style: 'link' | 'envelope'
  /** entries on a page; a `limit` in the query can only lower it */
  size: number
}

export const defaultSettings: Readonly<Settings> = {
  errorShape: 'errors',
  roundEndDates: false,
  roundStartDates: false,
  backdateStart: 0,
  endDateTooLate: 'refuse',
  defaultDays: 365,
  maximumDays: 397,
  duplicateStatus: 400,
  nicknameReuse: 'never',
  inactiveUserStatus: 403,
  expiredCertificateStatus: 403,
  refuseCertificatesIn: 'application',
  enableAnswer: 'record',
  ecRequests: 'refuse',
  minimumRsaBits: 2048,
  subject: null,
  serialFormat: 'upper',
  x509Cert: 'leaf',
  caCert: 'issuer',
  certificateForm: 'pem',
  extraFields: {},
  paging: null,
  history: 0,
  listUserId: 'optional',
  rateLimit: null,
  latency: 0,
  delays: { issue: 0, enable: 0, disable: 0 },
}
