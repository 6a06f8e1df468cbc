import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { FaultBook } from '../faults.ts'
import type { ServerCertificate } from '../server-certificates.ts'
import { exchange, type GithubLog } from './exchange.ts'
import type { GithubWorld } from './world.ts'

export interface GithubServerOptions {
  port: number
  /** undefined: plain HTTP */
  certificate: ServerCertificate | undefined
  onRequest(entry: GithubLog): void
}

export interface RunningGithubServer {
  port: number
  requests: GithubLog[]
  close(): Promise<void>
}

export async function startGithubServer(
  world: GithubWorld,
  faults: FaultBook,
  { port, certificate, onRequest }: GithubServerOptions,
): Promise<RunningGithubServer> {
  const requests: GithubLog[] = []
  const closing = new AbortController()
  const server = certificate === undefined ? http.createServer() : https.createServer(certificate)
  const sockets = trackSockets(server)
  const context = { world, faults, requests, onRequest, closing: closing.signal }
  server.on('request', (incoming, response) => {
    const socket = sockets.get(incoming.socket.remotePort ?? 0)
    if (socket === undefined) return void incoming.destroy()
    void exchange(context, socket, incoming, response)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    closing.abort()
    faults.clear()
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets.values()) socket.destroy()
    await closed
  }
  return { port: (server.address() as AddressInfo).port, requests, close }
}

/** The TCP sockets under TLS, by the client's port: only they can send a RST. */
function trackSockets(server: http.Server | https.Server): Map<number, Socket> {
  const sockets = new Map<number, Socket>()
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0
    sockets.set(port, socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (sockets.get(port) === socket) sockets.delete(port)
    })
  })
  return sockets
}
