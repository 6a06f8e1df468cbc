/**
 * The words of what goes wrong on the network. The caller adds what only it knows: what it wanted to reach, and what to
 * do about it, with the names of its own inputs.
 */
import { ActionError, type ErrorWords } from '../errors.ts'
import {
  CONNECT_TIMEOUT,
  isTooLarge,
  type Meaning,
  meaningOf,
  type NetworkCode,
  nativeCode,
  nativeError,
  type Remedy,
} from './native-codes.ts'

/** The caller's own words. */
export interface Wording {
  what(native: string, meaning: Meaning): string
  fixes: Fixes
}

/** What to do; `network` is for everything that has no fix of its own. */
export interface Fixes extends Partial<Record<Remedy, string>> {
  network: string
}

/** What to do about a server's certificate does not depend on the caller. */
const SERVER_FIXES: Partial<Fixes> = {
  trust:
    "Give that CA's certificate as 'ca-certificates' (PEM, or a path to it). Verification cannot be switched off.",
  operator: "Tell the operator of that server. 'ca-certificates' must contain CA certificates only.",
  successor:
    "In 'ca-certificates', replace it with the current certificate of the same CA, or add that one. The CA's operator has it.",
  certificate:
    'Issue a new client certificate with an RSA key of at least 2048 bits and a SHA-256 signature, and replace the stored P12.',
  chain:
    "Export the P12 again without that CA certificate (openssl pkcs12 -export -in client.crt -inkey client.key -out client.p12), or remove it where 'ca-certificates' contains it.",
  server: 'Tell the operator of that server, or of the proxy that inspects TLS in between.',
  clock: "Check the runner's clock, then tell the operator of that server.",
}

/**
 * What happened on the way to a server, in one sentence.
 * @param waited how long it took, in milliseconds
 */
export function whatHappened(host: string, waited: Waited): Wording['what'] {
  return (native, { code }) => SENTENCES[code](host, native, seconds(native, waited))
}

/** `timeoutMs` where our own limit was reached, `elapsedMs` where the operating system gave up first. */
export interface Waited {
  timeoutMs: number
  elapsedMs: number
}

function seconds(native: string, { timeoutMs, elapsedMs }: Waited): number {
  return native === 'ETIMEDOUT' ? Math.round(elapsedMs / 100) / 10 : timeoutMs / 1000
}

const SENTENCES: Record<NetworkCode, (host: string, native: string, seconds: number) => string> = {
  HOST_NOT_FOUND: host => `The name ${host} could not be resolved.`,
  TIMEOUT: (host, native, seconds) =>
    `${host} ${native === CONNECT_TIMEOUT ? 'could not be connected to' : 'did not respond'} within ${seconds} s.`,
  TLS_UNTRUSTED: (host, native) => `The TLS certificate of ${host} is not trusted (${native}).`,
  TLS_NAME_MISMATCH: host => `The server at ${host} presents a TLS certificate for a different name.`,
  TLS_SERVER_EXPIRED: (host, native) =>
    `The TLS certificate of the server ${host} ${native === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}.`,
  TLS_FAILED: (host, native) => `Could not establish a TLS connection to ${host} (${native}).`,
  CONNECTION_FAILED: (host, native) =>
    native === 'ECONNREFUSED'
      ? `${host} refused the connection.`
      : `The connection to ${host} failed (${native || 'no reason given'}).`,
}

/** A request that got no response, in words. */
export function explainNetwork(error: unknown, host: string, { what, fixes }: Wording): ActionError {
  const native = nativeError(error)
  if (native instanceof ProxyFailure) return explainProxy(native, host)
  const meaning = meaningOf(nativeCode(native))
  const words = { what: what(shownCode(native), meaning), why: meaning.why, fix: fixOf(meaning, fixes) }
  return new ActionError(meaning.code, words, native)
}

/** The native code; for an objection its words, which say more. */
function shownCode(native: unknown): string {
  return native instanceof TlsObjection ? native.message : nativeCode(native)
}

function fixOf({ remedy }: Meaning, fixes: Fixes): string {
  return fixes[remedy] ?? SERVER_FIXES[remedy] ?? fixes.network
}

