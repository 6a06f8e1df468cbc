// TLS servers that behave as a test says, where the emulator is too well-behaved.
import 'reflect-metadata'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createAuthority } from '../../emulator/ca.ts'
import { generateKeys, spkiDer } from '../../emulator/keys.ts'

const DAY = 86_400_000

export interface TlsServer {
  port: number
  caPem: string
  /** TLS connections that completed their handshake. */
  connections: number
  requests: string[]
  /** Resolves with the first TLS connection. */
  connected: Promise<void>
  /** Closes every connection cleanly; resolves when the other side has closed it too. */
  drop(): Promise<void>
  close(): void
}

/** Listens on 127.0.0.1, or `::1`; its certificate names localhost, clientauth.localhost and both addresses. */
export async function startTlsServer(
  listener: RequestListener,
  options: https.ServerOptions & { address?: string } = {},
): Promise<TlsServer> {
  const authority = await createAuthority({ commonName: 'Test server CA', key: 'ec' })
  const { privateKeyPem, publicKey } = await generateKeys('ec-p256')
  const cert = await authority.issue({
    subject: 'CN=localhost',
    publicKey: spkiDer(publicKey),
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    usage: 'server',
    dnsNames: ['localhost', 'clientauth.localhost'],
    ipAddresses: ['127.0.0.1', '::1'],
  })
  const sockets = new Set<Duplex>()
  const connected = Promise.withResolvers<void>()
  const server = https.createServer({ key: privateKeyPem, cert, ...options }, (request, response) => {
    started.requests.push(`${request.method} ${request.url}`)
    listener(request, response)
  })
  const started: TlsServer = {
    port: 0,
    caPem: authority.certificatePem,
    connections: 0,
    requests: [],
    connected: connected.promise,
    drop: async () => {
      await Promise.all([...sockets].map(socket => endOf(socket)))
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  server.on('connection', socket => sockets.add(socket.on('error', () => undefined)))
  server.on('secureConnection', socket => {
    started.connections += 1
    connected.resolve()
    socket.on('error', () => undefined)
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, options.address ?? '127.0.0.1')
  await once(server, 'listening')
  started.port = (server.address() as AddressInfo).port
  return started
}

async function endOf(socket: Duplex): Promise<void> {
  socket.end()
  if (!socket.closed) await once(socket, 'close')
}
