import { ActionError, type ErrorCode, type ErrorWords } from '../errors.ts'
import { CONNECT_TIMEOUT, type ExchangeError, type HttpResponse, TOO_LARGE } from './endpoint.ts'
import { hostOf, KNOWN_HOSTS } from './hosts.ts'
import { invalidResponse, type ServerError } from './records.ts'

/** A request that failed, for the words of its error: `PUT /account/…/enable at one.digicert.com`. */
export interface FailedRequest {
  method: string
  path: string
  origin: string
}

/** True when the clientauth host, or a server in front of it, refused the certificate in the handshake. */
export function isCertificateAlert(error: ExchangeError): boolean {
  return /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_NUMBER_4/.test(
    nativeCode(error.cause),
  )
}

/** True when the connection was closed without a word, which is how some servers refuse a client certificate. */
export function isBrokenOff(error: ExchangeError): boolean {
  return /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(nativeCode(error.cause))
}

/** The words for a clientauth host that breaks off whenever it is shown the certificate. */
export function explainBrokenOff(host: string, error: ExchangeError): ActionError {
  const what = `${host} closes the connection when it is shown the certificate (${nativeCode(error.cause)}).`
  const why = 'It refuses the certificate without saying so, or a device in between closes the connection.'
  return refusal('CERT_REFUSED', what, why, LISTEN_HINT)
}

/** Turns a request that got no answer into words. */
export function explainExchange(
  error: ExchangeError,
  request: FailedRequest,
  timeoutMs: number,
): ActionError {
  const host = hostOf(request.origin)
  const code = nativeCode(error.cause)
  const rule = NETWORK_RULES.find(([pattern]) => pattern.test(code))
  if (rule === undefined) return new ActionError('CONNECTION_FAILED', connectionLost(host, code), error.cause)
  const [, name, words] = rule
  return new ActionError(
    name,
    words({ host, code, seconds: timeoutMs / 1000, cause: error.cause }),
    error.cause,
  )
}

interface Circumstances {
  host: string
  code: string
  seconds: number
  cause: unknown
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
    /^(ERR_CONNECT_TIMEOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT|TimeoutError|ABORT_ERR)$/,
    'TIMEOUT',
    ({ host, code, seconds }) => ({
      what: `${host} ${code === CONNECT_TIMEOUT ? 'could not be connected to' : 'did not answer'} within ${seconds} s.`,
      why: 'A firewall drops the packets, the network is slow, or the service is overloaded.',
      fix: `${LISTEN_HINT} If the network is just slow, raise 'timeout'.`,
    }),
  ],
  [
    /^ERR_PROXY_FAILED$/,
    'PROXY_REFUSED',
    ({ host, cause }) => ({
      what: `The proxy opened no connection to ${host}: ${(cause as Error).message}.`,
      why: 'The proxy is not reachable, wants a user name and password (407), or does not allow this host (403).',
      fix: 'Check HTTPS_PROXY and its credentials, allow the API and the clientauth host on the proxy, or put them into NO_PROXY.',
    }),
  ],
  [
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE|CERT_REVOKED|INVALID_PURPOSE)$/,
    'TLS_UNTRUSTED',
    ({ host, code }) => ({
      what: `The TLS certificate of ${host} is not trusted (${code}).`,
      why: 'An on-premises DigiCert ONE has a private CA, or a proxy opens the TLS connections.',
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
      why: /WRONG_VERSION_NUMBER/.test(code)
        ? 'Something that does not speak TLS answers on that port.'
        : 'The server, or a proxy between, does not speak TLS 1.2 or 1.3, or broke off the handshake.',
      fix: LISTEN_HINT,
    }),
  ],
]

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

