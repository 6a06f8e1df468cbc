/**
 * The one place that says what the native codes of network failures mean.
 */
import type { NETWORK_CODES } from '../errors.ts'

/** The code of our own error for a connection that was not made in time. */
export const CONNECT_TIMEOUT = 'ERR_CONNECT_TIMEOUT'
/** The code of our own error for a response that stopped arriving. */
export const IDLE = 'ERR_ANSWER_IDLE'
/** The code of our own error for a response larger than `maxBytes`. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE'

/** The code of an objection to a CA certificate in `ca-certificates`: it issued the server's, and is outside its dates. */
export const CA_OUTSIDE_DATES = 'ERR_CA_OUTSIDE_DATES'
/** Those of objections to what we present ourselves: the client certificate with its key, and a CA certificate above it. */
export const OWN_CERTIFICATE = 'ERR_OWN_CERTIFICATE'
export const OWN_CHAIN = 'ERR_OWN_CHAIN'

/**
 * What helps: another address, patience, the CA's certificate, its successor, its operator, the right name, the clock, a
 * stronger client certificate or CA above it, better TLS on the server, the network, a retry.
 */
export type Remedy =
  | 'address'
  | 'patience'
  | 'trust'
  | 'successor'
  | 'operator'
  | 'name'
  | 'clock'
  | 'certificate'
  | 'chain'
  | 'server'
  | 'network'
  | 'again'

/** A proxy's refusal is none of them: it is a response, and has no native code. */
export type NetworkCode = Exclude<(typeof NETWORK_CODES)[number], 'PROXY_REFUSED'>

export interface Meaning {
  code: NetworkCode
  /** The next attempt would fail in the same way. */
  isLasting: boolean
  why: string
  remedy: Remedy
}

/** A retry cannot help where somebody has to fix a certificate, a CA or a name. */
const LASTING: Remedy[] = [
  'trust',
  'successor',
  'operator',
  'name',
  'clock',
  'certificate',
  'chain',
  'server',
]

type Rule = [native: RegExp, NetworkCode, Remedy, why: string]

const SERVER = 'The server'
const UNKNOWN_CA =
  'The server presents a certificate of a CA that this runner does not know: a private one, or that of a proxy that inspects TLS.'

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
    /^ETIMEDOUT$|^TimeoutError$|_(TIMEOUT|IDLE)$|(^|_)ABORT/,
    'TIMEOUT',
    'patience',
    'A firewall drops the packets, the network is slow, or the server is overloaded.',
  ],
  [
    new RegExp(`^${CA_OUTSIDE_DATES}$`),
    'TLS_UNTRUSTED',
    'successor',
    "The server's certificate is within its dates, but the certificate of its CA in 'ca-certificates' is not.",
  ],
  [
    /^UNABLE_TO_(VERIFY_LEAF|GET_ISSUER)/,
    'TLS_UNTRUSTED',
    'trust',
    `${UNKNOWN_CA} Or its intermediate certificate is missing.`,
  ],
  [/SELF_SIGNED_CERT|^CERT_UNTRUSTED$/, 'TLS_UNTRUSTED', 'trust', UNKNOWN_CA],
  [
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    'TLS_SERVER_EXPIRED',
    'clock',
    "The server's own certificate is outside its dates (not your client certificate), or this runner's clock is wrong.",
  ],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    'TLS_NAME_MISMATCH',
    'name',
    'The name is misspelled, or it leads to another server or a proxy.',
  ],
  [
    /^(INVALID_|PATH_LENGTH_|UNSPECIFIED|CERT_|ERR_TLS_CERT_|ERROR_IN_|UNABLE_TO_|CRL_)/,
    'TLS_UNTRUSTED',
    'operator',
    'The server, or its CA, has a certificate that is damaged, revoked, too weak, or not intended for this use.',
  ],
  [
    new RegExp(
      `^${OWN_CERTIFICATE}$|_EE_KEY_TOO_SMALL$|_KEY_VALUES_MISMATCH$|_NO_SUITABLE_SIGNATURE_ALGORITHM$`,
    ),
    'TLS_FAILED',
    'certificate',
    'The TLS library of this runner refuses to present the client certificate: its key or its signature is too weak, or of a kind that TLS cannot present. The server is not the cause.',
  ],
  [
    new RegExp(`^${OWN_CHAIN}$|_CA_(KEY_TOO_SMALL|MD_TOO_WEAK)$`),
    'TLS_FAILED',
    'chain',
    'The TLS library of this runner refuses to present a CA certificate above the client certificate: its key or its signature is too weak. The server is not the cause.',
  ],
  [
    /_(UNKNOWN_CERTIFICATE_TYPE|DH_KEY_TOO_SMALL|WRONG_SIGNATURE_TYPE|WRONG_CURVE|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|BAD_ECC_CERT)$/,
    'TLS_FAILED',
    'server',
    'The server offers a key or a signature that the TLS library of this runner refuses: it is too weak, or of an unknown kind.',
  ],
  [
    /WRONG_VERSION_NUMBER/,
    'TLS_FAILED',
    'network',
    'A service that does not speak TLS listens on that port.',
  ],
  [/UNRECOGNIZED_NAME/, 'TLS_FAILED', 'network', 'The server does not serve that name.'],
  [
    /^(EPROTO$|ERR_(SSL|TLS|OSSL)_)/,
    'TLS_FAILED',
    'network',
    'The server, or a proxy in between, does not support TLS 1.2 or 1.3, or aborted the handshake.',
  ],
  [
    /^ECONNREFUSED$/,
    'CONNECTION_FAILED',
    'network',
    'Nothing listens on that host and port, or a firewall rejects it.',
  ],
  [
    /^(ECONNRESET|ECONNABORTED|EPIPE|EOF|HPE_\w+)$|_SOCKET$|_(OVERFLOW|MISMATCH)$/,
    'CONNECTION_FAILED',
    'again',
    'The server, or a device in between, closed the connection or does not speak HTTP.',
  ],
  [
    /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EACCES|EPERM|E[MN]FILE|ENOBUFS|ENOMEM|OUT_OF_MEM)$/,
    'CONNECTION_FAILED',
    'again',
    'This runner has no route to that host, blocks it by a firewall or a policy, or has run out of memory or file handles.',
  ],
]

