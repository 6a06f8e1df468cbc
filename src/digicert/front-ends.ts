/** How servers in front of DigiCert ONE respond by themselves: load balancers, gateways, web application firewalls. */
import type { ErrorCode } from '../errors.ts'
import type { HttpResponse } from '../net/endpoint.ts'
import { clean } from '../text.ts'

/** What the response of a front end means, and what to do. */
export interface FrontEndWords {
  code: ErrorCode
  why: string
  fix: string
}

const OPERATOR = 'Tell the operator of the load balancer, gateway or proxy in front of that server.'
const HOSTS = "Check 'host' and 'clientauth-host'."

const POST_HANDSHAKE: FrontEndWords = {
  code: 'REQUEST_REFUSED',
  why: 'The server requests the client certificate only after the TLS handshake (post-handshake authentication, or renegotiation with TLS 1.2), which Node does not support. The certificate itself was not checked.',
  fix: "Have its administrator request the client certificate in the handshake, for a whole host name (Apache: SSLVerifyClient in the virtual host, not in a Location or Directory), and set 'clientauth-host' to that name.",
}

const FIREWALL: FrontEndWords = {
  code: 'REQUEST_REFUSED',
  why: 'A firewall or gateway in front of DigiCert ONE, or a proxy of your network, blocks the request and responds with a page of its own. The request did not reach DigiCert ONE.',
  fix: `Have that firewall allow this runner (by its IP address) and requests with the User-Agent "digicert-client-certificate". ${HOSTS}`,
}

const LARGE_HEADERS = tooLarge('a header as large as that of this request')
const STATUSES: Record<number, FrontEndWords> = {
  405: notPassedOn('this method'),
  406: notPassedOn('JSON'),
  407: {
    code: 'PROXY_REFUSED',
    why: 'A proxy that inspects TLS between this runner and DigiCert ONE requires a user name and password.',
    fix: 'Set HTTPS_PROXY to a URL like http://user:password@proxy.example.com:3128, and keep it in a secret; or have the proxy pass these hosts through.',
  },
  411: notPassedOn('a request without a body'),
  413: tooLarge('less than the few kB of a request'),
  414: tooLarge('an address as long as that of this request'),
  415: notPassedOn('JSON'),
  417: notPassedOn('this request'),
  421: {
    code: 'WRONG_HOST',
    why: 'The front end does not serve this host name on this connection: the name leads to another server, or a proxy that inspects TLS mixes up connections.',
    fix: `${HOSTS} ${OPERATOR}`,
  },
  426: {
    code: 'REQUEST_REFUSED',
    why: 'The front end requires a version of HTTP or TLS that this action does not use (it uses HTTP/1.1 over TLS 1.2 or 1.3).',
    fix: OPERATOR,
  },
  431: LARGE_HEADERS,
  451: {
    code: 'REQUEST_REFUSED',
    why: 'The front end blocks this runner for legal reasons, usually because of the country of its IP address.',
    fix: 'Run the job on a runner in another region or network.',
  },
  463: notPassedOn('a request through so many proxies (X-Forwarded-For)'),
  494: LARGE_HEADERS,
  495: {
    code: 'WRONG_HOST',
    why: "The mTLS host was set as 'host': the front end verifies client certificates there, and does not accept what it received.",
    fix: "Check 'host': it is the API host, which takes the API key alone. The mTLS host belongs in 'clientauth-host'.",
  },
  496: {
    code: 'WRONG_HOST',
    why: "The mTLS host was set as 'host': the front end requires a client certificate there.",
    fix: "Check 'host': it is the API host, which takes the API key alone. The mTLS host belongs in 'clientauth-host'.",
  },
  497: {
    code: 'REQUEST_REFUSED',
    why: 'A proxy or load balancer in front of it terminates TLS and forwards plain HTTP, but the front end expects TLS. This action only speaks TLS.',
    fix: OPERATOR,
  },
  511: {
    code: 'SERVER_ERROR',
    why: "The runner's network requires a login (captive portal).",
    fix: "Have the runner's network allow these hosts without a login.",
  },
}

function tooLarge(what: string): FrontEndWords {
  return {
    code: 'REQUEST_REFUSED',
    why: `A gateway in front of DigiCert ONE allows ${what.startsWith('less') ? what : `no request with ${what}`}.`,
    fix: 'Tell the operator of that gateway or proxy.',
  }
}

