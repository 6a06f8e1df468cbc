import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DAY, type Emulator, startEmulator } from '../../emulator/index.ts'
import { type CallOptions, CERTIFICATES, call, ME } from '../support/emulator-client.ts'
import { createCsr, createForgedCsr } from '../support/emulator-csr.ts'

let emulator: Emulator
let csr: string

beforeAll(async () => {
  emulator = await startEmulator()
  csr = await createCsr()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

const post = (body: unknown, options: CallOptions = {}) =>
  call(emulator, { method: 'POST', path: CERTIFICATES, body, ...options })

const refusal = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  json: { errors: [{ code, message }] },
})

describe('the caller', () => {
  test('no key: 403 AUTHORIZATION_ERROR', async () => {
    const answer = await call(emulator, { apiKey: null })
    expect(answer).toMatchObject(refusal(403, 'AUTHORIZATION_ERROR', 'No authentication data provided'))
  })

  test('an unknown key: 401 invalid_api_key', async () => {
    expect(await call(emulator, { apiKey: 'nobody' })).toMatchObject(refusal(401, 'invalid_api_key'))
  })

  test.each([
    [401, 'invalid_api_key'],
    [403, 'access_denied'],
  ] as const)('an inactive or expired user: %d %s', async (status, code) => {
    emulator.settings.inactiveUserStatus = status
    const inactive = emulator.addUser({ status: 'INACTIVE' })
    const ended = emulator.addUser({ endDate: new Date(Date.now() - DAY) })
    expect(await call(emulator, { apiKey: inactive.apiKey })).toMatchObject(refusal(status, code))
    expect(await call(emulator, { apiKey: ended.apiKey })).toMatchObject(refusal(status, code))
  })

  test('an operation that the user is denied: 403 access_denied, while the others work', async () => {
    const { apiKey } = emulator.addUser({ denied: ['issue', 'access'] })
    expect(await post({ csr, name: 'a' }, { apiKey })).toMatchObject(refusal(403, 'access_denied'))
    expect(await call(emulator, { path: CERTIFICATES, apiKey })).toMatchObject({ status: 200, json: [] })
  })

  test('permissions are as set', async () => {
    const { apiKey } = emulator.addUser({ permissions: ['SIGN_SM_HASH'] })
    expect(await call(emulator, { path: ME, apiKey })).toMatchObject({
      json: { applications: [{ name: 'Software Trust', permissions: ['SIGN_SM_HASH'] }] },
    })
  })
})

describe('the request', () => {
  test('an unknown path or id: 404 resource_not_found', async () => {
    expect(await call(emulator, { path: '/account/api/v1/nothing' })).toMatchObject(
      refusal(404, 'resource_not_found'),
    )
    const put = { method: 'PUT', path: `${CERTIFICATES}/nobody/enable`, body: { enabled: true } }
    expect(await call(emulator, put)).toMatchObject(refusal(404, 'resource_not_found'))
  })

  test("another user's certificate: 404, and it is unchanged", async () => {
    const { record } = await emulator.mint({ keyType: 'ec-p256', user: emulator.addUser() })
    const put = { method: 'PUT', path: `${CERTIFICATES}/${record?.id}/enable`, body: { enabled: false } }
    expect(await call(emulator, put)).toMatchObject(refusal(404, 'resource_not_found'))
    expect(record?.enabled).toBe(true)
  })

  test('a method that the path does not support: 405', async () => {
    expect(await call(emulator, { method: 'DELETE', path: CERTIFICATES })).toMatchObject({ status: 405 })
  })

  test.each([
    ['no JSON', 'not json', undefined, 400],
    ['an array', '[]', undefined, 400],
    ['null', 'null', undefined, 400],
    ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
  ])('a body that is %s', async (_name, body, contentType, status) => {
    const answer = await post(body, contentType === undefined ? {} : { contentType })
    expect(answer).toMatchObject(refusal(status, 'invalid_request'))
  })

  test.each(['true', 1, null, undefined])('refuses enabled: %p', async enabled => {
    const { id } = await emulator.issueFor(csr)
    const put = { method: 'PUT', path: `${CERTIFICATES}/${id}/enable`, body: { enabled } }
    expect(await call(emulator, put)).toMatchObject(refusal(400, 'invalid_request'))
  })
})

describe('the error shapes', () => {
  test.each([
    ['errors', { errors: [{ code: 'invalid_api_key', message: expect.any(String) }] }],
    ['error', { error: { code: 'invalid_api_key', message: expect.any(String) } }],
    ['status', { error: { status: 'invalid_api_key', message: expect.any(String) } }],
  ] as const)('%s', async (shape, json) => {
    emulator.settings.errorShape = shape
    expect((await call(emulator, { apiKey: 'nobody' })).json).toEqual(json)
  })
})

