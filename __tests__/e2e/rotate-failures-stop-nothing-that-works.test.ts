import { describe, expect, test } from '@jest/globals'
import { expectSuccess, OWN, PASSWORD_SECRET, SECRET, statesOf, useRotation } from '../support/rotation.ts'
import { errorOf, warningsOf } from '../support/scene.ts'

const rotation = useRotation()
const APP = 'octo-org/app'
const ORG = 'org:octo-org'
const targets = `${OWN}\n${APP}`
/** The thirty seconds that a change may take pass in one and a half. */
const QUICK = { env: { CLOCK_SPEED: '20' } }
const posts = () => rotation.digicert.requests.filter(({ method }) => method === 'POST')

test('one failing target neither stops the others nor goes unnoticed, and the next run writes it again', async () => {
  await rotation.store([OWN, APP, ORG])
  const all = `${targets}\n${ORG}`
  const [old] = rotation.enabled()
  rotation.github.faults.add({ method: 'PUT', path: /\/app\//, answer: { status: 500 }, times: 9 })
  const failed = await rotation.run({ targets: all })
  expect(failed.exitCode).toBe(1)
  expect(errorOf(failed)).toMatchObject({ code: 'TARGETS_FAILED', what: expect.stringContaining(APP) })
  expect(statesOf(failed)).toEqual({ [OWN]: 'written', [APP]: 'failed', [ORG]: 'written' })
  expect(failed.outputs.rotated).toBe('true')
  expect((await rotation.held(APP)).id).toBe(old?.id)
  expect(failed.summary).toContain('not written')

  rotation.github.faults.clear()
  rotation.later(8) // the grace period counts from the last write, and one is still behind
  const repaired = await rotation.run({ targets: all })
  expectSuccess(repaired)
  expect(statesOf(repaired)).toEqual({ [OWN]: 'current', [APP]: 'written', [ORG]: 'current' })
  expect(repaired.outputs).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': '' })
  expect(posts()).toHaveLength(1)
  rotation.later(6)
  expect((await rotation.run({ targets: all })).outputs['disabled-certificate-ids']).toBe('')
  rotation.later(2)
  expect((await rotation.run({ targets: all })).outputs['disabled-certificate-ids']).toBe(old?.id)
})

test.each([
  ['to the day', { roundStartDates: true }],
  ['back by an hour', { backdateStart: 3_600_000 }],
])('a start dated %s hides no failed write: the next run repairs it', async (_how, dated) => {
  Object.assign(rotation.digicert.settings, dated)
  await rotation.store([OWN, APP, ORG])
  const all = `${targets}\n${ORG}`
  rotation.github.faults.add({ method: 'PUT', path: /\/app\//, answer: { status: 500 }, times: 9 })
  const failed = await rotation.run({ targets: all })
  expect(errorOf(failed).code).toBe('TARGETS_FAILED')
  expect(failed.summary).toContain('after the grace period, which begins once no target can contain it')
  rotation.github.faults.clear()
  const repaired = await rotation.run({ targets: all })
  expectSuccess(repaired)
  expect(statesOf(repaired)).toEqual({ [OWN]: 'current', [APP]: 'written', [ORG]: 'current' })
  expect(repaired.log).toContain(
    `Plan: write ${APP}: it may contain a certificate other than the one in use.`,
  )
  expect(repaired.log).toContain('after the grace period, which begins once no target can contain it')
  expect(repaired.summary).toContain('is disabled by the first run after')
  expect((await rotation.held(APP)).id).toBe((await rotation.held(OWN)).id)
  expect(posts()).toHaveLength(1)
})

describe('issues nothing without permission to write', () => {
  test.each([
    ['GITHUB_PERMISSION', 'the default GITHUB_TOKEN', { permissions: 'none', kind: 'github-token' }],
    [
      'GITHUB_PERMISSION',
      'a personal access token without the permission',
      { permissions: 'none', kind: 'pat' },
    ],
    ['GITHUB_NOT_FOUND', 'a token that does not see the target', { permissions: 'write', only: [OWN] }],
  ] as const)('%s: %s', async (code, _what, token) => {
    await rotation.store([OWN, APP])
    const result = await rotation.run({ targets, 'github-token': rotation.github.addToken(token) })
    expect(errorOf(result)).toMatchObject({ code, fix: expect.stringMatching(/Secrets: write/) })
    expect(posts()).toEqual([])
    expect(rotation.writes()).toEqual([])
  })

  test('GITHUB_TOKEN_INVALID: a token that GitHub does not know', async () => {
    await rotation.store()
    const result = await rotation.run({ 'github-token': 'github_pat_unknown' })
    expect(errorOf(result).code).toBe('GITHUB_TOKEN_INVALID')
    expect(posts()).toEqual([])
  })

  test('GITHUB_NOT_FOUND: an environment that does not exist', async () => {
    await rotation.store()
    const result = await rotation.run({ targets: `${OWN}\n${OWN}:no such` })
    expect(errorOf(result)).toMatchObject({
      code: 'GITHUB_NOT_FOUND',
      what: expect.stringContaining('no such'),
    })
    expect(posts()).toEqual([])
  })
})

test('an organization keeps visibility and selected repositories, however many', async () => {
  const ids = Array.from({ length: 130 }, (_, index) => rotation.github.addRepository(`octo-org/r${index}`))
  await rotation.store([OWN])
  rotation.github.setSecret(ORG, SECRET, 'old', { visibility: 'selected', selectedRepositoryIds: ids })
  rotation.tick()
  expectSuccess(await rotation.run({ targets: `${OWN}\n${ORG}` }))
  const written = rotation.github.secret(ORG, SECRET)
  expect(written?.value).toBe(rotation.github.secret(OWN, SECRET)?.value)
  expect(written?.visibility).toBe('selected')
  expect([...(written?.selectedRepositoryIds ?? [])].sort()).toEqual([...ids].sort())
})

test('a new target gets the password first, then the P12', async () => {
  const { base64 } = await rotation.store([OWN], { daysLeft: 200 })
  const result = await rotation.run({ targets: `${targets}:release` })
  expectSuccess(result)
  expect(rotation.writes().map(write => write.split('/').at(-1))).toEqual([PASSWORD_SECRET, SECRET])
  expect(rotation.github.secret(`${APP}:release`, SECRET)?.value).toBe(base64)
})

test('a new certificate that does not work is disabled at once, and no secret is written', async () => {
  await rotation.store()
  rotation.digicert.faults.add({
    host: 'clientauth',
    skip: 1,
    times: Number.POSITIVE_INFINITY,
    answer: { status: 403 },
  })
  const result = await rotation.run({ timeout: '60s' }, QUICK)
  expect(result.exitCode).toBe(1)
  expect(rotation.writes()).toEqual([])
  expect(rotation.enabled().map(({ name }) => name)).toEqual(['made by hand'])
})

test('when disabling breaks the new certificate, the old one is enabled again and the run fails', async () => {
  const stored = await rotation.store()
  rotation.digicert.faults.add({
    host: 'clientauth',
    skip: 3,
    times: Number.POSITIVE_INFINITY,
    answer: { status: 403 },
  })
  const result = await rotation.run({ grace: '0d', timeout: '60s' }, QUICK)
  expect(errorOf(result)).toMatchObject({
    code: 'ROTATION_UNDONE',
    what: expect.stringMatching(/Enabled \d+ certificates? again\./),
  })
  expect(rotation.digicert.certificates.find(({ id }) => id === stored.minted.record?.id)?.enabled).toBe(true)
  expect(result.outputs).toMatchObject({ rotated: 'true', 'disabled-certificate-ids': '' })
})

test('a certificate that somebody disabled is replaced at once', async () => {
  const { minted } = await rotation.store([OWN], { daysLeft: 200 })
  if (minted.record !== undefined) minted.record.enabled = false
  const result = await rotation.run()
  expectSuccess(result)
  expect(result.outputs.rotated).toBe('true')
  expect((await rotation.held(OWN)).enabled).toBe(true)
  expect(warningsOf(result).join()).toContain('is disabled')
})

test("leaves other people's certificates alone, whatever their names", async () => {
  await rotation.store()
  rotation.digicert.seed(3, index => ({
    name: ['release-2024', 'x-replaces-ABCDEF-abcdef', 'y-replaces-123-aaaaaa'][index] ?? '',
    startDate: new Date(0),
  }))
  expectSuccess(await rotation.run())
  rotation.later(8)
  expectSuccess(await rotation.run())
  expect(rotation.enabled()).toHaveLength(4)
})

test('refuses the P12 of another service user before it does anything', async () => {
  const other = rotation.digicert.addUser()
  await rotation.store()
  const result = await rotation.run({ 'api-key': other.apiKey })
  expect(errorOf(result).code).toBe('CERT_UNKNOWN')
  expect(posts()).toEqual([])
})

test('a dry run prints the plan and changes nothing', async () => {
  await rotation.store([OWN, APP])
  const result = await rotation.run({ targets, 'dry-run': 'true' })
  expectSuccess(result)
  expect(result.log).toContain('Plan: issue a certificate')
  expect(statesOf(result)).toEqual({ [OWN]: 'pending', [APP]: 'pending' })
  expect(posts()).toEqual([])
  expect(rotation.writes()).toEqual([])
})

test.each([
  [403, 1],
  [429, 1],
] as const)(
  'waits for a secondary rate limit (%i), even without retries',
  async (status, writesPerMinute) => {
    await rotation.store([OWN, APP])
    Object.assign(rotation.github.limits, { writesPerMinute, status, retryAfterSeconds: 1 })
    const result = await rotation.run({ targets, retries: '0' })
    expectSuccess(result)
    expect(statesOf(result)).toEqual({ [OWN]: 'written', [APP]: 'written' })
  },
)

test.each([
  ['INPUT_MISSING', { p12: '' }],
  ['INPUT_MISSING', { 'github-token': '' }],
  ['INPUT_INVALID', { targets: 'octo-org' }],
  ['INPUT_INVALID', { 'secret-name': 'MIIK=' }],
  ['INPUT_INVALID', { validity: '400d' }],
  ['P12_PASSWORD', { 'p12-password': 'not this one' }],
])('%s before it does anything: %j', async (code, inputs) => {
  await rotation.store()
  const result = await rotation.run(inputs)
  expect(errorOf(result).code).toBe(code)
  expect(posts()).toEqual([])
  expect(rotation.writes()).toEqual([])
})