/** True when the next attempt would fail in the same way. */
export function isLasting(error: unknown): boolean {
  const native = nativeError(error)
  if (native instanceof ProxyFailure) return native.words.isLasting
  return isTooLarge(native) || meaningOf(nativeCode(native)).isLasting
}

/** What this side of a TLS connection objects to; its message is shown in place of the native code. */
export class TlsObjection extends Error {
  override readonly name = 'TlsObjection'
  readonly code: string

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause })
    this.code = code
  }
}

interface ProxyWords extends Pick<ErrorWords, 'why' | 'fix'> {
  isLasting: boolean
}

/** A proxy that opened no tunnel; the message completes a sentence with what it did instead. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure'
  readonly code = 'ERR_PROXY_FAILED'
  readonly words: ProxyWords

  constructor(message: string, words: ProxyWords, cause?: unknown) {
    super(message, { cause })
    this.words = words
  }
}

/** The same words for every host behind the proxy. */
function explainProxy(failure: ProxyFailure, host: string): ActionError {
  const what = `The proxy opened no connection to ${host}: ${failure.message}.`
  return new ActionError('PROXY_REFUSED', { what, ...failure.words }, failure)
}

const PROXY_FIXES: Fixes = {
  network: 'Check name, port and scheme (http:// or https://) in HTTPS_PROXY, and that the proxy runs.',
  trust:
    "Give that CA's certificate as 'ca-certificates', or write http:// in HTTPS_PROXY if the proxy speaks plain HTTP.",
  name: 'In HTTPS_PROXY, use a name that the certificate of the proxy lists.',
}

/** The proxy could not be reached, or not talked to. */
export function proxyUnusable({ host, protocol }: URL, cause: unknown): ProxyFailure {
  const code = nativeCode(cause)
  const meaning = meaningOf(code, `The ${protocol.slice(0, -1)} proxy`)
  const words = { ...meaning, fix: fixOf(meaning, PROXY_FIXES).replace('that server', 'that proxy') }
  return new ProxyFailure(`${host} could not be used: ${shownCode(cause) || 'no reason given'}`, words, cause)
}

/**
 * The proxy responded, but did not open a tunnel.
 * @param schemes the authentication schemes that it offers, in lower case
 */
export function proxyRefused(proxy: URL, status: number, schemes: string[]): ProxyFailure {
  const words = { isLasting: true, ...refusalWords(status, proxy, schemes) }
  return new ProxyFailure(`it responded with status ${status}`, words)
}

function refusalWords(status: number, proxy: URL, schemes: string[]) {
  if (status === 407) return authenticationWords(proxy, schemes)
  if (status >= 500) {
    return {
      why: 'The proxy itself cannot reach that host: it cannot resolve the name, a firewall blocks it, or it is overloaded.',
      fix: 'Ask the operator of the proxy whether it can reach the host. Add a host inside your own network to NO_PROXY instead.',
    }
  }
  return {
    why: 'The proxy does not allow this host or this port.',
    fix: 'Allow CONNECT to the host on the proxy that HTTPS_PROXY names, or add the host to NO_PROXY if it can be reached directly.',
  }
}

function authenticationWords({ username, password }: URL, schemes: string[]) {
  if (schemes.length > 0 && !schemes.includes('basic')) {
    return {
      why: `The proxy requires authentication by ${schemes.join(' or ')}; this action, like the runner, supports Basic only.`,
      fix: 'Have the proxy accept Basic authentication, or none, from this runner, or set HTTPS_PROXY to a local proxy that logs in to it.',
    }
  }
  if (username !== '' || password !== '') {
    return {
      why: 'The proxy does not accept the user name and password in HTTPS_PROXY.',
      fix: 'Check both in HTTPS_PROXY; write special characters percent-encoded (@ is %40, : is %3A).',
    }
  }
  return {
    why: 'The proxy requires a user name and password, and HTTPS_PROXY contains none.',
    fix: 'Set HTTPS_PROXY to a URL like http://user:password@proxy.example.com:3128, and keep it in a secret.',
  }
}
