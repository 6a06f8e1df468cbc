import { expect, test } from '@jest/globals'
import { type CheckRequest, check } from '../../../src/operations/check.ts'
import { fakeDigicert, record } from '../../support/fake-digicert.ts'
import { THRESHOLDS } from '../../support/inventory.ts'
import { fakeClock, fakeLog } from '../../support/ports.ts'

const ALL: CheckRequest = { name: '', thresholds: THRESHOLDS, includeDisabled: false, p12: undefined }
const on = (day: string) => ({ endDate: new Date(`${day}T00:00:00Z`) })

async function run(records: ReturnType<typeof record>[], request: Partial<CheckRequest> = {}) {
  const digicert = fakeDigicert({ records })
  const report = await check(
    { ...ALL, ...request },
    { digicert: digicert.as, clock: fakeClock(), log: fakeLog() },
  )
  return { ...report, ids: report.certificates.map(({ id }) => id), calls: digicert.calls }
}

test('soonest first, whatever order they come in', async () => {
  const { ids, calls } = await run([
    record('c', on('2027-03-01')),
    record('a', on('2025-01-01')),
    record('b', on('2026-07-01')),
  ])
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(calls).toEqual(['GET'])
})

test('counts and the next end leave out what does not count', async () => {
  const report = await run(
    [
      record('expired', on('2026-05-31')),
      record('off', { ...on('2026-06-05'), enabled: false }),
      record('next', on('2026-06-10')),
      record('fine', on('2027-01-01')),
    ],
    { includeDisabled: true },
  )
  expect(report).toMatchObject({ expiringCount: 2, expiredCount: 1, next: { id: 'next' } })
})

test('disabled ones only when asked for; one that does not say counts as enabled', async () => {
  const records = [
    record('off', { ...on('2026-07-01'), enabled: false }),
    record('unsaid', { ...on('2026-08-01'), enabled: undefined }),
  ]
  expect((await run(records)).ids).toEqual(['unsaid'])
  expect((await run(records, { includeDisabled: true })).ids).toEqual(['off', 'unsaid'])
})

test('one without an end says nothing, and does not get in the way', async () => {
  expect((await run([record('none'), record('some', on('2026-07-01'))])).ids).toEqual(['some'])
})

test('nothing to look at', async () => {
  expect(await run([])).toMatchObject({
    certificates: [],
    next: undefined,
    expiringCount: 0,
    expiredCount: 0,
  })
})

test('without an API key only the P12 is looked at; one that does not open is an error', async () => {
  const ports = { digicert: undefined, clock: fakeClock(), log: fakeLog() }
  const p12 = { bytes: Buffer.from('3003020101', 'hex'), password: 'x' }
  await expect(check({ ...ALL, p12 }, ports)).rejects.toMatchObject({ code: expect.stringMatching(/^P12_/) })
})
