import { expect, test } from '@jest/globals'
import type { User } from '../../../src/digicert/records.ts'
import { ActionError, type ErrorCode } from '../../../src/errors.ts'
import { prove, type Wanted } from '../../../src/operations/prove.ts'
import { type FakeDigicert, fakeDigicert } from '../../support/fake-digicert.ts'
import { fakePorts } from '../../support/ports.ts'

const HELD = {
  identity: { key: '', cert: '' },
  isNew: false,
  facts: {
    serialNumber: 'AB',
    publicKey: '',
    fingerprintSha256: '',
    subject: 'CN=x',
    issuer: '',
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2027-01-01T00:00:00Z'),
  },
}

const user = (id: string, status = 'ACTIVE'): User => ({ id, name: `name of ${id}`, status, permissions: [] })

async function run(digicert: FakeDigicert, wanted: Partial<Wanted> = {}) {
  const { log, clock } = fakePorts()
  const all: Wanted = { verify: true, requirePermissions: [], apiKey: 'unknown', ...wanted }
  const outcome = await prove(HELD, all, { digicert: digicert.as, log, clock }).catch(
    (error: unknown) => error,
  )
  return { outcome, warnings: log.of('warning') }
}

function refuses(code: ErrorCode) {
  return () => {
    throw new ActionError(code, { what: `The API says ${code}.`, why: 'Why.', fix: 'Fix.' })
  }
}

test('certificate and key of one user: no warning', async () => {
  const { outcome, warnings } = await run(fakeDigicert())
  expect(outcome).toMatchObject({ verified: true, user: { id: 'user-1' } })
  expect(warnings).toEqual([])
})

test('a key that the server refuses fails the step, though the certificate is accepted', async () => {
  const { outcome } = await run(fakeDigicert({ userOfKey: refuses('API_KEY_INVALID') }))
  expect(outcome).toMatchObject({ code: 'API_KEY_INVALID' })
})

test.each<ErrorCode>(['SERVER_ERROR', 'CONNECTION_FAILED', 'TIMEOUT', 'ACCESS_DENIED', 'WRONG_HOST'])(
  'a key that could not be checked (%s) is a warning: signing does not need the API host',
  async code => {
    const { outcome, warnings } = await run(fakeDigicert({ userOfKey: refuses(code) }))
    expect(outcome).toMatchObject({ verified: true })
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`^The API key could not be verified: The API says ${code}\\.`)),
    ])
  },
)

test('two users are a warning that names both', async () => {
  const { outcome, warnings } = await run(fakeDigicert({ userOfKey: () => user('other') }))
  expect(outcome).toMatchObject({ verified: true })
  expect(warnings).toEqual([expect.stringMatching(/"name of other".*"Builder".*\(USERS_DIFFER\)/)])
})

test('reports a user who is not active, though the certificate is accepted', async () => {
  const digicert = fakeDigicert({ user: () => user('user-1', 'LOCKED') })
  const { outcome, warnings } = await run(digicert, { apiKey: 'used' })
  expect(outcome).toMatchObject({ verified: true })
  expect(warnings).toEqual([
    expect.stringMatching(/"name of user-1" has the status LOCKED \(USER_INACTIVE\)/),
  ])
})

test.each(['used', 'none'] as const)('does not check a key that is %s', async apiKey => {
  const { outcome } = await run(fakeDigicert({ userOfKey: refuses('API_KEY_INVALID') }), { apiKey })
  expect(outcome).toMatchObject({ verified: true })
})

test('makes no request without verification', async () => {
  const digicert = fakeDigicert({ userOfKey: refuses('API_KEY_INVALID') })
  expect((await run(digicert, { verify: false })).outcome).toEqual({ verified: false, user: undefined })
  expect(digicert.calls).toEqual([])
})

test('a refused certificate comes first: its diagnosis checks the key too', async () => {
  const digicert = fakeDigicert({
    userOfKey: refuses('API_KEY_INVALID'),
    user: refuses('API_KEY_INVALID'),
    list: refuses('API_KEY_INVALID'),
    verify: refuses('CERT_REFUSED'),
  })
  expect((await run(digicert)).outcome).toMatchObject({
    code: 'API_KEY_INVALID',
    message: expect.stringMatching(/refused the certificate, and .* refused the API key as well/),
  })
})

test('permissions are those of the user that the certificate belongs to', async () => {
  const digicert = fakeDigicert({ userOfKey: () => ({ ...user('user-1'), permissions: ['SIGN'] }) })
  expect((await run(digicert, { requirePermissions: ['SIGN'] })).outcome).toMatchObject({
    code: 'PERMISSION_MISSING',
  })
})

async function missing(permissions: string[], ...requirePermissions: string[]) {
  const digicert = fakeDigicert({ user: () => ({ ...user('user-1'), permissions }) })
  return (await run(digicert, { requirePermissions })).outcome as ActionError
}

test('a missing permission: lists what the user has, the nearest first, and what was probably meant', async () => {
  const error = await missing(['VIEW_SM_KEYPAIR', 'SIGN_SM_HASH', 'SIGN_SM_HASH'], 'SIGN_SM_HAHS')
  expect(error).toMatchObject({
    code: 'PERMISSION_MISSING',
    message:
      'The user "name of user-1" lacks SIGN_SM_HAHS. It has SIGN_SM_HASH, VIEW_SM_KEYPAIR. Did you mean SIGN_SM_HASH?',
    why: expect.stringMatching(/^The name of the permission is misspelled/),
  })
})

test('names ten of a hundred permissions, none of them at the length a server likes', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `PERMISSION_${index}_${'X'.repeat(5000)}`)
  const error = await missing([...many, 'SIGN_SM_HASH'], 'SIGN_SM_KEYPAIR')
  expect(error.message).toMatch(/lacks SIGN_SM_KEYPAIR\. It has SIGN_SM_HASH, .* and 91 more\.$/)
  expect(error.message.length).toBeLessThan(1000)
  expect(error.why).toMatch(/^The role/)
})

test('a user without any permission', async () => {
  expect((await missing([], 'SIGN_SM_HASH')).message).toBe(
    'The user "name of user-1" lacks SIGN_SM_HASH. DigiCert ONE lists no permissions of this user.',
  )
})
