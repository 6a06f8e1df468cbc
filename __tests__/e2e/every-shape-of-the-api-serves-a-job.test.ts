import { expect, test } from '@jest/globals'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({ intermediate: true })
const POST = { method: 'POST' }
const LIMITED = { code: 'request_limit_exceeded', message: 'Slow down.' }

test.each([
  ['leaf', 'pem'],
  ['ca-first', 'pem'],
  ['ca-first', 'crlf'],
  ['leaf', 'base64'],
  ['leaf-first', 'base64'],
  ['ca-first', 'base64'],
] as const)('uses a certificate that comes as %s, in %s', async (x509Cert, form) => {
  const { emulator } = scene
  Object.assign(emulator.settings, { x509Cert, certificateForm: form, caCert: 'chain' })
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({
    'certificate-id': emulator.certificates[0]?.id,
    'serial-number': emulator.certificates[0]?.serialNumber,
    'user-id': emulator.user.id,
  })
  await scenario.post()
  scenario.expectNothingLeft()
})

test.each(['', '/', '///'])(
  'hosts ending in %j: no URL, SM_HOST or clientauth-url contains or ends in an extra slash',
  async slashes => {
    const { emulator } = scene
    const scenario = scene.scenario({
      host: emulator.apiUrl + slashes,
      'clientauth-host': emulator.clientauthUrl + slashes,
    })
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.env.SM_HOST).toBe(emulator.clientauthUrl)
    expect(main.outputs['clientauth-url']).toBe(emulator.clientauthUrl)
    await scenario.post()
    expect(emulator.requests.length).toBeGreaterThan(2)
    for (const { path } of emulator.requests) expect(path).toMatch(/^(\/[\w-]+)+$/)
    scenario.expectNothingLeft()
  },
)

test('a stored P12 gets the same addresses', async () => {
  const { emulator } = scene
  const { base64: p12 } = await storedP12(emulator)
  const host = `${emulator.apiUrl.replace('https://', 'https://clientauth.')}/`
  const main = await scene.scenario({ mode: 'stored', host, p12, 'p12-password': PASSWORD }).main()
  expect(main.exitCode).toBe(0)
  expect(main.env.SM_HOST).toBe(emulator.clientauthUrl)
  for (const { path } of emulator.requests) expect(path).toMatch(/^(\/[\w-]+)+$/)
})

test('waits out request_limit_exceeded, whatever its status', async () => {
  const { faults, certificates } = scene.emulator
  faults.add({ ...POST, answer: { status: 403, error: LIMITED, retryAfter: 1 } })
  faults.add({ host: 'clientauth', answer: { status: 400, error: LIMITED, retryAfter: 1 } })
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.log).toContain('403 (request_limit_exceeded: Slow down.)')
  expect(certificates).toHaveLength(1)
})

test('finds a lost response in a list that requires its user', async () => {
  const { emulator } = scene
  emulator.settings.listUserId = 'required'
  emulator.faults.add({ ...POST, reset: 'after-work' })
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scenario.enabled().map(({ id }) => id)).toEqual([main.outputs['certificate-id']])
  expect(emulator.requests.map(({ search }) => search)).toContain(`?user_id=${emulator.user.id}`)
  await scenario.post()
  scenario.expectNothingLeft()
})

test('quotes the message of a Spring error', async () => {
  const { emulator } = scene
  emulator.settings.errorShape = 'spring'
  emulator.faults.add({ times: Number.POSITIVE_INFINITY, answer: { status: 500, retryAfter: 0 } })
  expect(errorOf(await scene.scenario().main())).toMatchObject({
    code: 'SERVER_ERROR',
    what: expect.stringContaining('with 500 (Internal Server Error).'),
  })
})

test('a service user that may not issue: names who may, and the alternative', async () => {
  const { apiKey } = scene.emulator.addUser({ denied: ['issue'] })
  const scenario = scene.scenario({ 'api-key': apiKey })
  const main = await scenario.main()
  expect(errorOf(main)).toMatchObject({
    code: 'ACCESS_DENIED',
    what: expect.stringMatching(/POST .* with 403 \(access_denied: /),
    why: expect.stringContaining('"Default" (older name: "View user")'),
    fix: expect.stringContaining("'mode: stored'"),
  })
  await scenario.postMuchLater()
  scenario.expectNothingLeft()
})

test('a refused API key: mentions that end dates pass at midnight UTC', async () => {
  scene.emulator.settings.inactiveUserStatus = 401
  const { apiKey } = scene.emulator.addUser({ endDate: new Date(Date.now() - 1_000) })
  expect(errorOf(await scene.scenario({ 'api-key': apiKey }).main())).toMatchObject({
    code: 'API_KEY_INVALID',
    why: expect.stringContaining('expire at 23:59:59 UTC'),
  })
})
