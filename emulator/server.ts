import { once } from 'node:events'
import https from 'node:https'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { readServerName } from './client-hello.ts'
import { type Connection, exchange } from './exchange.ts'
import type { FaultBook } from './faults.ts'
import { TRANSPORT_VERDICTS } from './handlers.ts'
import { type ConnectionCounters, type LoggedRequest, newCounters } from './log.ts'
import { judgeClientCertificate } from './mtls.ts'
import type { HostKind } from './request.ts'
import type { ServerCertificate } from './server-certificates.ts'
import type { World } from './world.ts'

export interface ServerOptions {
  port: number
  /** undefined: both names share one port */
  clientauthPort: number | undefined
  clientauthHost: string
  certificates: Record<HostKind, ServerCertificate>
  maxTlsVersion: 'TLSv1.2' | 'TLSv1.3'
  onRequest(entry: LoggedRequest): void
}

export interface RunningServer {
  port: number
  clientauthPort: number
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
  /** open connections by both ports, the only thing that a raw socket and its TLS socket both know */
  connections: Map<string, Connection>
  closing: AbortController
}

/**
 * One port, two names: a plain TCP front reads the name out of the ClientHello and hands the socket to that name's
 * server. With a separate port for the mTLS host, the port alone decides, and the names may be the same.
 */
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
  const { port, clientauthPort, clientauthHost } = options
  const fronts: net.Server[] = []
  const open = async (at: number, hostOf: (name: string) => HostKind) => {
    const front = net.createServer(socket => {
      accept(context, socket)
      void dispatch(context, socket, servers, hostOf)
    })
    front.listen(at, '127.0.0.1')
    fronts.push(front)
    await once(front, 'listening')
    return (front.address() as AddressInfo).port
  }
  const shared = clientauthPort === undefined
  const apiPort = await open(port, name => (shared && name === clientauthHost ? 'clientauth' : 'api'))
  return {
    port: apiPort,
    clientauthPort: shared ? apiPort : await open(clientauthPort, () => 'clientauth'),
    requests: context.requests,
    counters: context.counters,
    close: () => close(context, fronts),
  }
}

function accept({ counters, connections }: Context, socket: Socket): void {
  counters.accepted += 1
  counters.open += 1
  const ports = portsOf(socket)
  const connection = { id: counters.accepted, socket }
  connections.set(ports, connection)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    counters.open -= 1
    if (connections.get(ports) === connection) connections.delete(ports)
  })
}

function portsOf({ localPort, remotePort }: Socket): string {
  return `${localPort} ${remotePort}`
}

async function dispatch(
  { world }: Context,
  socket: Socket,
  servers: Record<HostKind | 'strict', https.Server>,
  hostOf: (name: string) => HostKind,
): Promise<void> {
  const name = await readServerName(socket)
  if (name === undefined) return void socket.destroy()
  if (hostOf(name) === 'api') return void servers.api.emit('connection', socket)
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
    const connection = context.connections.get(portsOf(incoming.socket))
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

/** Node itself refused what is missing or foreign; it does not know the emulator's clock. */
function refuseInHandshake(world: World, socket: TLSSocket): void {
  const { verdict } = judgeClientCertificate(world, socket.getPeerX509Certificate()?.raw)
  if (TRANSPORT_VERDICTS.includes(verdict)) socket.destroy()
}

async function close({ closing, faults, connections }: Context, fronts: net.Server[]): Promise<void> {
  closing.abort()
  faults.clear()
  const closed = fronts
    .filter(front => front.listening)
    .map(front => {
      front.close()
      return once(front, 'close')
    })
  for (const { socket } of connections.values()) socket.destroy()
  await Promise.all(closed)
}
