import { connect as connectTcp, type Socket } from 'node:net'
import { bare } from './address.ts'

/** A TCP connection to the origin itself. */
export function openTcp({ hostname, port }: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: isLocalhostName(hostname) ? '127.0.0.1' : bare(hostname),
      port: Number(port || 443),
      noDelay: true,
    })
    // Stays for the socket's life: an idle connection that breaks is opened again when it is needed.
    socket.on('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** RFC 6761 §6.3: names under `.localhost` are loopback, which not every system's resolver knows. */
function isLocalhostName(hostname: string): boolean {
  return hostname.endsWith('.localhost')
}
