import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { DAY, type Emulator, type Settings, startEmulator } from '../../emulator/index.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, type StoredOptions, storedP12 } from '../support/stored.ts'

const scene = useScene()
let other: Emulator
beforeAll(async () => {
  other = await startEmulator()
})
afterAll(() => other.close())

async function diagnosis(stored: StoredOptions, inputs: Inputs = {}, emulator = scene.emulator) {
  const { base64 } = await storedP12(emulator, stored)
  const scenario = scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD, ...inputs })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  expect(scenario.files()).toEqual([])
  expect(main.env).toEqual({})
  return errorOf(main)
}

test('disabled', async () => {
  const error = await diagnosis({ enabled: false, name: 'old one' })
  expect(error).toMatchObject({ code: 'CERT_DISABLED', what: expect.stringContaining('"old one"') })
})

const HOW: Partial<Settings>[] = [
  { refuseCertificatesIn: 'application' },
  { refuseCertificatesIn: 'nginx' },
  { refuseCertificatesIn: 'handshake' },
]

test.each(HOW)('from a foreign CA, with %j', async settings => {
  Object.assign(scene.emulator.settings, settings)
  const error = await diagnosis({ issuer: 'foreign' })
  expect(error).toMatchObject({ code: 'CERT_UNKNOWN', why: expect.stringContaining('environment') })
})

test('from another environment', async () => {
  const error = await diagnosis({}, {}, other)
  expect(error).toMatchObject({ code: 'CERT_UNKNOWN', fix: expect.stringContaining("'host'") })
})

test('certificate and API key from another environment', async () => {
  const error = await diagnosis({}, { 'api-key': other.apiKey }, other)
  expect(error).toMatchObject({ code: 'API_KEY_INVALID', why: expect.stringContaining('environment') })
})

test('of another service user, valid: not a failure', async () => {
  const user = scene.emulator.addUser()
  const { base64 } = await storedP12(scene.emulator, { user })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(main.exitCode).toBe(0)
})

test.each([401, 403] as const)('of an inactive service user, whose key gets %i', async inactiveUserStatus => {
  const { emulator } = scene
  emulator.settings.inactiveUserStatus = inactiveUserStatus
  emulator.user.status = 'INACTIVE'
  try {
    const error = await diagnosis({})
    expect(['USER_INACTIVE', 'API_KEY_INVALID']).toContain(error.code)
    expect(error.why).toMatch(/deactivated/)
  } finally {
    emulator.user.status = 'ACTIVE'
  }
})

test.each([401, 403] as const)(
  'expired for the server, but not for this runner (%i)',
  async expiredCertificateStatus => {
    const { emulator } = scene
    emulator.settings.expiredCertificateStatus = expiredCertificateStatus
    const notAfter = new Date(Date.now() + 2 * DAY)
    emulator.clock.offset(3 * DAY)
    const error = await diagnosis({ notAfter, notBefore: new Date(Date.now() - DAY) })
    expect(Object.values(error).join()).toMatch(/clock/)
  },
)

test('without an API key, names all causes and how to find out which', async () => {
  const error = await diagnosis({ enabled: false }, { 'api-key': '' })
  expect(error).toMatchObject({
    code: 'CERT_REFUSED',
    why: expect.stringMatching(/disabled.*environment.*inactive/),
    fix: expect.stringContaining("'api-key'"),
  })
})

test('when the API is unreachable, reports both failures', async () => {
  scene.emulator.faults.add({ host: 'api', times: 99, answer: { status: 503, retryAfter: 0 } })
  const error = await diagnosis({ enabled: false })
  expect(error.what).toMatch(/403/)
  expect(error.what).toMatch(/503/)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'an alert in the handshake is a refusal (%s)',
  async maxTlsVersion => {
    const strict = await startEmulator({ maxTlsVersion, settings: { refuseCertificatesIn: 'handshake' } })
    try {
      const { base64 } = await storedP12(strict, { issuer: 'foreign' })
      const inputs = { host: strict.apiUrl, 'api-key': strict.apiKey, 'ca-certificates': strict.caPem }
      const main = await scene
        .scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD, ...inputs })
        .main()
      expect(errorOf(main).code).toBe('CERT_UNKNOWN')
    } finally {
      await strict.close()
    }
  },
)
