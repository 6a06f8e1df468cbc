import { ADDRCONFIG, type LookupAddress, lookup } from 'node:dns'
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { bare } from './address.ts'
import { hasNoRoute } from './native-codes.ts'

/**
 * How long an attempt runs alone (RFC 8305 §5). It then continues beside the next, as in curl. Node's own
 * way gives it up after 250 ms, so that behind a longer round trip none is ever completed.
 */
const NEXT_ATTEMPT_AFTER_MS = 200

/** A TCP connection to the host and port of a URL itself. */
export async function openTcp({ hostname, port, protocol }: URL): Promise<Socket> {
  const addresses = inTurn(await addressesOf(bare(hostname)))
  return await firstConnected(addresses, Number(port || (protocol === 'http:' ? 80 : 443)))
}

function addressesOf(host: string): Promise<LookupAddress[]> {
  if (isLocalhostName(host)) return Promise.resolve([{ address: '127.0.0.1', family: 4 }])
  // As node:net has it: no IPv6 addresses where this machine has none itself, unless it is Windows.
  const hints = process.platform === 'win32' ? 0 : ADDRCONFIG
  return new Promise((resolve, reject) =>
    lookup(host, { all: true, hints }, (error, found) => (error === null ? resolve(found) : reject(error))),
  )
}

/** RFC 6761 §6.3: names under `.localhost` are loopback, which not every system's resolver knows. */
function isLocalhostName(hostname: string): boolean {
  return hostname.endsWith('.localhost')
}

/** RFC 8305 §4: the families take turns, beginning with the one that the system prefers. */
export function inTurn(found: LookupAddress[]): string[] {
  const preferred = found.filter(({ family }) => family === found[0]?.family)
  const other = found.filter(({ family }) => family !== found[0]?.family)
  const pairs = found.map((_, index) => [preferred[index], other[index]])
  return pairs.flat().flatMap(entry => (entry === undefined ? [] : [entry.address]))
}

/** The first that connects wins. The next begins when the last one begun has failed, or has had its time. */
export function firstConnected(
  addresses: string[],
  port: number,
  connect: (to: TcpNetConnectOpts) => Socket = connectTcp,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const rest = addresses[Symbol.iterator]()
    const open = new Set<Socket>()
    const errors: Error[] = []
    let timer: NodeJS.Timeout | undefined
    const next = () => {
      clearTimeout(timer)
      const { value: host, done } = rest.next()
      if (done) {
        if (open.size === 0) reject(mostTelling(errors))
        return
      }
      const socket = connect({ host, port, noDelay: true })
      open.add(socket)
      // Stays for the socket's life: an idle connection that breaks is opened again when it is needed.
      socket.on('error', error => {
        errors.push(error)
        if (open.delete(socket)) next()
      })
      socket.once('connect', () => {
        clearTimeout(timer)
        for (const late of open) if (late !== socket) late.destroy()
        open.clear()
        resolve(socket)
      })
      timer = setTimeout(next, NEXT_ATTEMPT_AFTER_MS)
    }
    next()
  })
}

/** An address of a family that this network does not have says nothing of the host. */
function mostTelling(errors: Error[]): Error | undefined {
  return errors.find(error => !hasNoRoute(error)) ?? errors[0]
}
