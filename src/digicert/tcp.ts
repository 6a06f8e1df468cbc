/** Connecting. Imports no TLS: a connection is begun before that is loaded. */
import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { proxyFor } from './proxy.ts'

/** On its way to the host that is asked first. */
export interface BegunConnection {
  origin: string
  socket: Promise<Socket>
}

/** A TCP connection to the origin, through the proxy that the environment names for it. */
export async function openTcp(url: URL, caCertificates: string[]): Promise<Socket> {
  const proxy = proxyFor(url.origin)
  if (proxy !== undefined) {
    const { openTunnel } = await import(/* webpackMode: "eager" */ './tunnel.ts')
    return await openTunnel(proxy, url, caCertificates)
  }
  return await new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: bare(url.hostname),
      port: Number(url.port || 443),
      noDelay: true,
      ...(isLocalhostName(url.hostname) ? { lookup: lookupLoopback } : {}),
    })
    // Stays for the socket's life: an idle connection that breaks is opened again when it is needed.
    socket.on('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

export function withCode(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** RFC 6761 §6.3: names under `.localhost` are loopback, which not every system's resolver knows. */
function isLocalhostName(hostname: string): boolean {
  return hostname.endsWith('.localhost')
}

const lookupLoopback: LookupFunction = (_hostname, options, done) => {
  if (options.all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

/** An IPv6 address without the brackets that a URL wraps it in. */
export function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
