// A TCP relay that puts a network's distance between a client and a server on the same machine.
//
// Every chunk arrives half a round trip after it was sent, in order, the end of the stream included. The kernel accepts a
// connection at once, where a real network takes a round trip; so nothing that the client sends counts as sent before a
// round trip has passed since the connection came in. For the server, and for every response that the client waits for, this
// is the same; only the client's own "connected" comes early. Bandwidth, loss and slow start are not imitated: everything
// here fits into one congestion window.
import { createServer, connect as openTcp, type Server, type Socket } from 'node:net'

export interface Passage {
  /** milliseconds of `performance.now()` at which the relay saw it */
  at: number
  connection: number
  what: 'connected' | 'sent' | 'answered' | 'closed'
  bytes: number
}

export interface Relay {
  port: number
  roundTripMs: number
  /** everything that passed through since it was last emptied */
  passages: Passage[]
  close(): void
}

export async function startRelay(targetPort: number): Promise<Relay> {
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true, allowHalfOpen: true })
  const relay: Relay = { port: 0, roundTripMs: 0, passages: [], close: () => close(server, open) }
  let connections = 0
  server.on('connection', client => {
    const upstream = openTcp({ host: '127.0.0.1', port: targetPort, noDelay: true, allowHalfOpen: true })
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
    join(client, upstream, relay, ++connections)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  relay.port = portOf(server)
  return relay
}

function join(client: Socket, upstream: Socket, relay: Relay, connection: number): void {
  const note = (what: Passage['what'], bytes = 0) =>
    relay.passages.push({ at: performance.now(), connection, what, bytes })
  const connectedAt = performance.now() + relay.roundTripMs
  note('connected')
  client.on('data', chunk => note('sent', chunk.length)).once('close', () => note('closed'))
  upstream.on('data', chunk => note('answered', chunk.length))
  forward(client, upstream, () => Math.max(performance.now(), connectedAt) + relay.roundTripMs / 2)
  forward(upstream, client, () => performance.now() + relay.roundTripMs / 2)
}

/** Forwards what `from` sends, each chunk at the time that `arrival` returns when it comes in. */
function forward(from: Socket, to: Socket, arrival: () => number): void {
  const deliver = inOrder()
  from.on('data', chunk => deliver(arrival(), () => to.writable && to.write(chunk)))
  from.on('end', () => deliver(arrival(), () => to.end()))
  from.on('error', () => to.destroy())
}

/** Runs actions at their times, but never one before those that came in earlier. */
function inOrder(): (at: number, act: () => void) => void {
  const waiting: { at: number; act: () => void }[] = []
  const runDue = () => {
    for (let first = waiting[0]; first !== undefined && first.at <= performance.now(); first = waiting[0]) {
      waiting.shift()
      first.act()
    }
    if (waiting[0] !== undefined) setTimeout(runDue, Math.max(0, waiting[0].at - performance.now()))
  }
  return (at, act) => {
    waiting.push({ at, act })
    if (waiting.length === 1) runDue()
  }
}

function close(server: Server, open: Set<Socket>): void {
  server.close()
  for (const socket of open) socket.destroy()
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay has no port')
  return address.port
}
