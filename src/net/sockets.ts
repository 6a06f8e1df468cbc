import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { bare, isAddress } from './address.ts'
import { caCertificates } from './ca-lists.ts'
import { CONNECT_TIMEOUT } from './native-codes.ts'
import { objectionInHandshake, objectionToIdentity, watchForOutdatedCa } from './objections.ts'
import { type Given, knownRoots } from './roots.ts'
import { TLS } from './tls.ts'

/** An error like those of Node's own network modules, which tell by their code what happened. */
export function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

export function connectTimeout(): Error {
  return withCode(CONNECT_TIMEOUT, 'no connection in time')
}

/** What the client shows in the TLS handshake: its private key, and its certificate with the chain, in PEM. */
export interface Identity {
  key: string
  cert: string
}

/** Trust anchors as node:tls takes them; without `ca`, Node's own list with `NODE_EXTRA_CA_CERTS`. */
export interface Roots {
  ca?: string[]
}

/**
 * The trust anchors to try, one set after the other: the given ones, then with Node's own, then with the operating
 * system's. All of them are trusted; the order is for speed, because reading Node's takes some 15 ms for each
 * connection and the system's some 60 ms, and mostly the first set knows the server. The last is without the given
 * ones, which may have the name of a CA that is known, and another key.
 */
export function rootsInTurn({ usable }: Given): (() => Roots)[] {
  const known = () => ({ ca: knownRoots() })
  if (usable.length === 0) return [() => ({}), known]
  const nodes = () => ({ ca: [...caCertificates('default'), ...usable] })
  return [() => ({ ca: usable }), nodes, allRoots(usable), known]
}

/** All trust anchors there are, for what is connected to but once. */
export function allRoots(usable: string[]): () => Roots {
  return () => ({ ca: [...knownRoots(), ...usable] })
}

/**
 * The TLS connection over a TCP connection.
 * @param onError told of every error of the connection, also of those after the handshake
 */
export function startTls(
  tcp: Socket,
  url: URL,
  how: {
    roots: Roots
    /** What was given beside these, and is outside its dates. */
    outdated: string[]
    identity: Identity | undefined
    onError: (error: Error) => void
  },
): Promise<TLSSocket> {
  const host = bare(url.hostname)
  const options = {
    socket: tcp,
    secureContext: secureContext(how.roots, how.identity),
    ALPNProtocols: ['http/1.1'],
    host,
    rejectUnauthorized: TLS.rejectUnauthorized,
    ...(isAddress(url.hostname) ? {} : { servername: host }),
  }
  return new Promise((resolve, reject) => {
    const socket = connectTls(options, () => resolve(socket))
    const aboutCa = watchForOutdatedCa(socket, how.outdated)
    socket.on('error', native => {
      const error = aboutCa(objectionInHandshake(native, how.identity?.cert, how.roots.ca ?? []))
      how.onError(error)
      reject(error)
    })
    socket.once('close', () => reject(withCode('ECONNRESET', 'closed during the TLS handshake')))
  })
}

/** @throws TlsObjection to the client certificate, its key or its chain */
function secureContext(roots: Roots, identity: Identity | undefined): SecureContext {
  try {
    return createSecureContext({ ...roots, ...identity, ...TLS })
  } catch (error) {
    throw identity === undefined ? error : objectionToIdentity(identity.cert, error)
  }
}

/** A connection made ahead, unless there is none or the server closed it while it was idle. */
export async function stillOpen<T extends Socket>(
  prepared: Promise<T> | undefined,
  open: () => Promise<T>,
): Promise<T> {
  const socket = await prepared
  return socket === undefined || socket.destroyed || socket.readableEnded ? await open() : socket
}

/** @throws Error with code CONNECT_TIMEOUT; a connection that comes too late is closed */
export function withinTimeout<T extends Socket>(pending: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(connectTimeout())
      pending.then(socket => socket.destroy()).catch(() => undefined)
    }, timeoutMs)
    pending.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
