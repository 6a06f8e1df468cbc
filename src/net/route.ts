import type { Socket } from 'node:net'
import { proxyFor } from './proxy.ts'
import { withinTimeout } from './sockets.ts'
import { openTcp } from './tcp.ts'
import { openTunnel } from './tunnel.ts'

/** A connection to the origin, through the proxy that the environment names for it. */
export async function openRoute(url: URL, caCertificates: string[]): Promise<Socket> {
  const proxy = proxyFor(url.origin)
  return await (proxy === undefined ? openTcp(url) : openTunnel(proxy, url, caCertificates))
}

/**
 * A connection to the origin that starts before it is needed. One that fails, or takes longer than `timeoutMs`, does so
 * where it is used.
 * @param tcp one that has already been started
 */
export function beginRoute(
  origin: string,
  { caCertificates, timeoutMs }: { caCertificates: string[]; timeoutMs: number },
  tcp: Promise<Socket> = openRoute(new URL(origin), caCertificates),
): Promise<Socket> {
  const begun = withinTimeout(tcp, timeoutMs)
  begun.catch(() => undefined)
  return begun
}
