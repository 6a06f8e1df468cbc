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

interface Rule extends Omit<Meaning, 'why'> {
  native: RegExp
  /** @param it `The server`, or what else was to be reached */
  why(it: string): string
}

const PASSING = { code: 'CONNECTION_FAILED', isLasting: false } as const
const UNTRUSTED = { code: 'TLS_UNTRUSTED', isLasting: true } as const
const NO_TLS = { code: 'TLS_FAILED', isLasting: false, remedy: 'network' } as const

const unknownCa = (it: string) =>
  `${it} shows a certificate of a CA that this runner does not know: a private one, or that of a device that opens TLS connections.`

/**
 * The first that matches counts. Codes are those of libuv, of Node (`X509_V_ERR_…` without its beginning, `ERR_TLS_…`,
 * `ERR_SSL_…`), of its HTTP parser, and of undici, whose name must not appear where it is not used.
 */
const RULES: Rule[] = [
  {
    native: /^(ENOTFOUND|ENODATA|EAI_\w+)$/,
    code: 'HOST_NOT_FOUND',
    isLasting: false,
    why: () => 'The name is misspelled, or this runner cannot reach a DNS server that knows it.',
    remedy: 'address',
  },
  {
    native: /^(TimeoutError|ETIMEDOUT|ERR_ANSWER_IDLE)$|_TIMEOUT$|(^|_)ABORT(ED|_ERR)?$/,
    code: 'TIMEOUT',
    isLasting: false,
    why: () => 'A firewall drops the packets, the network is slow, or what should answer is overloaded.',
    remedy: 'patience',
  },
  {
    native: /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    ...UNTRUSTED,
    why: it => `${unknownCa(it)} Or it leaves out its intermediate certificate.`,
    remedy: 'trust',
  },
  {
    native: /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED)$/,
    ...UNTRUSTED,
    why: unknownCa,
    remedy: 'trust',
  },
  {
    native: /^(CERT_REVOKED|(\w+_)?CRL(_\w+)?)$/,
    ...UNTRUSTED,
    why: it => `${it} shows a certificate that was revoked, or whose revocation cannot be looked up.`,
    remedy: 'operator',
  },
  {
    native: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    code: 'TLS_SERVER_EXPIRED',
    isLasting: true,
    why: it =>
      `${it}'s own certificate is outside its dates (this is not your client certificate), or this runner's clock is wrong.`,
    remedy: 'clock',
  },
  {
    native: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    code: 'TLS_NAME_MISMATCH',
    isLasting: true,
    why: it =>
      `${it} shows a certificate for another name: the name is misspelled, or it leads to another server or to a proxy.`,
    remedy: 'name',
  },
  {
    native:
      /^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|CERT_\w+|ERROR_IN_CERT_\w+|UNABLE_TO_DEC\w+|ERR_TLS_CERT_\w+|UNSPECIFIED)$/,
    ...UNTRUSTED,
    why: it =>
      `${it} shows a certificate, its own or a CA's, that is damaged or not made for this: its key is too weak, it is not for servers, or that CA may not issue it.`,
    remedy: 'operator',
  },
  {
    native: /WRONG_VERSION_NUMBER/,
    ...NO_TLS,
    why: () => 'Something that does not speak TLS answers on that port.',
  },
  { native: /UNRECOGNIZED_NAME/, ...NO_TLS, why: it => `${it} does not serve that name.` },
  {
    native: /^(EPROTO$|ERR_SSL_|ERR_TLS_|ERR_OSSL_)/,
    ...NO_TLS,
    why: it => `${it}, or a proxy between, does not speak TLS 1.2 or 1.3, or broke off the handshake.`,
  },
  {
    native: /^ECONNREFUSED$/,
    ...PASSING,
    why: () => 'Nothing listens on that host and port, or a firewall rejects it.',
    remedy: 'network',
  },
  {
    native: /^(ECONNRESET|ECONNABORTED|EPIPE|EOF|ERR_STREAM_PREMATURE_CLOSE)$|_SOCKET$/,
    ...PASSING,
    why: it => `${it}, or a device between, closed the connection.`,
    remedy: 'again',
  },
  {
    native: /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|ENONET)$/,
    ...PASSING,
    why: () => 'This runner has no route there: its network is down, or a firewall rejects it.',
    remedy: 'again',
  },
  {
    native: /^(EACCES|EPERM)$/,
    ...PASSING,
    why: () => 'A firewall or a security policy of this runner forbids it.',
    remedy: 'network',
  },
  {
    native: /^(EMFILE|ENFILE|ENOBUFS|ENOMEM|OUT_OF_MEM)$/,
    ...PASSING,
    why: () => 'This runner has run out of memory, or has too many files and connections open.',
    remedy: 'again',
  },
  {
    native: /^HPE_|_HEADERS_OVERFLOW$|_LENGTH_MISMATCH$/,
    ...PASSING,
    why: () => 'What answers there does not speak HTTP as it should.',
    remedy: 'again',
  },
]

const OTHER: Omit<Rule, 'native'> = {
  ...PASSING,
  why: () => 'A firewall, a proxy that is needed but not set, or a passing problem of the network.',
  remedy: 'again',
}

/**
 * What a native code means.
 * @param it what was to be reached, at the start of a sentence
 */
export function meaningOf(native: string, it = 'The server'): Meaning {
  const { code, isLasting, why, remedy } = RULES.find(rule => rule.native.test(native)) ?? OTHER
  return { code, isLasting, why: why(it), remedy }
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
