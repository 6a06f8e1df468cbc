import { expect, test } from '@jest/globals'
import { ActionError, type ErrorCode } from '../../../src/errors.ts'
import { diagnose } from '../../../src/operations/diagnose.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { fakePorts } from '../../support/ports.ts'

const REFUSED = new Error('clientauth.one.example responded with 403.')
const DAY = 86_400_000
const NOW = Date.parse('2026-06-01T12:00:00Z')

const FACTS = {
  serialNumber: 'AB01',
  publicKey: '',
  fingerprintSha256: '',
  subject: 'CN=x',
  issuer: 'CN=y',
  notBefore: new Date(NOW - DAY),
  notAfter: new Date(NOW + DAY),
}

function ask(digicert: FakeDigicert, facts = FACTS, waitedMs = 0, isNew = false): Promise<ActionError> {
  const refusal = { accepted: false, refusal: REFUSED, waitedMs } as const
  return diagnose(refusal, { facts, isNew }, { ...fakePorts(), digicert: digicert.as })
}

function refusal(code: ErrorCode) {
  return () => {
    throw new ActionError(code, { what: `The API says ${code}.`, why: 'Why.', fix: 'Fix.' })
  }
}

const mine = (fields = {}) =>
  fakeDigicert({ records: [record('a', { serialNumber: '00:ab:01', ...fields })] })
const user = (status: string) => () => ({ id: 'u', name: 'Builder', status, permissions: [] })

test.each<[string, FakeDigicert, ErrorCode]>([
  ['disabled, however the serial number is written', mine({ enabled: false }), 'CERT_DISABLED'],
  ['expired by the API', mine({ endDate: new Date(NOW - 1) }), 'CERT_EXPIRED'],
  ['not among the key’s certificates', fakeDigicert({ records: [record('b')] }), 'CERT_UNKNOWN'],
  ['in order, as the API sees it', mine(), 'CERT_REFUSED'],
  ['of an inactive user', Object.assign(mine(), { user: user('LOCKED') }), 'USER_INACTIVE'],
  [
    'of a user who may not ask who it is',
    Object.assign(mine(), { user: refusal('ACCESS_DENIED') }),
    'USER_INACTIVE',
  ],
  ['and the key may not list', fakeDigicert({ list: refusal('ACCESS_DENIED') }), 'USER_INACTIVE'],
  [
    'and the key is refused',
    fakeDigicert({ list: refusal('API_KEY_INVALID'), user: refusal('API_KEY_INVALID') }),
    'API_KEY_INVALID',
  ],
  ['and the API is down', fakeDigicert({ list: refusal('SERVER_ERROR') }), 'CERT_REFUSED'],
  ['without an API key', fakeDigicert({ hasApiKey: false }), 'CERT_REFUSED'],
])('%s', async (_name, digicert, code) => {
  const error = await ask(digicert)
  expect(error.code).toBe(code)
  for (const words of [error.message, error.why ?? 'The cause is known.', error.fix])
    expect(words).toMatch(/\S.*\.$/)
})

test('by its dates, before any request', async () => {
  const digicert = mine()
  expect(await ask(digicert, { ...FACTS, notAfter: new Date(NOW) })).toMatchObject({ code: 'CERT_EXPIRED' })
  expect(await ask(digicert, { ...FACTS, notBefore: new Date(NOW + 1) })).toMatchObject({
    code: 'CERT_NOT_YET_VALID',
  })
  expect(digicert.calls).toEqual([])
})

test('makes no request without an API key', async () => {
  const digicert = fakeDigicert({ hasApiKey: false })
  await ask(digicert)
  expect(digicert.calls).toEqual([])
})

test('a bug in this action during the diagnosis is not a diagnosis', async () => {
  const broken = fakeDigicert({
    list: () => {
      throw new TypeError('x')
    },
  })
  await expect(ask(broken)).rejects.toThrow(TypeError)
})

test('when it was given time, mentions the delay, with and without an API key', async () => {
  for (const digicert of [mine(), fakeDigicert({ hasApiKey: false })]) {
    const error = await ask(digicert, FACTS, 30_000)
    expect(error).toMatchObject({
      code: 'CERT_REFUSED',
      message: expect.stringContaining('clientauth.one.example was given 30.0 s to accept it'),
      why: expect.stringMatching(/^DigiCert ONE takes longer than that/),
    })
  }
})

test('one that this run issued is not called somebody else’s when the list does not contain it yet', async () => {
  expect(await ask(fakeDigicert({ records: [record('b')] }), FACTS, 30_000, true)).toMatchObject({
    code: 'CERT_REFUSED',
    message: expect.stringContaining('issued or enabled it a moment ago'),
  })
})
