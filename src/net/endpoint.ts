import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { ActionError } from '../errors.ts'
import { Deadline } from './deadline.ts'
import { exchange, type HttpAnswer, type HttpRequest, type HttpResponse } from './exchange.ts'
import { isOfUnknownCa, mayBeTrustedByOthers } from './native-codes.ts'
import { sortGiven } from './roots.ts'
import { openRoute } from './route.ts'
import {
  connectTimeout,
  type Identity,
  type Roots,
  rootsInTurn,
  startTls,
  stillOpen,
  withinTimeout,
} from './sockets.ts'

export type { HttpRequest, HttpResponse } from './exchange.ts'
export type { Identity } from './sockets.ts'

export interface EndpointOptions {
  /** PEM certificates trusted in addition to Node's roots, `NODE_EXTRA_CA_CERTS` and the operating system's. */
  caCertificates: string[]
  /** Milliseconds for one request, from connecting to the last byte of the response; for one in pieces, to each MiB. */
  timeoutMs: number
  /** For downloads: milliseconds for a whole request; `timeoutMs` is then how long nothing may arrive. */
  transferMs?: number
  /** What requests present; by default nothing. */
  identity?: Identity | undefined
  /** A TCP connection that was begun before, as `beginRoute` begins one. */
  begun?: Promise<Socket> | undefined
}

/** A request that got no complete response. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError'
  /** False only when it is certain that the server never saw the request. */
  readonly mayHaveArrived: boolean
  /** Milliseconds from the request to its failure. */
  readonly elapsedMs: number

  constructor(mayHaveArrived: boolean, cause: unknown, elapsedMs = 0) {
    super('no complete response', { cause })
    this.mayHaveArrived = mayHaveArrived
    this.elapsedMs = elapsedMs
  }
}

/** A connection that was idle for so long may have been dropped in between without notice. */
const LONGEST_IDLE_MS = 4_000
/** How long a TLS alert may come after the connection was closed. */
const ALERT_WITHIN_MS = 100

/**
 * One https origin and the connection to it. Connecting can begin before there is anything to send (`begun`, `open`),
 * so that it overlaps other work; the first request then takes the socket that is already there.
 */