const OTHER: Rule = [
  /^/,
  'CONNECTION_FAILED',
  'again',
  'A temporary network problem, a firewall, or a proxy that is required but not set.',
]

/**
 * What a native code means.
 * @param it what was to be reached, at the start of a sentence
 */
export function meaningOf(native: string, it = SERVER): Meaning {
  const [, code, remedy, why] = RULES.find(([pattern]) => pattern.test(native)) ?? OTHER
  return { code, isLasting: LASTING.includes(remedy), why: why.replace(SERVER, it), remedy }
}

/** True where this machine cannot even send to an address: it has no network of that family, for one. */
export function hasNoRoute(error: unknown): boolean {
  return /^(E(HOST|NET)(UNREACH|DOWN)|EADDRNOTAVAIL|EAFNOSUPPORT|EINVAL)$/.test(nativeCode(error))
}

/** The most telling error: fetch wraps it, and of several addresses each has one. */
export function nativeError(error: unknown): unknown {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: unknown[]; cause?: unknown }
  if (typeof code === 'string') return error
  const inner = errors?.[0] ?? cause
  return inner === undefined ? error : nativeError(inner)
}

/** The code of a native error; empty when it has none. */
export function nativeCode(error: unknown): string {
  const { code, name } = (nativeError(error) ?? {}) as { code?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  return name === 'TimeoutError' ? name : ''
}

/** Refused for being larger than any valid response. */
export function isTooLarge(error: unknown): boolean {
  return nativeCode(error) === TOO_LARGE || /_EXCEEDED_MAX_SIZE$/.test(nativeCode(error))
}

/** True for a server certificate of a CA that is not among the given trust anchors. */
export function isOfUnknownCa(error: unknown): boolean {
  return meaningOf(nativeCode(error)).remedy === 'trust'
}

/**
 * True for a server certificate that the given trust anchors do not vouch for: others may. Also when they know its CA,
 * or what the server shows of it, by a certificate that has expired or has another key.
 */
export function mayBeTrustedByOthers(error: unknown): boolean {
  const native = nativeCode(error)
  const { code } = meaningOf(native)
  return code === 'TLS_UNTRUSTED' || native === 'CERT_HAS_EXPIRED'
}

/** True when the clientauth host, or a server in front of it, refused the certificate in the handshake. */
export function isCertificateAlert(error: unknown): boolean {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_NUMBER_4/.test(
    nativeCode(error),
  )
}

/**
 * True when the connection was closed without a reason, which is how some servers refuse a client certificate. Windows
 * may call that ECONNABORTED.
 */
export function isBrokenOff(error: unknown): boolean {
  return /^(ECONNRESET|ECONNABORTED|EPIPE)$/.test(nativeCode(error))
}
