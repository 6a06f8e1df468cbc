/** The words of what goes wrong with DigiCert ONE: requests without a response, refusals, and responses that make no sense. */

import { ActionError, type ErrorCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { ExchangeError, HttpResponse } from '../net/endpoint.ts'
import { explainNetwork, type Fixes, whatHappened } from '../net/errors.ts'
import { nativeCode } from '../net/native-codes.ts'
import { span } from '../net/retry.ts'
import { frontEndWords, isWebPage, titleOf } from './front-ends.ts'
import { KNOWN_HOSTS } from './hosts.ts'

/** The words for a clientauth host that closes the connection whenever the certificate is presented. */
export function explainBrokenOff(host: string, error: ExchangeError): ActionError {
  const what = `${host} closes the connection when the certificate is presented (${nativeCode(error)}).`
  const why =
    'The host refuses the certificate without saying so, or a device in between closes the connection.'
  return new ActionError('CERT_REFUSED', { what, why, fix: LISTEN_HINT }, error)
}

/** Turns a request that got no response into words. */
export function explainExchange(error: ExchangeError, origin: string, timeoutMs: number): ActionError {
  const host = hostOf(origin)
  return explainNetwork(error, host, {
    what: whatHappened(host, { timeoutMs, elapsedMs: error.elapsedMs }),
    fixes: FIXES,
  })
}

const LISTEN_HINT = "Check 'host' (and 'clientauth-host'), then the runner's network, firewall and proxy."

const FIXES: Fixes = {
  address: `Known hosts are ${KNOWN_HOSTS}. ${LISTEN_HINT}`,
  patience: `${LISTEN_HINT} If the network is just slow, raise 'timeout'.`,
  name: "Check 'host' and 'clientauth-host': they must be names that the server's certificate lists.",
  network: LISTEN_HINT,
  again: `Run the job again. If the problem persists: ${LISTEN_HINT}`,
}

/** What the server says went wrong; empty strings where it says nothing. */
export interface ServerError {
  code: string
  message: string
}

/** A request that failed, for the words of its error: `PUT /account/…/enable at one.digicert.com`. */
export interface FailedRequest {
  method: string
  path: string
  origin: string
  /** Whether an API key was sent. */
  withKey: boolean
  /** How far the server's clock is ahead of ours, in milliseconds. */
  serverAheadMs?: number
}

/** The response of a server that refused, and what it said. */
export function explainRefusal(
  response: HttpResponse,
  said: ServerError,
  request: FailedRequest,
): ActionError {
  const { status } = response
  const host = hostOf(request.origin)
  const quoted = [said.code, said.message].filter(part => part !== '').join(': ')
  const title = quoted === '' ? titleOf(response) : ''
  const shown = title === '' ? quoted : `a web page, "${title}"`
  const what = `${host} responded to ${request.method} ${request.path} with ${status}${shown === '' ? '' : ` (${shown})`}.`
  if (isNicknameTaken(said))
    return refusal(
      'REQUEST_REFUSED',
      what,
      'Another certificate has this nickname.',
      "Choose another 'name'.",
    )
  if (isRateLimited(status, said)) return explainRateLimit(what, request)
  if (isFull(said, request)) return explainFull(what)
  const frontEnd = frontEndWords(response)
  if (frontEnd !== undefined) return refusal(frontEnd.code, what, frontEnd.why, frontEnd.fix)
  if (status >= 500) {
    return refusal(
      'SERVER_ERROR',
      what,
      'DigiCert ONE, or a gateway in front of it, is down or overloaded.',
      "See DigiCert's status page; run the job again later.",
    )
  }
  if (status >= 300 && status < 400)
    return wrongHost(
      what,
      'That host is not the API host itself: it redirects, and an API key never follows a redirect.',
    )
  if (status === 404) return explainNotFound(what, said, request)
  return explainClientError(status, what, request)
}

function explainRateLimit(what: string, { withKey }: FailedRequest): ActionError {
  return withKey
    ? refusal(
        'RATE_LIMITED',
        what,
        'Too many requests were made with this API key in a short time (limits are per API key).',
        "Run fewer jobs at once with one key, or raise 'retries'.",
      )
    : refusal(
        'RATE_LIMITED',
        what,
        'Too many requests were made in a short time from the IP address of this runner, or with this client certificate.',
        "Run fewer jobs at once, or raise 'retries'.",
      )
}

/** A number that may not be exceeded; and what else has one, which is not a number of certificates. */
const COUNT = /\b(maximum|max|limit|quota|too many)\b/i
const OF_CERTIFICATES = /certificate|credential|quota|reached|number|too many/i
const OF_OTHERS = /length|character|valid|\b(days|long|size|date|bytes|requests?|rate|second|minute|exp)\b/i

/** No further certificate fits. DigiCert publishes no limits, so the words are not known. */
function isFull({ code, message }: ServerError, { method }: FailedRequest): boolean {
  const words = `${code} ${message}`.replaceAll('_', ' ')
  return method === 'POST' && COUNT.test(words) && OF_CERTIFICATES.test(words) && !OF_OTHERS.test(message)
}

function explainFull(what: string): ActionError {
  return refusal(
    'REQUEST_REFUSED',
    what,
    'The service user, or its account, has as many client authentication certificates as DigiCert ONE allows.',
    'In DigiCert ONE, disable certificates that are no longer used (Account, Access, Service users). If disabled ones count as well, use another service user or ask DigiCert support to raise the limit.',
  )
}

/** DigiCert says `resource_not_found` of a certificate; otherwise the server just has no such page. */
function explainNotFound(what: string, said: ServerError, { method }: FailedRequest): ActionError {
  if (method !== 'PUT' || !/not.?found/i.test(said.code))
    return wrongHost(what, 'That host is not a DigiCert ONE API host, because it does not know this path.')
  const why = 'The id is wrong, or the certificate belongs to another service user or account.'
  return refusal(
    'NOT_FOUND',
    what,
    why,
    "Check the id, and that 'api-key' and 'host' are those of its owner.",
  )
}

function explainClientError(status: number, what: string, request: FailedRequest): ActionError {
  if (status === 401) {
    const why =
      'The API key is wrong, expired or deleted, or it belongs to another environment (a demo key on the production host). Users and keys expire at 23:59:59 UTC on their last day.'
    return refusal(
      'API_KEY_INVALID',
      what,
      why,
      "Check the secret behind 'api-key', and that 'host' is the environment where the key was created.",
    )
  }
  if (status === 403) return explainForbidden(what, request)
  if (isByAnotherClock(request)) return explainClock(what, request)
  return refusal(
    'REQUEST_REFUSED',
    what,
    'DigiCert ONE rejected one of the values; its message usually says which.',
    "Compare the server's words above with the inputs 'name', 'subject', 'validity' and 'key-size'.",
  )
}

/** DigiCert's pages differ on who may issue; where the service user may not, an administrator can. */
function explainForbidden(what: string, { method }: FailedRequest): ActionError {
  if (method !== 'POST') {
    return refusal(
      'ACCESS_DENIED',
      what,
      'The service user is inactive, or its role does not allow this.',
      'In DigiCert ONE, open the service user: it must be active and may need a role with access to client authentication certificates.',
    )
  }
  return refusal(
    'ACCESS_DENIED',
    what,
    'The service user is inactive, its role lacks the permission "Default" (older name: "View user"), or its account does not let service users create their own client authentication certificates.',
    "In DigiCert ONE, open the service user: it must be active, with a role that has this permission (every preset role does). If the request is still refused, have an administrator create the certificate and use that P12 with 'mode: stored'.",
  )
}

/** From here on, a difference cannot come from rounding or from a slow response. */
const CLOCKS_DIFFER_MS = 120_000

/** A certificate's expiry is the only time that is sent, and it is calculated from this runner's clock. */
function isByAnotherClock({ method, serverAheadMs = 0 }: FailedRequest): boolean {
  return method === 'POST' && Math.abs(serverAheadMs) >= CLOCKS_DIFFER_MS
}

function explainClock(what: string, { serverAheadMs = 0 }: FailedRequest): ActionError {
  const difference = span(Math.abs(serverAheadMs))
  const [is, so] =
    serverAheadMs > 0
      ? [`${difference} behind`, "with a short 'validity' it is in the past"]
      : [`${difference} ahead of`, "with the longest 'validity' it is too late"]
  return refusal(
    'REQUEST_REFUSED',
    what,
    `The clock of this runner is ${is} the server's, and the expiry of the certificate is calculated from it: ${so}.`,
    "Set the clock of this runner. If that does not help, compare the server's words above with the inputs 'name', 'subject', 'validity' and 'key-size'.",
  )
}

/** DigiCert's `request_limit_exceeded` with any status, and 429 with any message: nothing was done. */
export function isRateLimited(status: number, said: ServerError): boolean {
  return status === 429 || /^(request|rate)_limit_exceeded$/i.test(said.code)
}

/** DigiCert's `duplicate_error`, with any status. */
export function isNicknameTaken(said: ServerError): boolean {
  return /duplicate/i.test(said.code) || /^nickname\b.*already exists/i.test(said.message)
}

/** For a body that is not JSON although JSON was promised: another service responds. */
export function explainNoJson(response: HttpResponse, request: FailedRequest): ActionError {
  if (response.body.trim() === '') return explainEmpty(response, request)
  if (!isWebPage(response)) return invalidResponse('a body that is not complete JSON')
  const what = `${hostOf(request.origin)} responded to ${request.method} ${request.path} with a web page instead of JSON.`
  return wrongHost(
    what,
    'That host is not a DigiCert ONE API host, or a proxy or login page responds in its place.',
  )
}

function explainEmpty({ status }: HttpResponse, { origin, method, path }: FailedRequest): ActionError {
  return refusal(
    'RESPONSE_INVALID',
    `${hostOf(origin)} responded to ${method} ${path} with ${status} but without a body.`,
    'A proxy or gateway in between dropped the body, another service responds in its place, or the API has changed.',
    "Check 'host', then run the job again; if the problem persists, report it with this code and the server's name.",
  )
}

/** A change of a certificate, and what the server says of it afterwards; undefined when it does not say. */
export interface Change {
  id: string
  enabled: boolean
  said: boolean | undefined
}

/** The server took the request, and does not say that the certificate is what was requested. */
export function explainNoEffect({ id, enabled, said }: Change, origin: string): ActionError {
  const [verb, wanted] = enabled ? ['enable', 'enabled'] : ['disable', 'disabled']
  const host = hostOf(origin)
  return notEffective(
    said === undefined
      ? `${host} accepted the request to ${verb} the certificate with the id ${id}, but neither its response nor its list says that it is ${wanted}.`
      : `${host} accepted the request to ${verb} the certificate with the id ${id}, but still says that it is ${said ? 'enabled' : 'disabled'}.`,
  )
}

/** The words for a change that was requested but cannot be observed. */
export function notEffective(what: string): ActionError {
  return refusal(
    'ACCESS_NOT_EFFECTIVE',
    what,
    'DigiCert ONE has not carried out the change, or not on all its servers yet.',
    "Look at the certificate in DigiCert ONE (Account, Access, Service users) and run this step again in a minute. If the problem persists, check 'clientauth-host' and tell DigiCert support.",
  )
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

/** A response that is not what it should be. */
export function invalidResponse(got: string, cause?: unknown): ActionError {
  return new ActionError(
    'RESPONSE_INVALID',
    {
      what: `The server sent ${got}.`,
      why: 'A proxy or another service responds in its place, the response was cut off, or the API has changed.',
      fix: "Check 'host', then run the job again; if the problem persists, report it with this code and the server's name.",
    },
    cause,
  )
}

/** A list that could not be read in the time that this action allows. */
export function longList(entries: number, origin: string): ActionError {
  return refusal(
    'TIMEOUT',
    `The list of certificates at ${hostOf(origin)} is not complete after 10 minutes, in which ${entries.toLocaleString('en-US')} of them were read. This action stops reading there.`,
    'The service user has very many certificates (DigiCert ONE lists disabled and expired ones forever), the connection is slow, or the server repeats itself endlessly.',
    "Use a service user for each purpose, so that this list does not contain those of `mode: issue`, one for each job. If the list is short, check 'host' and the network.",
  )
}
