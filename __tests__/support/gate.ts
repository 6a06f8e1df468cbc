// A TCP front for a server that passes connections through until a test says what happens to the next ones.
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** What happens to a connection: another server behind the same port, or one of these. */
export type Fate = { port: number } | 'silence' | 'reset' | 'plain HTTP'

/** How long a client may take to notice that a connection is closed. */
const PATIENCE_MS = 2_000

export class Gate {
  readonly port: number
  readonly #server: net.Server
  readonly #behind: number
  readonly #sockets = new Set<Socket>()
  /** The clients' sockets, and the servers' sockets behind them. */
  readonly #clients = new Map<Socket, Socket | undefined>()
  #fate: Fate | 'refuse' | undefined
  #times = 0
  #delayMs = 0
  /** Connections that were met with silence. */
  silenced = 0

  private constructor(server: net.Server, behind: number) {
    this.#server = server
    this.#behind = behind
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => this.#accept(socket))
  }

  static async open(behind: number): Promise<Gate> {
    const server = net.createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Gate(server, behind)
  }

  /** The next connections fail like this, and those that are open are closed when this returns. */
  async arm(fate: Fate | 'refuse', times: number): Promise<void> {
    this.#fate = fate
    this.#times = times
    if (fate === 'refuse') this.#server.close()
    await this.#endAll()
  }

  /** New connections reach the server only after this many milliseconds. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Everything passes through again. */
  async disarm(): Promise<void> {
    this.#fate = undefined
    this.#delayMs = 0
    await this.#endAll()
    if (this.#server.listening) return
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  /** A client that closes its side too knows that the connection is gone, and sends no request into it. */
  async #endAll(): Promise<void> {
    await Promise.all(
      [...this.#clients].map(async ([client, inner]) => {
        // What is still on its way from the server would be written after the close.
        inner?.unpipe(client)
        const closed = new Promise(resolve => client.once('close', resolve))
        client.end()
        const late = setTimeout(() => client.destroy(), PATIENCE_MS)
        await closed
        clearTimeout(late)
      }),
    )
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(socket: Socket): void {
    this.#clients.set(this.#track(socket), undefined)
    socket.once('close', () => this.#clients.delete(socket))
    const fate = this.#times > 0 ? this.#fate : undefined
    if (fate !== undefined) this.#times--
    if (fate === 'silence') {
      this.silenced++
      return void socket.resume()
    }
    if (fate === 'reset') return void socket.once('data', () => socket.resetAndDestroy())
    if (fate === 'plain HTTP') return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    const port = typeof fate === 'object' ? fate.port : this.#behind
    setTimeout(() => this.#pass(socket, port), this.#delayMs)
  }

  #pass(socket: Socket, port: number): void {
    if (socket.destroyed) return
    const inner = this.#track(net.connect({ port, host: '127.0.0.1', noDelay: true }))
    this.#clients.set(socket, inner)
    socket.setNoDelay(true)
    socket.pipe(inner).pipe(socket)
    // A reset of one side is a reset of the other: nothing in between may look like a clean close.
    inner.once('error', () => socket.resetAndDestroy())
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const)
      one.once('close', () => other.destroy())
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}