/** The answer of a server that refused, and what it said. */
export function explainRefusal(
  response: HttpResponse,
  said: ServerError,
  request: FailedRequest,
): ActionError {
  const { status } = response
  const host = hostOf(request.origin)
  const quoted = [said.code, said.message].filter(part => part !== '').join(': ')
  const answer = `${host} answered ${request.method} ${request.path} with ${status}${quoted === '' ? '' : ` (${quoted})`}.`
  if (isNicknameTaken(said))
    return refusal('REQUEST_REFUSED', answer, 'The nickname is taken.', "Choose another 'name'.")
  if (status === 429) {
    const why = 'Too many requests with this API key in a short time (limits are per API key).'
    return refusal('RATE_LIMITED', answer, why, "Run fewer jobs at once with one key, or raise 'retries'.")
  }
  if (status >= 500) {
    return refusal(
      'SERVER_ERROR',
      answer,
      'DigiCert ONE, or a gateway before it, has a problem.',
      "See DigiCert's status page; run the job again later.",
    )
  }
  if (status >= 300 && status < 400)
    return wrongHost(answer, `It redirects, and an API key never follows a redirect.`)
  if (status === 404) return explainNotFound(answer, said, request)
  return explainClientError(status, answer)
}

/** DigiCert says `resource_not_found` of a certificate; otherwise the server just has no such page. */
function explainNotFound(answer: string, said: ServerError, { method }: FailedRequest): ActionError {
  if (method !== 'PUT' || !/not.?found/i.test(said.code))
    return wrongHost(answer, 'That host exists but has no such address.')
  const why = 'It was deleted, or it belongs to another service user or account.'
  return refusal('NOT_FOUND', answer, why, "Check the id, and that 'api-key' and 'host' belong to it.")
}

function explainClientError(status: number, answer: string): ActionError {
  if (status === 401) {
    const why =
      'The API key is wrong, expired or deleted, or it belongs to another environment (a demo key on the production host).'
    return refusal(
      'API_KEY_INVALID',
      answer,
      why,
      "Check the secret behind 'api-key' and that 'host' is the environment where the key was made.",
    )
  }
  if (status === 413) {
    const why = 'A gateway before DigiCert ONE allows less than the few kB of a request.'
    return refusal('REQUEST_REFUSED', answer, why, 'Tell whoever operates that gateway or proxy.')
  }
  if (status === 403) {
    const why = 'The service user is inactive, or its role does not allow this.'
    return refusal(
      'ACCESS_DENIED',
      answer,
      why,
      'In DigiCert ONE, open the service user: it must be active and may need a role with access to client authentication certificates.',
    )
  }
  return refusal(
    'REQUEST_REFUSED',
    answer,
    'DigiCert ONE does not accept these values.',
    "Compare the server's words above with the inputs 'name', 'subject', 'validity' and 'key-size'.",
  )
}

/** DigiCert's `duplicate_error`, whatever status it comes with. */
export function isNicknameTaken(said: ServerError): boolean {
  return /duplicate/i.test(said.code) || /^nickname\b.*already exists/i.test(said.message)
}

/** For a body that is no JSON where JSON was promised: another service answers. */
export function explainNoJson(response: HttpResponse, request: FailedRequest): ActionError {
  if (!isWebPage(response)) return invalidResponse('a body that is not complete JSON')
  const answer = `${hostOf(request.origin)} answered ${request.method} ${request.path} with a web page instead of JSON.`
  return wrongHost(answer, 'It is no DigiCert ONE API host, or a proxy or login page answers in its place.')
}

export function isWebPage({ headers, body }: HttpResponse): boolean {
  return /html/i.test(String(headers['content-type'] ?? '')) || /^\s*</.test(body)
}

function wrongHost(what: string, why: string): ActionError {
  return refusal(
    'WRONG_HOST',
    what,
    why,
    `Check 'host' (and 'clientauth-host'). Known hosts are ${KNOWN_HOSTS}.`,
  )
}

function refusal(code: ErrorCode, what: string, why: string, fix: string): ActionError {
  return new ActionError(code, { what, why, fix })
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
