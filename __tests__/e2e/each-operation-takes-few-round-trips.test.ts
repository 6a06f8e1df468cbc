import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Passage, type Relay, startRelay } from '../../bench/relay.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const check = useScene({}, 'check')

const relays: Relay[] = []
/** Everything passes through here, half a round trip late each way, so that what overlaps can be distinguished from what waits. */
async function startDistance(port: number): Promise<Relay> {
  const relay = await startRelay(port)
  relay.roundTripMs = 40
  relays.push(relay)
  return relay
}

let relay: Relay
beforeAll(async () => {
  relay = await startDistance(scene.emulator.port)
})
beforeEach(() => {
  relay.passages.length = 0
})
afterAll(() => {
  for (const started of relays) started.close()
})

const hostOf = ({ port }: Relay) => `https://localhost:${port}`
const connections = ({ passages }: Relay) => passages.filter(({ what }) => what === 'connected').length

/** One for TCP and one for TLS 1.3 at each connection, one for each request. */
const roundTrips = (through: Relay, requests: number) => 2 * connections(through) + requests

const asked = () => scene.emulator.requests.map(({ method }) => method)

function firstOf(passages: readonly Passage[], connection: number): number {
  return passages.findIndex(passage => passage.connection === connection)
}

test('issuing takes six round trips, one of them while the certificate is being issued', async () => {
  const scenario = scene.scenario({ host: hostOf(relay) })
  expect((await scenario.main()).exitCode).toBe(0)
  expect(asked()).toEqual(['POST', 'GET'])
  expect(connections(relay)).toBe(2)
  expect(roundTrips(relay, 2)).toBe(6)

  const [api, clientauth] = [...new Set(relay.passages.map(({ connection }) => connection))]
  const answers = relay.passages.flatMap(({ what, connection }, index) =>
    what === 'answered' && connection === api ? [index] : [],
  )
  // The relay forwards the POST half a round trip after it came: by then the second connection exists.
  const posted = relay.passages.findLastIndex(({ what, connection }) => what === 'sent' && connection === api)
  const answered = answers.find(index => index > posted) ?? -1
  expect(answered).toBeGreaterThan(posted)
  expect(firstOf(relay.passages, clientauth ?? -1)).toBeLessThan(answered)

  relay.passages.length = 0
  await scenario.post()
  expect(asked()).toEqual(['POST', 'GET', 'PUT'])
  expect(roundTrips(relay, 1)).toBe(3)
  scenario.expectNothingLeft()
})

test('a stored P12 takes three: TCP, TLS and the verification', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const scenario = scene.scenario({
    mode: 'stored',
    'api-key': '',
    host: hostOf(relay),
    p12: base64,
    'p12-password': PASSWORD,
  })
  scene.emulator.requests.length = 0
  expect((await scenario.main()).exitCode).toBe(0)
  expect(asked()).toEqual(['GET'])
  expect(roundTrips(relay, 1)).toBe(3)
})

test('a check takes three for the first page of the list, and connects once', async () => {
  const distance = await startDistance(check.emulator.port)
  check.emulator.seed(10)
  expect((await check.scenario({ host: hostOf(distance) }).main()).exitCode).toBe(0)
  expect(check.emulator.requests.map(({ method }) => method)).toEqual(['GET'])
  expect(roundTrips(distance, 1)).toBe(3)
})