describe('nicknames', () => {
  test("a taken one: duplicate_error, in DigiCert ONE's words; disabled ones count", async () => {
    const { id } = await emulator.issueFor(csr, { name: 'Build 7' })
    const message = 'Nickname Build 7 already exists. Enter a different nickname.'
    expect(await post({ csr, name: 'Build 7' })).toMatchObject(refusal(400, 'duplicate_error', message))
    await call(emulator, { method: 'PUT', path: `${CERTIFICATES}/${id}/enable`, body: { enabled: false } })
    expect(await post({ csr, name: 'Build 7' })).toMatchObject(refusal(400, 'duplicate_error', message))
    emulator.settings.nicknameReuse = 'after-disable'
    expect(await post({ csr, name: 'Build 7' })).toMatchObject({ status: 201 })
  })

  test("another user's count too, only in the same account; the status can be set", async () => {
    emulator.settings.duplicateStatus = 409
    const sibling = emulator.addUser()
    const stranger = emulator.addUser()
    stranger.accounts = stranger.accounts.map(account => ({ ...account, id: 'another account' }))
    await emulator.issueFor(csr, { name: 'shared' })
    expect(await post({ csr, name: 'shared' }, { apiKey: sibling.apiKey })).toMatchObject({ status: 409 })
    expect(await post({ csr, name: 'shared' }, { apiKey: stranger.apiKey })).toMatchObject({ status: 201 })
  })

  test('of two concurrent requests with one name, one wins', async () => {
    const answers = await Promise.all([post({ csr, name: 'race' }), post({ csr, name: 'race' })])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400])
  })

  test.each(['', '   ', undefined, 7, 'a/b', 'a:b', 'ä', 'a\nb', 'a.b', '::error::x'])(
    'refuses %p',
    async name => {
      expect(await post({ csr, name })).toMatchObject(refusal(400, 'invalid_request'))
      expect(emulator.certificates).toEqual([])
    },
  )

  test('only letters, numbers, spaces, dashes and underscores work', async () => {
    const { apiKey } = emulator
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 12 }), async name => {
        const legal = /^[A-Za-z0-9 _-]+$/.test(name) && name.trim() !== ''
        // No CSR: a valid name gets one step further, to the error about that.
        const { json } = await post({ csr: 'none', name }, { apiKey })
        const { message } = (json as { errors: [{ message: string }] }).errors[0]
        expect(message.startsWith('csr must be')).toBe(legal)
      }),
      { numRuns: 30 },
    )
  })
})

describe('exp', () => {
  beforeEach(() => emulator.clock.set('2026-03-01T10:00:00.700Z'))

  test.each([
    '2026-04-01T00:00:00.000Z',
    '2026-04-01T00:00:00',
    '2026-04-01T00:00:00+00:00',
    '2026-04-01T00:00Z',
    '2026-04-01',
    '2026-04-01 00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-04-01T24:00:00Z',
    '2026-13-01T00:00:00Z',
    'tomorrow',
    '',
    1775001600,
  ])('refuses %p', async exp => {
    expect(await post({ csr, name: 'a', exp })).toMatchObject(refusal(400, 'invalid_request'))
  })

  test('refuses the past, including the current second', async () => {
    for (const exp of ['2026-02-01T00:00:00Z', '2026-03-01T10:00:00Z']) {
      expect(await post({ csr, name: 'a', exp })).toMatchObject(refusal(400, 'invalid_request'))
    }
  })

  test('accepts 397 days, but not a second more', async () => {
    const end = (seconds: number) =>
      `${new Date(Date.UTC(2026, 2, 1, 10) + 397 * DAY + seconds * 1000).toISOString().slice(0, 19)}Z`
    expect(await post({ csr, name: 'a', exp: end(0) })).toMatchObject({
      status: 201,
      json: { end_date: end(0) },
    })
    expect(await post({ csr, name: 'b', exp: end(1) })).toMatchObject(refusal(400, 'invalid_request'))
    emulator.settings.endDateTooLate = 'shorten'
    expect(await post({ csr, name: 'b', exp: end(1) })).toMatchObject({
      status: 201,
      json: { end_date: end(0) },
    })
  })

  test('a certificate does not outlive its user', async () => {
    const { apiKey } = emulator.addUser({ endDate: new Date('2026-04-01T00:00:00Z') })
    const late = { csr, name: 'a', exp: '2026-04-01T00:00:01Z' }
    const message = "The certificate expiry date cannot exceed the service user's end date."
    expect(await post(late, { apiKey })).toMatchObject(refusal(400, 'invalid_request', message))
    expect(await post({ ...late, exp: '2026-04-01T00:00:00Z' }, { apiKey })).toMatchObject({ status: 201 })
  })
})

describe('the CSR', () => {
  test.each([
    undefined,
    '',
    'nonsense',
    7,
    '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
  ])('refuses %p', async bad => {
    expect(await post({ csr: bad, name: 'a' })).toMatchObject(refusal(400, 'invalid_request'))
  })

  test('refuses an invalid signature', async () => {
    const answer = await post({ csr: await createForgedCsr(), name: 'a' })
    expect(answer).toMatchObject(refusal(400, 'invalid_request', 'The signature of the CSR is not valid'))
    expect(emulator.certificates).toEqual([])
  })

  test('refuses a short RSA key, an EC key and a missing common name', async () => {
    const short = await createCsr('CN=a', 'rsa-1024')
    expect(await post({ csr: short, name: 'a' })).toMatchObject(
      refusal(400, 'invalid_request', 'The RSA key must have at least 2048 bits, this one has 1024'),
    )
    const ec = await createCsr('CN=a', 'ec-p256')
    expect(await post({ csr: ec, name: 'a' })).toMatchObject(refusal(400, 'invalid_request'))
    expect(await post({ csr: await createCsr('O=nobody'), name: 'a' })).toMatchObject(
      refusal(400, 'invalid_request'),
    )
  })

  test('accepts CRLF and the older armor', async () => {
    const older = csr.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST').replaceAll('\n', '\r\n')
    expect(await post({ csr: older, name: 'a' })).toMatchObject({ status: 201 })
  })
})
