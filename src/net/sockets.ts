import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls'
import { bare, isAddress } from './address.ts'
import { caCertificates } from './ca-lists.ts'
import { CONNECT_TIMEOUT } from './native-codes.ts'
import { knownRoots } from './roots.ts'
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

/** Trust anchors as node:tls takes them; `{}` is Node's own list with `NODE_EXTRA_CA_CERTS`. */
export interface Roots {
  ca?: string[]
}

/**
 * The trust anchors to try, one set after the other: the given ones, then with Node's own, then with the operating
 * system's. All of them are trusted; the order is for speed, because reading Node's takes some 15 ms for each
 * connection and the system's some 60 ms, and mostly the first set knows the server.
 */
export function rootsInTurn(given: string[]): (() => Roots)[] {
  const nodes = () => (given.length === 0 ? {} : { ca: [...caCertificates('default'), ...given] })
  const all = allRoots(given)
  return given.length === 0 ? [nodes, all] : [() => ({ ca: given }), nodes, all]
}

/** All trust anchors there are, for what is connected to but once. */
export function allRoots(given: string[]): () => Roots {
  return () => ({ ca: [...knownRoots(), ...given] })
}

/**
 * The TLS connection over a TCP connection.
 * @param onError told of every error of the connection, also of those after the handshake
 */
export function startTls(
  tcp: Socket,
  url: URL,
  how: { roots: Roots; identity: Identity | undefined; onError: (error: Error) => void },
): Promise<TLSSocket> {
  const host = bare(url.hostname)
  const options = {
    socket: tcp,
    secureContext: createSecureContext({ ...how.roots, ...how.identity, ...TLS }),
    ALPNProtocols: ['http/1.1'],
    host,
    rejectUnauthorized: TLS.rejectUnauthorized,
    ...(isAddress(url.hostname) ? {} : { servername: host }),
  }
  return new Promise((resolve, reject) => {
    const socket = connectTls(options, () => resolve(socket))
    socket.on('error', how.onError)
    socket.once('error', reject)
    socket.once('close', () => reject(withCode('ECONNRESET', 'closed during the TLS handshake')))
  })
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
