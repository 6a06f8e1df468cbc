// An HTTP proxy that opens tunnels, to 127.0.0.1 whatever the name.
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'

export interface HttpProxy {
  port: number
  tunnels: string[]
  credentials: (string | undefined)[]
  /** The first tunnel there is opened, and broken soon after. */
  resetsTunnelTo: string
  close(): void
}

/** @param refuse the status that it responds with instead of opening a tunnel */
export async function startProxy(refuse?: number): Promise<HttpProxy> {
  const tunnels: string[] = []
  const credentials: (string | undefined)[] = []
  const server = http.createServer()
  const started: HttpProxy = {
    port: 0,
    tunnels,
    credentials,
    resetsTunnelTo: '',
    close: () => server.close(),
  }
  server.on('connect', (request, socket) => {
    socket.on('error', () => undefined)
    tunnels.push(request.url ?? '')
    credentials.push(request.headers['proxy-authorization'])
    if (refuse !== undefined) return socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 0\r\n\r\n`)
    const upstream = net.connect(portOf(request.url), '127.0.0.1').on('error', () => socket.destroy())
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    if (request.url === started.resetsTunnelTo) {
      started.resetsTunnelTo = ''
      setTimeout(() => (socket as net.Socket).resetAndDestroy(), 50)
    }
    upstream.pipe(socket).pipe(upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  started.port = (server.address() as AddressInfo).port
  return started
}

function portOf(authority = ''): number {
  return Number(authority.split(':').at(-1))
}
