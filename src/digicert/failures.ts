/** Requests that got no answer: what the native error means, in words. */
import { ActionError, type ErrorCode, type ErrorWords } from '../errors.ts'
import { explainProxy, ProxyFailure } from '../proxy-failure.ts'
import type { ExchangeError } from './endpoint.ts'
import { TOO_LARGE } from './exchange.ts'
import { hostOf, KNOWN_HOSTS } from './hosts.ts'
import { CONNECT_TIMEOUT } from './sockets.ts'

/** True when the clientauth host, or a server in front of it, refused the certificate in the handshake. */
export function isCertificateAlert(error: ExchangeError): boolean {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_NUMBER_4/.test(
    nativeCode(error.cause),
  )
}

/**
 * True when the connection was closed without a word, which is how some servers refuse a client certificate. Windows may
 * call that ECONNABORTED.
 */
export function isBrokenOff(error: ExchangeError): boolean {
  return /^(ECONNRESET|ECONNABORTED|EPIPE)$/.test(nativeCode(error.cause))
}

/** The words for a clientauth host that breaks off whenever it is shown the certificate. */
export function explainBrokenOff(host: string, error: ExchangeError): ActionError {
  const what = `${host} closes the connection when it is shown the certificate (${nativeCode(error.cause)}).`
  const why = 'It refuses the certificate without saying so, or a device in between closes the connection.'
  return new ActionError('CERT_REFUSED', { what, why, fix: LISTEN_HINT }, error)
}

/** Turns a request that got no answer into words. */
export function explainExchange(error: ExchangeError, origin: string, timeoutMs: number): ActionError {
  const host = hostOf(origin)
  if (error.cause instanceof ProxyFailure)
    return new ActionError('PROXY_REFUSED', explainProxy(error.cause, host), error.cause)
  const code = nativeCode(error.cause)
  const rule = NETWORK_RULES.find(([pattern]) => pattern.test(code))
  if (rule === undefined) return new ActionError('CONNECTION_FAILED', connectionLost(host, code), error.cause)
  const [, name, words] = rule
  return new ActionError(name, words({ host, code, seconds: timeoutMs / 1000 }), error.cause)
}

interface Circumstances {
  host: string
  code: string
  seconds: number
}

const LISTEN_HINT = "Check 'host' (and 'clientauth-host'), then the runner's network, firewall and proxy."

const NETWORK_RULES: [RegExp, ErrorCode, (at: Circumstances) => ErrorWords][] = [
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/,
    'HOST_NOT_FOUND',
    ({ host }) => ({
      what: `The name ${host} could not be resolved.`,
      why: 'The host is misspelled, or this runner cannot reach a DNS server that knows it.',
      fix: `Known hosts are ${KNOWN_HOSTS}. ${LISTEN_HINT}`,
    }),
  ],
  [
    /^(ERR_CONNECT_TIMEOUT|ERR_ANSWER_IDLE|ETIMEDOUT|TimeoutError|ABORT_ERR)$/,
    'TIMEOUT',
    ({ host, code, seconds }) => ({
      what: `${host} ${code === CONNECT_TIMEOUT ? 'could not be connected to' : 'did not answer'} within ${seconds} s.`,
      why: 'A firewall drops the packets, the network is slow, or the service is overloaded.',
      fix: `${LISTEN_HINT} If the network is just slow, raise 'timeout'.`,
    }),
  ],
  [
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE|CERT_REVOKED|INVALID_PURPOSE)$/,
    'TLS_UNTRUSTED',
    ({ host, code }) => ({
      what: `The TLS certificate of ${host} is not trusted (${code}).`,
      why: LACKS_ISSUER.test(code)
        ? 'An on-premises DigiCert ONE has a private CA, a proxy opens the TLS connections, or the server leaves out its intermediate certificate.'
        : 'An on-premises DigiCert ONE has a private CA, or a proxy opens the TLS connections.',
      fix: "Give that CA's certificate as 'ca-certificates' (PEM, or a path to it). Verification cannot be switched off.",
    }),
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'TLS_NAME_MISMATCH',
    ({ host }) => ({
      what: `The server at ${host} shows a TLS certificate for another name.`,
      why: 'The host is misspelled, or its DNS name points to another server or a proxy.',
      fix: "Check 'host' and 'clientauth-host': they must be names that the server's certificate lists.",
    }),
  ],
  [
    /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    'TLS_SERVER_EXPIRED',
    ({ host, code }) => ({
      what: `The TLS certificate of the server ${host} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
      why: "The server's own certificate needs renewal (this is not your client certificate), or this runner's clock is wrong.",
      fix: "Check the runner's clock, then tell whoever operates that server.",
    }),
  ],
  [
    /^(ERR_SSL_|EPROTO|ERR_TLS_|ERR_OSSL)/,
    'TLS_FAILED',
    ({ host, code }) => ({
      what: `No TLS connection to ${host} could be made (${code}).`,
      why: tlsFailure(code),
      fix: LISTEN_HINT,
    }),
  ],
]

/** Of these codes a server that sends its chain incompletely is as likely a cause as an unknown CA. */
const LACKS_ISSUER = /LEAF_SIGNATURE|ISSUER/

function tlsFailure(code: string): string {
  if (/WRONG_VERSION_NUMBER/.test(code)) return 'Something that does not speak TLS answers on that port.'
  if (/UNRECOGNIZED_NAME/.test(code)) return 'The server there does not serve that name.'
  return 'The server, or a proxy between, does not speak TLS 1.2 or 1.3, or broke off the handshake.'
}

function connectionLost(host: string, code: string): ErrorWords {
  const refused = code === 'ECONNREFUSED'
  return {
    what: refused
      ? `${host} refused the connection.`
      : `The connection to ${host} failed (${code || 'no reason given'}).`,
    why: refused
      ? 'Nothing listens on that host and port, or a firewall rejects it.'
      : 'The server or a device between closed it.',
    fix: refused ? LISTEN_HINT : `Run the job again. If it stays: ${LISTEN_HINT}`,
  }
}

/** The most telling code of a native error; with several addresses Node wraps one error for each. */
export function nativeCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { code, errors, name } = error as { code?: unknown; errors?: unknown; name?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors) && errors.length > 0) return nativeCode(errors[0])
  return name === 'TimeoutError' ? name : ''
}

/** Refused for being larger than any real answer. */
export function isTooLarge(error: ExchangeError): boolean {
  return nativeCode(error.cause) === TOO_LARGE
}
