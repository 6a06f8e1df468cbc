import { Socket, type TcpNetConnectOpts } from 'node:net'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { firstConnected, inTurn } from '../../../src/net/tcp.ts'

const A = '192.0.2.1'
const AAAA = '2001:db8::1'

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }))
afterEach(() => void jest.useRealTimers())

/** What happens to a connection to an address: it is made after this many milliseconds, fails with a code, or hangs. */
type Fate = number | string | undefined

function network(fates: Record<string, Fate>) {
  const begun: [address: string, ms: number][] = []
  const sockets = new Map<string, Socket>()
  const start = Date.now()
  const connect = ({ host = '' }: TcpNetConnectOpts) => {
    const socket = new Socket()
    begun.push([host, Date.now() - start])
    sockets.set(host, socket)
    const fate = fates[host]
    if (typeof fate === 'number') setTimeout(() => socket.destroyed || socket.emit('connect'), fate)
    if (typeof fate === 'string') {
      const [code, ms = 0] = fate.split(' after ')
      setTimeout(() => socket.destroy(Object.assign(new Error(code), { code })), Number(ms))
    }
    return socket
  }
  return { connect, begun, sockets, passed: () => Date.now() - start }
}

/** Which address won, and after how long; or the code of the error. */
async function outcome(addresses: string[], fates: Record<string, Fate>) {
  const net = network(fates)
  const nameOf = (winner: Socket) => [...net.sockets].find(([, socket]) => socket === winner)?.[0]
  const result = firstConnected(addresses, 443, net.connect).then(
    winner => ({ winner: nameOf(winner), code: undefined, ms: net.passed() }),
    ({ code }: NodeJS.ErrnoException) => ({ winner: undefined, code, ms: net.passed() }),
  )
  await jest.advanceTimersByTimeAsync(60_000)
  return { ...net, ...(await result) }
}

describe('alternates the families', () => {
  test.each([
    [[], []],
    [[A], [A]],
    [
      [AAAA, 'b::2', A, '192.0.2.2'],
      [AAAA, A, 'b::2', '192.0.2.2'],
    ],
    [
      [A, '192.0.2.2', AAAA],
      [A, AAAA, '192.0.2.2'],
    ],
  ])('%j → %j', (found, wanted) => {
    const addresses = found.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
    expect(inTurn(addresses)).toEqual(wanted)
  })
})

test('an unreachable address costs no time', async () => {
  const { winner, begun } = await outcome([AAAA, A], { [AAAA]: 'ENETUNREACH', [A]: 400 })
  expect(winner).toBe(A)
  expect(begun.map(([address, ms]) => [address, ms < 10])).toEqual([
    [AAAA, true],
    [A, true],
  ])
})

test('a silent address costs 200 ms', async () => {
  const { winner, ms, sockets } = await outcome([AAAA, A], { [AAAA]: undefined, [A]: 400 })
  expect({ winner, ms }).toEqual({ winner: A, ms: 600 })
  expect(sockets.get(AAAA)?.destroyed).toBe(true)
})

test('a late attempt continues next to the following one, and may win', async () => {
  const { winner, ms, begun } = await outcome([A, AAAA], { [A]: 5_000, [AAAA]: undefined })
  expect({ winner, ms }).toEqual({ winner: A, ms: 5_000 })
  expect(begun).toHaveLength(2)
})

test('tries only the first address when it connects quickly', async () => {
  const { winner, begun } = await outcome([A, AAAA], { [A]: 150, [AAAA]: 1 })
  expect(winner).toBe(A)
  expect(begun).toHaveLength(1)
})

test('fails only when all have failed', async () => {
  const { code, ms } = await outcome([AAAA, A], {
    [AAAA]: 'ETIMEDOUT after 3000',
    [A]: 'ECONNREFUSED after 100',
  })
  expect({ code, ms }).toEqual({ code: 'ECONNREFUSED', ms: 3_000 })
})

test.each([
  [
    'ECONNREFUSED, not that there is no IPv6',
    { [AAAA]: 'ENETUNREACH', [A]: 'ECONNREFUSED after 5' },
    'ECONNREFUSED',
  ],
  [
    'that there is no route, when none has one',
    { [AAAA]: 'ENETUNREACH', [A]: 'EHOSTUNREACH' },
    'ENETUNREACH',
  ],
])('reports the error %s', async (_, fates, told) => {
  expect((await outcome([AAAA, A], fates)).code).toBe(told)
})
