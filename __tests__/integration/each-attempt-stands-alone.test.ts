// What one attempt left behind, a broken connection or a timer, does not affect the next one.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Emulator, type Fault, startEmulator } from '../../emulator/index.ts'
import type { ClientOptions } from '../../src/digicert/client.ts'
import { clientOf } from '../support/client.ts'
import { createCsr } from '../support/emulator-csr.ts'
import { Gate } from '../support/gate.ts'

let emulator: Emulator
let gate: Gate
const clients: { close(): Promise<void> }[] = []
beforeAll(async () => {
  emulator = await startEmulator()
  gate = await Gate.open(emulator.port)
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await gate.disarm()
  emulator.reset()
})
afterAll(async () => {
  gate.close()
  await emulator.close()
})

function connect(changes: Partial<ClientOptions> = {}) {
  const origin = `https://localhost:${gate.port}`
  const made = clientOf(emulator, { hosts: { api: origin, clientauth: origin }, ...changes })
  clients.push(made.client)
  return made
}

const POST = async () => ({ csr: await createCsr(), nickname: 'a', end: new Date(Date.now() + 86_400_000) })

test.each(['reset', 'silence', 'plain HTTP'] as const)(
  'after a connection that failed (%s), the next attempt makes another',
  async fate => {
    await gate.arm(fate, 1)
    const { client, clock } = connect({ timeoutMs: fate === 'silence' ? 1_000 : 60_000 })
    expect(await client.listCertificates()).toEqual([])
    expect(clock.waits).toHaveLength(1)
  },
)

test('an early connection that failed costs one attempt, and the POST certainly did not arrive', async () => {
  await gate.arm('reset', 1)
  const { client } = connect()
  client.openApi()
  await expect(client.requestCertificate(await POST())).rejects.toMatchObject({ name: 'Again' })
  await client.requestCertificate(await POST())
  expect(emulator.requests).toHaveLength(1)
})

test.each<[string, Fault]>([
  ['before its response', { hold: 'before-work' }],
  ['in its response', { hold: 'mid-answer' }],
  ['in a response that drips', { drip: 100 }],
])('does not reuse a connection given up %s', async (_where, fault) => {
  emulator.faults.add(fault)
  const { client } = connect({ timeoutMs: 1_000 })
  await client.currentUser()
  const [first, second] = emulator.requests.map(({ connection }) => connection)
  expect(emulator.requests).toHaveLength(2)
  expect(second).not.toBe(first)
})

test('connecting and the response share one timeout', async () => {
  const TIMEOUT_MS = 2_000
  const { client } = connect({ timeoutMs: TIMEOUT_MS, retries: 0 })
  gate.delay(0.7 * TIMEOUT_MS)
  emulator.faults.add({ hold: 'before-work' })
  // The order of two timers in one process, which a busy machine delays equally.
  const asked = client.currentUser().catch(error => error.code)
  expect(await Promise.race([asked, sleep(1.5 * TIMEOUT_MS, 'too late')])).toBe('TIMEOUT')
  expect(emulator.requests).toHaveLength(1)
})

test('the timeout of a finished request does not stop the next one on its connection', async () => {
  const TIMEOUT_MS = 2_000
  const { client } = connect({ timeoutMs: TIMEOUT_MS, retries: 0 })
  await client.currentUser()
  await sleep(0.6 * TIMEOUT_MS)
  emulator.faults.add({ delayBefore: 0.6 * TIMEOUT_MS })
  await client.currentUser()
  const [first, second] = emulator.requests.map(({ connection }) => connection)
  expect(second).toBe(first)
})