function notPassedOn(what: string): FrontEndWords {
  return {
    code: 'REQUEST_REFUSED',
    why: `A gateway in front of DigiCert ONE does not forward ${what}, or another service responds.`,
    fix: `${HOSTS} ${OPERATOR}`,
  }
}

const OTHER: FrontEndWords = {
  code: 'REQUEST_REFUSED',
  why: 'A load balancer, gateway or proxy in front of DigiCert ONE responds by itself, or another service responds.',
  fix: `${HOSTS} ${OPERATOR}`,
}

const LATER =
  "See DigiCert's status page, or tell the operator if it is a host of your own; run the job again later."

/** Cloudflare's own codes: it could not talk to the server behind it. */
const CLOUDFLARE: FrontEndWords = {
  code: 'SERVER_ERROR',
  why: 'Cloudflare, in front of that server, gets no usable response from it.',
  fix: LATER,
}

const BEHIND: FrontEndWords = {
  code: 'SERVER_ERROR',
  why: 'A gateway responds with a page of its own: it gets no response from the server behind it.',
  fix: LATER,
}

/** The words for the response of a front end; undefined for one that may come from DigiCert ONE. */
export function frontEndWords(response: HttpResponse): FrontEndWords | undefined {
  const { status } = response
  if (asksTooLate(response)) return POST_HANDSHAKE
  const own = STATUSES[status] ?? statusRange(status)
  if (own !== undefined || !isWebPage(response)) return own
  if (status === 403) return FIREWALL
  if (status === 400) return pageOf400(response)
  if (status >= 502 && status <= 504) return BEHIND
  // The API key of 401 and the address of 404 have words of their own.
  return status > 404 && status < 500 && status !== 408 && status !== 429 ? OTHER : undefined
}

function statusRange(status: number): FrontEndWords | undefined {
  if ((status >= 520 && status <= 527) || status === 530) return CLOUDFLARE
  return status === 444 || (status >= 460 && status <= 469) || status === 499 ? OTHER : undefined
}

/** nginx responds with 400 where it means 494 to 497. */
function pageOf400({ body }: HttpResponse): FrontEndWords | undefined {
  const page = beginningOf(body)
  if (/too large/i.test(page)) return LARGE_HEADERS
  if (/plain HTTP request was sent to HTTPS/i.test(page)) return STATUSES[497]
  if (/No required SSL certificate/i.test(page)) return STATUSES[496]
  if (/SSL certificate error/i.test(page)) return STATUSES[495]
  return OTHER
}

/** Firewalls, and the words with which they block; a page of nginx or Apache may as well be about the certificate. */
const FIREWALLS =
  /cloudflare|attention required|akamai|edgesuite|incapsula|imperva|sucuri|cloudfront|awselb|mod_?security|fortinet|fortiweb|fortigate|barracuda|big-?ip|support id|zscaler|netskope|umbrella|datadome|azure-application-gateway|front ?door|web application firewall|\bwaf\b|captcha|firewall|blocked|security policy|requested url was rejected/i

/**
 * True for a response in which a front end speaks of something other than the client certificate, although its status
 * is one that refuses certificates.
 */
export function isNoVerdict(response: HttpResponse): boolean {
  const { status, headers, body } = response
  if (asksTooLate(response)) return true
  if (!isWebPage(response)) return false
  const page = beginningOf(body)
  if (status === 400) return /too large|plain HTTP request/i.test(page)
  return status === 403 && !/certificate/i.test(page) && FIREWALLS.test(`${headers.server ?? ''} ${page}`)
}

/** Apache's 403 when TLS 1.3 no longer lets it request a certificate. */
function asksTooLate({ status, body }: HttpResponse): boolean {
  return status === 403 && /post-?handshake.auth|renegotiat/i.test(beginningOf(body))
}

export function isWebPage({ headers, body }: HttpResponse): boolean {
  return /html/i.test(String(headers['content-type'] ?? '')) || /^\s*</.test(body)
}

/** What the page calls itself; empty when it does not say. */
export function titleOf(response: HttpResponse): string {
  if (!isWebPage(response)) return ''
  return clean(/<title[^>]{0,100}>([^<]{1,300})/i.exec(beginningOf(response.body))?.[1], 100)
}

/** A page says early what it is. */
function beginningOf(body: string): string {
  return body.slice(0, 20_000)
}
