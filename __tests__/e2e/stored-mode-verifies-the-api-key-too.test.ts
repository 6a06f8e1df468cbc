import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Passage, type Relay, startRelay } from '../../bench/relay.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
let relay: Relay
beforeAll(async () => {
  relay = await startRelay(scene.emulator.port)
  relay.roundTripMs = 40
})
afterAll(() => relay.close())

async function run(inputs: Inputs = {}, user = scene.emulator.user) {
  const { base64 } = await storedP12(scene.emulator, { user })
  return await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD, ...inputs }).main()
}

const asked = () => scene.emulator.requests.map(({ host, path }) => `${host} ${path}`).sort()

test('key and certificate of one user: one request each, and no warning', async () => {
  const main = await run()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(asked()).toEqual(['api /account/api/v1/user/me', 'clientauth /account/api/v1/user/me'])
  for (const { host, hasApiKey } of scene.emulator.requests) expect(hasApiKey).toBe(host === 'api')
})

test('a wrong key fails here, not an hour later in the signing tool', async () => {
  const main = await run({ 'api-key': 'wrong-key-0123456789' })
  expect(errorOf(main)).toMatchObject({ code: 'API_KEY_INVALID', what: expect.stringContaining('401') })
  expect(main.env).toEqual({})
})

test('a key of another user is a warning that names both users', async () => {
  const main = await run({}, scene.emulator.addUser({ friendlyName: 'Somebody else' }))
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([
    expect.stringMatching(/"Example service user".*"Somebody else".*\(USERS_DIFFER\)/),
  ])
})

test('an API host that is down is a warning: signing does not need it', async () => {
  scene.emulator.faults.add({ host: 'api', times: 99, answer: { status: 503, retryAfter: 0 } })
  const main = await run({ retries: '1' })
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringMatching(/^The API key could not be verified: .*503/)])
})

test('an unreachable API host gets one request only', async () => {
  // Nothing listens there; the mTLS host is another one.
  const main = await run({ host: 'https://localhost:9', 'clientauth-host': scene.emulator.clientauthUrl })
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringMatching(/^The API key could not be verified: /)])
  expect(main.log).not.toMatch(/Retrying/)
})

test('reports a user who is not active, though the certificate is accepted', async () => {
  scene.emulator.faults.add({
    host: 'clientauth',
    rewrite: body => ({ ...(body as object), status: 'LOCKED' }),
  })
  const main = await run()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringMatching(/status LOCKED \(USER_INACTIVE\)/)])
})

test('without a key, or without verification, it is not requested', async () => {
  await run({ 'api-key': '' })
  expect(asked()).toEqual(['clientauth /account/api/v1/user/me'])
  scene.emulator.requests.length = 0
  await run({ verify: 'false' })
  expect(asked()).toEqual([])
})

test('costs no round trip: the API host has responded before the mTLS host does', async () => {
  const main = await run({
    host: `https://localhost:${relay.port}`,
    'clientauth-host': `https://clientauth.localhost:${relay.port}`,
  })
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  const connections = [...new Set(relay.passages.map(({ connection }) => connection))]
  expect(connections).toHaveLength(2)
  // Both handshakes are in progress before either response arrives.
  const lastOf = (what: Passage['what'], connection: number) =>
    relay.passages.findLastIndex(passage => passage.what === what && passage.connection === connection)
  const firstAnswers = connections.map(connection =>
    relay.passages.findIndex(passage => passage.what === 'answered' && passage.connection === connection),
  )
  const connects = connections.map(connection => lastOf('connected', connection))
  expect(Math.max(...connects)).toBeLessThan(Math.min(...firstAnswers))
})
