/**
 * What the native codes of network failures mean: the one place that says so.
 */
import type { ErrorCode } from '../errors.ts'

/** The code of a native error that stands for a connection not made in time. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT'
/** The code of a native error that stands for an answer that stopped arriving. */
export const IDLE = 'ERR_ANSWER_IDLE'
/** The code of a native error that stands for an answer beyond `maxBytes`. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE'

/** What helps: the address, patience, the CA's certificate, its operator, the right name, the clock, the network, another try. */
export type Remedy = 'address' | 'patience' | 'trust' | 'operator' | 'name' | 'clock' | 'network' | 'again'

export type NetworkCode = Extract<
  ErrorCode,
  | 'HOST_NOT_FOUND'
  | 'CONNECTION_FAILED'
  | 'TIMEOUT'
  | 'TLS_UNTRUSTED'
  | 'TLS_NAME_MISMATCH'
  | 'TLS_SERVER_EXPIRED'
  | 'TLS_FAILED'
>

export interface Meaning {
  code: NetworkCode
  /** The next attempt would only meet it again. */
  isLasting: boolean
  why: string
  remedy: Remedy
}

/** Of what another server, another CA or somebody else has to put right, no attempt more makes a difference. */
const LASTING: NetworkCode[] = ['TLS_UNTRUSTED', 'TLS_NAME_MISMATCH', 'TLS_SERVER_EXPIRED']

type Rule = [native: RegExp, NetworkCode, Remedy, why: string]

const SERVER = 'The server'
const UNKNOWN_CA = `${SERVER} shows a certificate of a CA that this runner does not know: a private one, or that of a proxy that opens TLS connections.`

/**
 * The first that matches counts. Codes are those of libuv, of Node (`X509_V_ERR_…` without its beginning, `ERR_TLS_…`,
 * `ERR_SSL_…`), of its HTTP parser, and of undici, whose name must not appear where it is not used.
 */
const RULES: Rule[] = [
  [
    /^(ENOTFOUND|ENODATA|EAI_\w+)$/,
    'HOST_NOT_FOUND',
    'address',
    'The name is misspelled, or this runner cannot reach a DNS server that knows it.',
  ],
  [
    /^(TimeoutError|ETIMEDOUT|ERR_ANSWER_IDLE)$|_TIMEOUT$|(^|_)ABORT(ED|_ERR)?$/,
    'TIMEOUT',
    'patience',
    'A firewall drops the packets, the network is slow, or what should answer is overloaded.',
  ],
  [
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    'TLS_UNTRUSTED',
    'trust',
    `${UNKNOWN_CA} Or it leaves out its intermediate certificate.`,
  ],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED)$/,
    'TLS_UNTRUSTED',
    'trust',
    UNKNOWN_CA,
  ],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'TLS_SERVER_EXPIRED',
    'clock',
    `${SERVER}'s own certificate is outside its dates (this is not your client certificate), or this runner's clock is wrong.`,
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'TLS_NAME_MISMATCH',
    'name',
    `${SERVER} shows a certificate for another name: the name is misspelled, or leads to another server or a proxy.`,
  ],
  [
    /^(INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|UNSPECIFIED|(ERR_TLS_)?CERT_\w+|ERROR_IN_\w+|UNABLE_TO_\w+|CRL_\w+)$/,
    'TLS_UNTRUSTED',
    'operator',
    `${SERVER} shows a certificate, its own or a CA's, that is damaged, revoked or not made for this: its key is too weak, it is not for servers, or that CA may not issue it.`,
  ],
  [
    /WRONG_VERSION_NUMBER/,
    'TLS_FAILED',
    'network',
    'Something that does not speak TLS answers on that port.',
  ],
  [/UNRECOGNIZED_NAME/, 'TLS_FAILED', 'network', `${SERVER} does not serve that name.`],
  [
    /^(EPROTO$|ERR_(SSL|TLS|OSSL)_)/,
    'TLS_FAILED',
    'network',
    `${SERVER}, or a proxy between, does not speak TLS 1.2 or 1.3, or broke off the handshake.`,
  ],
  [
    /^ECONNREFUSED$/,
    'CONNECTION_FAILED',
    'network',
    'Nothing listens on that host and port, or a firewall rejects it.',
  ],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|EOF|ERR_STREAM_PREMATURE_CLOSE)$|_SOCKET$/,
    'CONNECTION_FAILED',
    'again',
    `${SERVER}, or a device between, closed the connection.`,
  ],
  [
    /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|ENONET)$/,
    'CONNECTION_FAILED',
    'again',
    'This runner has no route there: its network is down, or a firewall rejects it.',
  ],
  [
    /^(EACCES|EPERM|E[MN]FILE|ENOBUFS|ENOMEM|OUT_OF_MEM)$/,
    'CONNECTION_FAILED',
    'again',
    'This runner forbids it by a firewall or a policy, or lacks memory or free file handles.',
  ],
  [
    /^HPE_|_HEADERS_OVERFLOW$|_LENGTH_MISMATCH$/,
    'CONNECTION_FAILED',
    'again',
    'What answers there does not speak HTTP.',
  ],
]

const OTHER: Rule = [
  /^/,
  'CONNECTION_FAILED',
  'again',
  'A firewall, a proxy that is needed but not set, or a passing problem of the network.',
]

/**
 * What a native code means.
 * @param it what was to be reached, at the start of a sentence
 */
export function meaningOf(native: string, it = SERVER): Meaning {
  const [, code, remedy, why] = RULES.find(([pattern]) => pattern.test(native)) ?? OTHER
  return { code, isLasting: LASTING.includes(code), why: why.replace(SERVER, it), remedy }
}

/** The error that tells most: fetch wraps it, and of several addresses each has one. */
export function nativeError(error: unknown, depth = 0): unknown {
  if (typeof error !== 'object' || error === null || depth > 5) return error
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown }
  if (typeof code === 'string') return error
  const inner: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause
  return inner === undefined ? error : nativeError(inner, depth + 1)
}

/** The code of a native error; empty when it has none. */
export function nativeCode(error: unknown): string {
  const { code, name } = (nativeError(error) ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  return name === 'TimeoutError' ? name : ''
}

/** Refused for being larger than any real answer. */
export function isTooLarge(error: unknown): boolean {
  return nativeCode(error) === TOO_LARGE || /_EXCEEDED_MAX_SIZE$/.test(nativeCode(error))
}

/** True for a server certificate that none of the given trust anchors vouches for: others may. */
export function isOfUnknownCa(error: unknown): boolean {
  return meaningOf(nativeCode(error)).remedy === 'trust'
}

/** True when the clientauth host, or a server in front of it, refused the certificate in the handshake. */
export function isCertificateAlert(error: unknown): boolean {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_NUMBER_4/.test(
    nativeCode(error),
  )
}

/**
 * True when the connection was closed without a word, which is how some servers refuse a client certificate. Windows may
 * call that ECONNABORTED.
 */
export function isBrokenOff(error: unknown): boolean {
  return /^(ECONNRESET|ECONNABORTED|EPIPE)$/.test(nativeCode(error))
}
