import { describe, expect, test } from '@jest/globals'
import { expectSuccess, OWN, SECRET, statesOf, useRotation } from '../support/rotation.ts'

const rotation = useRotation()
const TARGETS = [OWN, 'octo-org/app:release', 'org:octo-org']
const targets = TARGETS.join('\n')

test('issues, verifies, writes everywhere; after the grace period disables the old one and verifies both', async () => {
  await rotation.store(TARGETS)
  const [old] = rotation.enabled()

  const first = await rotation.run({ targets })
  expectSuccess(first)
  const fresh = await rotation.held(OWN)
  expect(first.outputs).toMatchObject({
    rotated: 'true',
    'certificate-id': fresh.id,
    'previous-certificate-id': old?.id,
    'disabled-certificate-ids': '',
    'days-remaining': '179',
  })
  expect(statesOf(first)).toEqual(Object.fromEntries(TARGETS.map(target => [target, 'written'])))
  for (const target of TARGETS) expect((await rotation.held(target)).id).toBe(fresh.id)
  expect(fresh.name).toContain(`-replaces-${old?.serialNumber}-`)
  expect(rotation.enabled()).toHaveLength(2)
  expect(rotation.writes()).toHaveLength(TARGETS.length)

  rotation.later(3)
  const within = await rotation.run({ targets })
  expectSuccess(within)
  expect(within.outputs).toMatchObject({
    rotated: 'false',
    'certificate-id': fresh.id,
    'previous-certificate-id': old?.id,
    'disabled-certificate-ids': '',
  })
  expect(rotation.enabled()).toHaveLength(2)
  expect(rotation.writes()).toHaveLength(TARGETS.length)

  rotation.later(5)
  const after = await rotation.run({ targets })
  expectSuccess(after)
  expect(after.outputs).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': old?.id })
  expect(rotation.enabled().map(({ id }) => id)).toEqual([fresh.id])
  expect(after.log).toContain(`to ${OWN}: once more before anything is disabled.`)
  expect(rotation.writes()).toHaveLength(2 * TARGETS.length)
})

test("writes the workflow's own secrets first, those that a job prefers before the others", async () => {
  const all = ['org:octo-org', 'octo-org/app', OWN, `${OWN}:release`]
  await rotation.store(all)
  const result = await rotation.run({ targets: all.join('\n') })
  expectSuccess(result)
  expect(JSON.parse(result.outputs.targets ?? '[]').map(({ target }: { target: string }) => target)).toEqual(
    all,
  )
  const scopes = rotation
    .writes()
    .map(write => write.slice('PUT '.length).replace('/actions', '').split('/secrets')[0])
  expect(scopes).toEqual([
    `/repos/${OWN}/environments/release`,
    `/repos/${OWN}`,
    '/orgs/octo-org',
    '/repos/octo-org/app',
  ])
})

describe('nothing is due', () => {
  test('issues, writes and disables nothing', async () => {
    await rotation.store([OWN], { daysLeft: 200 })
    const result = await rotation.run()
    expectSuccess(result)
    expect(result.outputs).toMatchObject({ rotated: 'false', 'previous-certificate-id': '' })
    expect(statesOf(result)).toEqual({ [OWN]: 'current' })
    expect(rotation.digicert.certificates).toHaveLength(1)
    expect(rotation.writes()).toEqual([])
  })

  test('`force` replaces it anyway', async () => {
    await rotation.store([OWN], { daysLeft: 200 })
    const result = await rotation.run({ force: 'true' })
    expectSuccess(result)
    expect(result.outputs.rotated).toBe('true')
    expect(rotation.github.secret(OWN, SECRET)?.value).not.toBe('')
  })
})

test('with `grace: 0d`, disables the old one in the same run, and it must be refused over mTLS', async () => {
  const stored = await rotation.store()
  const result = await rotation.run({ grace: '0d' })
  expectSuccess(result)
  expect(result.outputs['disabled-certificate-ids']).toBe(stored.minted.record?.id)
  expect(result.log).toContain('Verified over mTLS: the certificate that was replaced is refused.')
  expect(rotation.enabled().map(({ id }) => id)).toEqual([result.outputs['certificate-id']])
})
