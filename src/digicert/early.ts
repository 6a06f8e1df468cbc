import type { Socket } from 'node:net'
import { parseHosts } from './hosts.ts'
import { proxyFor } from './proxy.ts'
import { openTcp } from './sockets.ts'

/** A TCP connection that was begun before anything else was known or loaded. */
export interface EarlyConnection {
  origin: string
  socket: Promise<Socket>
}

/**
 * Begins to connect to the host that is asked first: the API to issue, the clientauth host for a stored P12.
 * @returns undefined behind a proxy, and for inputs that are not valid, which is for their own check to say
 */
export function connectEarly(
  first: 'api' | 'clientauth',
  host: string,
  clientauthHost: string,
): EarlyConnection | undefined {
  try {
    const origin = parseHosts(host, clientauthHost)[first]
    if (proxyFor(origin) !== undefined) return undefined
    const socket = openTcp(new URL(origin), [])
    socket.catch(() => undefined)
    return { origin, socket }
  } catch {
    return undefined
  }
}