export class Endpoint {
  readonly origin: string
  readonly identity: Identity | undefined
  readonly #url: URL
  readonly #options: EndpointOptions
  /** Keeps the one connection open from request to request. */
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: LONGEST_IDLE_MS })
  readonly #outdated: string[]
  /** Those still worth trying. */
  #roots: (() => Roots)[]
  #tcp: Promise<Socket> | undefined
  #tls: Promise<TLSSocket> | undefined
  #socket: TLSSocket | undefined
  #socketError: Error | undefined

  constructor(origin: string, options: EndpointOptions) {
    this.origin = origin
    this.#url = new URL(origin)
    this.#options = options
    const given = sortGiven(options.caCertificates)
    this.#outdated = given.outdated
    this.#roots = rootsInTurn(given)
    this.#tcp = options.begun
    this.identity = options.identity
    this.#agent.createConnection = (_options, done) => {
      this.#takeSocket().then(
        socket => done?.(null, socket),
        (error: Error) => done?.(error, undefined as never),
      )
      return undefined
    }
  }

  /**
   * Begins the TLS connection. Failures surface with the first request.
   * @returns resolves once the handshake can start, before this thread is busy again
   */
  async open(): Promise<void> {
    this.#tls ??= this.#openTls()
    this.#tls.catch(() => undefined)
    await nextTurn()
  }

  /**
   * Sends one request and reads the whole response. Redirects are not followed.
   * @throws ExchangeError
   */
  async request(request: HttpRequest): Promise<HttpResponse> {
    return await this.exchange(request, async ({ status, headers, text }) => ({
      status,
      headers,
      body: await text(),
    }))
  }

  /**
   * Sends one request and passes the response to `read` as it arrives; after one whose `chunks` are not read to the end,
   * close the endpoint. An ActionError of `read` is passed on as is.
   * @throws ExchangeError
   */
  async exchange<T>(request: HttpRequest, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const { timeoutMs, transferMs } = this.#options
    // Not by `performance`, whose modules take 2 ms to load.
    const began = process.hrtime.bigint()
    const before = this.#socket
    const connected = before !== undefined && !before.destroyed
    const limits =
      transferMs === undefined
        ? { deadline: new Deadline(timeoutMs) }
        : { deadline: new Deadline(transferMs), idleMs: timeoutMs }
    // The request is made while the server is at work on the handshake.
    if (!connected) await this.open()
    try {
      return await exchange({ url: this.#url, agent: this.#agent, ...limits }, request, read)
    } catch (error) {
      if (error instanceof ActionError) throw error
      // Without a connection, old or new, nothing was sent.
      const sent = connected || this.#socket !== before
      const cause = !sent && error === limits.deadline.reason ? connectTimeout() : error
      const elapsedMs = Number(process.hrtime.bigint() - began) / 1e6
      throw new ExchangeError(sent, await this.#alertBehind(cause), elapsedMs)
    }
  }

  /** Drops the connection and any request on it. */
  async close(): Promise<void> {
    this.#agent.destroy()
    for (const pending of [this.#tls, this.#tcp]) {
      pending?.then(socket => socket.destroy()).catch(() => undefined)
    }
  }

  /** The connection made ahead, or else one made now. One that failed is not what the next attempt gets. */
  async #takeSocket(): Promise<TLSSocket> {
    const prepared = this.#tls
    this.#tls = undefined
    this.#socket = await stillOpen(prepared, () => this.#openTls())
    return this.#socket
  }

  #openTcp(): Promise<Socket> {
    return openRoute(this.#url, this.#options.caCertificates)
  }

  #openTls(): Promise<TLSSocket> {
    const prepared = this.#tcp
    this.#tcp = undefined
    const handshake = this.#handshake(stillOpen(prepared, () => this.#openTcp()))
    return withinTimeout(handshake, this.#options.timeoutMs)
  }

  /**
   * With the first set of trust anchors, and where that does not vouch for the server with the next one. When none does,
   * the most telling error is that of the first that knew more than that the CA is unknown.
   */
  async #handshake(tcp: Promise<Socket>): Promise<TLSSocket> {
    const [roots, next] = this.#roots
    try {
      return await this.#startTls(await tcp, roots?.() ?? {})
    } catch (error) {
      if (next === undefined || !mayBeTrustedByOthers(error)) throw error
      this.#roots = this.#roots.slice(1)
      return await this.#handshake(this.#openTcp()).catch(later => {
        throw isOfUnknownCa(later) ? error : later
      })
    }
  }

  #startTls(tcp: Socket, roots: Roots): Promise<TLSSocket> {
    this.#socketError = undefined
    return startTls(tcp, this.#url, {
      roots,
      outdated: this.#outdated,
      identity: this.identity,
      // With TLS 1.3 a client certificate is refused after the handshake, by an alert that only the socket shows.
      // Only the first error counts: the code that then gives up on the socket may destroy it with an error of its own.
      onError: error => {
        this.#socketError ??= error
      },
    })
  }

  /** The TLS alert behind a connection that was closed without a response, if there was one. */
  async #alertBehind(error: unknown): Promise<unknown> {
    const socket = this.#socket
    if (socket !== undefined && !socket.closed && (error as { code?: string }).code === 'ECONNRESET') {
      await Promise.race([
        new Promise(resolve => socket.once('close', resolve)),
        new Promise(resolve => setTimeout(resolve, ALERT_WITHIN_MS)),
      ])
    }
    const alert = this.#socketError as { code?: string } | undefined
    this.#socketError = undefined
    return alert?.code?.startsWith('ERR_SSL') ? alert : error
  }
}
