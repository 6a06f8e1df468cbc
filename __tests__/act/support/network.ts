// The network of a self-hosted runner behind a proxy: the only way out, on 127.0.0.1, which knows a handful of names.
// So workflows can say one.digicert.com and api.github.com, unchanged, and nothing leaves this machine.
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'

export interface Network {
  /** for HTTPS_PROXY */
  url: string
  port: number
  /** what was requested and does not exist, as `host:port` or a URL */
  refused: string[]
  close(): Promise<void>
}

export interface Routes {
  /** `host:port` of a CONNECT, to a port on 127.0.0.1 */
  tunnels: Record<string, number>
  /** hosts that get plain HTTP */
  plain: Record<string, RequestListener>
}

export async function startNetwork({ tunnels, plain }: Routes): Promise<Network> {
  const refused: string[] = []
  const sockets = new Set<net.Socket>()
  const server = http.createServer((request, response) => {
    const listener = plain[URL.parse(request.url ?? '')?.host ?? '']
    if (listener !== undefined) return listener(request, response)
    refused.push(request.url ?? '')
    response.writeHead(403).end()
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('connect', ({ url = '' }, socket: net.Socket) => {
    socket.on('error', () => undefined)
    const port = tunnels[url]
    if (port === undefined) {
      refused.push(url)
      return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    }
    const upstream = net.connect(port, '127.0.0.1')
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    upstream.pipe(socket).pipe(upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    refused,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
