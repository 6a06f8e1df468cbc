import { describe, expect, test } from '@jest/globals'
import type { CertificateRecord } from '../../../../src/digicert/records.ts'
import { rotationNickname } from '../../../../src/operations/nickname.ts'
import { findFamily } from '../../../../src/operations/rotate/family.ts'
import { planHandOver } from '../../../../src/operations/rotate/hand-over-plan.ts'
import type { Observation, RotationSettings } from '../../../../src/operations/rotate/plan.ts'
import { record as fakeRecord } from '../../../support/fake-digicert.ts'
import { constantRandom } from '../../../support/ports.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const DAY = 86_400_000
const at = (days: number) => new Date(NOW.getTime() + days * DAY)
const SETTINGS = { rotateWithinSeconds: 60 * 86_400, graceSeconds: 7 * 86_400, force: false }

interface Known {
  replaces?: string
  start?: number | undefined
  end?: number
  enabled?: boolean
}

function record(serial: string, { replaces, start = -100, end = 100, enabled = true }: Known = {}) {
  const name =
    replaces === undefined ? `by hand ${serial}` : rotationNickname('app', replaces, constantRandom(1))
  const dates = { startDate: at(start), endDate: at(end) }
  return fakeRecord(serial, { name, serialNumber: serial, enabled, ...dates })
}

/** `A` is the input. */
function plan(
  known: CertificateRecord[],
  changes: Partial<Observation<{ updatedAt: undefined; feeds: boolean }>> = {},
  settings: Partial<RotationSettings> = {},
) {
  const family = findFamily(known, { id: 'A', serialNumber: 'A' })
  if (family === undefined) throw new Error('A is not listed')
  const notAfter = family.current.endDate ?? at(100)
  const targets = [{ updatedAt: undefined, feeds: true }]
  const observed = { now: NOW, family, notBefore: at(-100), notAfter, refused: false, targets, ...changes }
  const { issue, write, disable, waiting } = planHandOver(observed, { ...SETTINGS, ...settings })
  return {
    issue,
    writes: write.map(({ why }) => why),
    disable: disable.map(({ record, why }) => `${record.serialNumber}: ${why}`),
    waiting: waiting.map(
      ({ record, until }) => `${record.serialNumber} until ${until?.toISOString() ?? '?'}`,
    ),
  }
}

const QUIET = { issue: undefined, writes: [], disable: [], waiting: [] }

test('does nothing when nothing is due', () => {
  expect(plan([record('A')])).toEqual(QUIET)
})

test.each([
  ['due', record('A', { end: 59 }), {}, {}],
  ['due', record('A', { end: -1 }), {}, {}],
  ['disabled', record('A', { enabled: false }), {}, {}],
  ['refused', record('A'), { refused: true }, {}],
  ['forced', record('A'), {}, { force: true }],
])('%s: issues one and hands it over', (issue, current, changes, settings) => {
  expect(plan([current], changes, settings)).toEqual({ ...QUIET, issue, writes: ['new'] })
})

describe('the predecessor', () => {
  const known = (start: number, end = 100) => [record('A', { replaces: 'B', start }), record('B', { end })]

  test('is disabled when the certificate in use started a grace period ago', () => {
    expect(plan(known(-6.9)).waiting).toEqual([`B until ${at(0.1).toISOString()}`])
    expect(plan(known(-7)).disable).toEqual(['B: superseded'])
  })

  test('gets the whole day when the start date has no time', () => {
    expect(plan(known(-7.5)).waiting).toEqual([`B until ${at(0.5).toISOString()}`])
    expect(plan(known(-8.5)).disable).toEqual(['B: superseded'])
  })

  test('stays in a run that issues: the store may return it again', () => {
    const forced = plan(known(-90), {}, { force: true })
    expect(forced).toEqual({ issue: 'forced', writes: ['new'], disable: [], waiting: ['B until ?'] })
  })

  test('is disabled in any run once it has expired', () => {
    expect(plan(known(-1, -0.5), {}, { force: true }).disable).toEqual(['B: superseded'])
  })
})

describe('what was handed over and is not in use', () => {
  const lost = (serial: string, start: number, more: Known = {}) =>
    record(serial, { replaces: 'A', start, ...more })

  test('is disabled a grace period after its own start, when the one in use stays', () => {
    expect(plan([record('A'), lost('C', -6.9)]).waiting).toEqual([`C until ${at(0.1).toISOString()}`])
    expect(plan([record('A'), lost('C', -7)]).disable).toEqual(['C: orphan'])
  })

  test('counts from the start of the one in use if that is later', () => {
    const known = [record('A', { replaces: 'B', start: -2.9 }), record('B'), lost('C', -50)]
    expect(plan(known).waiting).toContain(`C until ${at(4.1).toISOString()}`)
  })

  const due = record('A', { end: 30 })

  test('is disabled while others are issued, once its successor is older than the grace period', () => {
    const nights = [-8.9, -7.9, -6.9, -5.9].map((start, index) => lost(`C${index}`, start))
    expect(plan([due, ...nights])).toEqual({
      issue: 'due',
      writes: ['new'],
      disable: ['C0: orphan'],
      waiting: [`C1 until ${at(0.1).toISOString()}`, `C2 until ${at(1.1).toISOString()}`, 'C3 until ?'],
    })
  })

  test('stays, however old, without a successor: jobs may use it, and the store has forgotten it', () => {
    for (const current of [due, record('A', { enabled: false })])
      expect(plan([current, lost('C', -90)])).toMatchObject({ disable: [], waiting: ['C until ?'] })
  })

  test('stays when its successor was disabled, and so perhaps never handed over', () => {
    const known = [due, lost('C', -30), lost('D', -20, { enabled: false })]
    expect(plan(known)).toMatchObject({ disable: [], waiting: ['C until ?'] })
  })

  test('stays when its age is unknown', () => {
    const unknown = { ...lost('C', -30), startDate: undefined }
    expect(plan([record('A'), unknown])).toMatchObject({ disable: [], waiting: ['C until ?'] })
    expect(plan([due, unknown, lost('D', -20)])).toMatchObject({ disable: [] })
  })
})
