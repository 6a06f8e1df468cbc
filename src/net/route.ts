import type { Socket } from 'node:net'
import { proxyFor } from './proxy.ts'
import { openTcp } from './tcp.ts'
import { openTunnel } from './tunnel.ts'

/** A connection to the origin, through the proxy that the environment names for it. */
export async function openRoute(url: URL, caCertificates: string[]): Promise<Socket> {
  const proxy = proxyFor(url.origin)
  return await (proxy === undefined ? openTcp(url) : openTunnel(proxy, url, caCertificates))
}
