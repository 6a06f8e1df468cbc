import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { readServerName } from './client-hello.ts'
import { type Connection, exchange } from './exchange.ts'
import type { FaultBook } from './faults.ts'
import { type HostKind, TRANSPORT_VERDICTS } from './handlers.ts'
import { type ConnectionCounters, type LoggedRequest, newCounters } from './log.ts'
import { judgeClientCertificate } from './mtls.ts'
import type { ServerCertificate } from './server-certificates.ts'
import type { World } from './world.ts'

export interface ServerOptions {
  port: number
  clientauthHost: string
  certificates: Record<HostKind, ServerCertificate>
  maxTlsVersion: 'TLSv1.2' | 'TLSv1.3'
  onRequest(entry: LoggedRequest): void
}

export interface RunningServer {
  port: number
  requests: LoggedRequest[]
  counters: ConnectionCounters
  close(): Promise<void>
}

/** Everything that the parts of the running server share. */
interface Context {
  world: World
  faults: FaultBook
  options: ServerOptions
  requests: LoggedRequest[]
  counters: ConnectionCounters
  /** open connections by the client's port, the one thing that a raw socket and the TLS socket on it both know */
  connections: Map<number, Connection>
  closing: AbortController
}

/** One port, two names: a plain TCP front reads the name out of the ClientHello and hands the socket to that name's server. */
export async function startServer(
  world: World,
  faults: FaultBook,
  options: ServerOptions,
): Promise<RunningServer> {
  const context: Context = {
    world,
    faults,
    options,
    requests: [],
    counters: newCounters(),
    connections: new Map(),
    closing: new AbortController(),
  }
  const servers = {
    api: tlsServer(context, 'api', { requestCert: false }),
    clientauth: tlsServer(context, 'clientauth', { requestCert: true, rejectUnauthorized: false }),
    strict: tlsServer(context, 'clientauth', { requestCert: true, rejectUnauthorized: true }),
  }
  servers.strict.on('secureConnection', socket => refuseInHandshake(world, socket))
  const front = net.createServer(socket => {
    accept(context, socket)
    void dispatch(context, socket, servers)
  })
  front.listen(options.port, '127.0.0.1')
  await once(front, 'listening')
  return {
    port: (front.address() as AddressInfo).port,
    requests: context.requests,
    counters: context.counters,
    close: () => close(context, front),
  }
}

function accept({ counters, connections }: Context, socket: Socket): void {
  counters.accepted += 1
  counters.open += 1
  const port = socket.remotePort ?? 0
  const connection = { id: counters.accepted, socket }
  connections.set(port, connection)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    counters.open -= 1
    if (connections.get(port) === connection) connections.delete(port)
  })
}

async function dispatch(
  { world, options }: Context,
  socket: Socket,
  servers: Record<HostKind | 'strict', https.Server>,
): Promise<void> {
  const name = await readServerName(socket)
  if (name === undefined) return void socket.destroy()
  if (name !== options.clientauthHost) return void servers.api.emit('connection', socket)
  const strict = world.settings.refuseCertificatesIn === 'handshake'
  servers[strict ? 'strict' : 'clientauth'].emit('connection', socket)
}

function tlsServer(
  context: Context,
  host: HostKind,
  mode: { requestCert: boolean; rejectUnauthorized?: boolean },
): https.Server {
  const { options, counters } = context
  const server = https.createServer({
    ...options.certificates[host],
    ...mode,
    ca: [...context.world.authority.chainPem],
    minVersion: 'TLSv1.2',
    maxVersion: options.maxTlsVersion,
  })
  server.on('secureConnection', socket => {
    counters.handshakes += 1
    if (socket.isSessionReused()) counters.resumed += 1
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    counters.failures.push(error.code ?? error.message)
  })
  server.on('request', (incoming, response) => {
    const connection = context.connections.get(incoming.socket.remotePort ?? 0)
    if (connection === undefined) return void incoming.destroy()
    const { world, faults, requests, closing } = context
    const { onRequest } = options
    const signal = closing.signal
    void exchange(
      { world, faults, requests, host, connection, onRequest, closing: signal },
      incoming,
      response,
    )
  })
  return server
}

/** Node itself refused what is missing or foreign; the emulator's clock is what it does not know. */
function refuseInHandshake(world: World, socket: TLSSocket): void {
  const { verdict } = judgeClientCertificate(world, socket.getPeerX509Certificate()?.raw)
  if (TRANSPORT_VERDICTS.includes(verdict)) socket.destroy()
}

async function close({ closing, faults, connections }: Context, front: net.Server): Promise<void> {
  if (!front.listening) return
  closing.abort()
  faults.clear()
  const closed = once(front, 'close')
  front.close()
  for (const { socket } of connections.values()) socket.destroy()
  await closed
}
