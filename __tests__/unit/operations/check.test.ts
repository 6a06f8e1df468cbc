import { expect, test } from '@jest/globals'
import { type CheckRequest, check } from '../../../src/operations/check.ts'
import { fakeDigicert, record } from '../../support/fake-digicert.ts'
import { THRESHOLDS } from '../../support/inventory.ts'
import { fakeClock, fakeLog } from '../../support/ports.ts'

const ALL: CheckRequest = {
  ...{ name: '', thresholds: THRESHOLDS, includeDisabled: false },
  ...{ ifNoneFound: 'error', signingCertificates: false, p12: undefined },
}
const MASK = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }
const on = (day: string) => ({ endDate: new Date(`${day}T00:00:00Z`) })

async function run(records: ReturnType<typeof record>[], request: Partial<CheckRequest> = {}) {
  const digicert = fakeDigicert({ records })
  const log = fakeLog()
  const report = await check(
    { ...ALL, ...request },
    { digicert: digicert.as, clock: fakeClock(), log, mask: MASK },
  )
  return { ...report, log, ids: report.certificates.map(({ id }) => id), calls: digicert.calls }
}

test('soonest first, whatever their order in the list', async () => {
  const { ids, calls } = await run([
    record('c', on('2027-03-01')),
    record('a', on('2025-01-01')),
    record('b', on('2026-07-01')),
  ])
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(calls).toEqual(['GET'])
})

test('counts and the next expiry exclude what does not count', async () => {
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

test('includes disabled ones only on request; one without that field counts as enabled', async () => {
  const records = [
    record('off', { ...on('2026-07-01'), enabled: false }),
    record('unsaid', { ...on('2026-08-01'), enabled: undefined }),
  ]
  expect((await run(records)).ids).toEqual(['unsaid'])
  expect((await run(records, { includeDisabled: true })).ids).toEqual(['off', 'unsaid'])
})

test('one without an expiry date is ignored, and does no harm', async () => {
  expect((await run([record('none'), record('some', on('2026-07-01'))])).ids).toEqual(['some'])
})

test('nothing to check', async () => {
  expect(await run([])).toMatchObject({
    certificates: [],
    next: undefined,
    expiringCount: 0,
    expiredCount: 0,
    nothing: { verdict: 'fail', error: { code: 'NOTHING_CHECKED' } },
  })
})

test('only what does not count is nothing to check; a single one that does is enough', async () => {
  const useless = [record('undated'), record('off', { ...on('2027-01-01'), enabled: false })]
  const { nothing, certificates } = await run(useless, { ifNoneFound: 'warn' })
  expect(certificates).toEqual([])
  expect(nothing).toMatchObject({
    verdict: 'warn',
    error: { message: expect.stringContaining('1 disabled, 1 without an expiry date') },
  })
  expect((await run([...useless, record('some', on('2027-01-01'))])).nothing).toBeUndefined()
})

test('lists and counts short-lived ones, as neither expiring nor next', async () => {
  const brief = { startDate: new Date('2026-06-01T00:00:00Z'), ...on('2026-06-02') }
  const report = await run([record('brief', brief), record('later', on('2026-07-01'))])
  expect(report.ids).toEqual(['brief', 'later'])
  expect(report).toMatchObject({ shortLivedCount: 1, expiringCount: 1, next: { id: 'later' } })
  expect(report.certificates).toMatchObject([
    { kind: 'client', shortLived: true, verdict: 'fine' },
    { kind: 'client', shortLived: false, verdict: 'fail' },
  ])
  const alone = await run([record('brief', brief)])
  expect(alone).toMatchObject({ shortLivedCount: 1, expiringCount: 0, next: undefined, nothing: undefined })
  expect(alone.log.lines).toEqual([])
})

test('without an API key, checks only the P12; one that does not open is an error', async () => {
  const ports = { digicert: undefined, clock: fakeClock(), log: fakeLog(), mask: MASK }
  const p12 = { bytes: Buffer.from('3003020101', 'hex'), password: 'x' }
  await expect(check({ ...ALL, p12 }, ports)).rejects.toMatchObject({ code: expect.stringMatching(/^P12_/) })
})
