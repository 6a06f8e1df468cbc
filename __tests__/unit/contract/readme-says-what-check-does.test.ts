import { describe, expect, test } from '@jest/globals'
import { renderList, renderReport } from '../../../src/action/check-outputs.ts'
import { type Entry, type Inspected, inspect, type Verdict } from '../../../src/operations/inspect.ts'
import { validityState } from '../../../src/x509/validity.ts'
import { actions, code, fencedBlocks, read, tableRows } from './repository.ts'

const PAGE = read('check/README.md')
const DAY = 86_400
const NOW = new Date('2026-11-23T11:07:49Z')
const after = (days: number) => new Date(NOW.getTime() + days * DAY * 1000)

/** The thresholds that action.yml has, in seconds. */
const thresholds = { warnWithin: daysOf('warn-within') * DAY, failWithin: daysOf('fail-within') * DAY }

function daysOf(input: string): number {
  const [, days] = /^(\d+)d$/.exec(actions.get('OWNER/REPO/check@v1')?.inputs[input]?.default ?? '') ?? []
  return Number(days)
}

const entry: Entry = {
  kind: 'client',
  id: '3aadb34e-cadd-4759-bbd7-6511c504efa6',
  name: 'release-2025',
  serialNumber: '5E6205BCA35A0F273A8D20387D149647',
  notBefore: new Date('2025-11-18T11:07:49Z'),
  notAfter: new Date('2026-12-05T18:19:49Z'),
  enabled: true,
  inUse: true,
}
const certificate: Inspected = inspect(entry, NOW, thresholds)

const SAYS: Record<Verdict, string> = { fail: 'an error', warn: 'a warning', fine: 'nothing' }

/** Each row of the table, as the certificates that it is about. */
const MEANT: Record<string, Partial<Entry>[]> = {
  'expires within `fail-within`': [
    { notAfter: after(29), inUse: false },
    { notAfter: after(29), inUse: true },
  ],
  'expires within `warn-within`': [
    { notAfter: after(89), inUse: false },
    { notAfter: after(89), inUse: true },
  ],
  'has expired, and is still enabled': [{ notAfter: after(-1), inUse: false }],
  'is disabled': [
    { notAfter: after(29), enabled: false, inUse: false },
    { notAfter: after(-1), enabled: false, inUse: false },
  ],
  'is short-lived: its whole life is shorter than `fail-within`, as in `mode: issue`': [
    { notBefore: after(-0.5), notAfter: after(0.5), inUse: false },
    { notBefore: after(-0.5), notAfter: after(0.5), inUse: true },
    { notBefore: after(-2), notAfter: after(-1), inUse: false },
  ],
  'has expired, and is in use (the given P12)': [
    { notAfter: after(-1), inUse: true },
    { notBefore: after(-2), notAfter: after(-1), inUse: true },
  ],
  'is disabled, and is in use': [
    { notAfter: after(200), enabled: false, inUse: true },
    { notBefore: after(-0.5), notAfter: after(0.5), enabled: false, inUse: true },
  ],
}

describe('what is an error and what a warning', () => {
  const rows = tableRows(PAGE, 'A certificate that', 'is')

  test('each row is tested', () => {
    expect(rows.map(([that]) => that)).toEqual(Object.keys(MEANT))
  })

  test.each(rows)('a certificate that %s is %s', (that, is) => {
    const verdicts =
      MEANT[that]?.map(change => inspect({ ...entry, ...change }, NOW, thresholds).verdict) ?? []
    expect(verdicts.map(verdict => SAYS[verdict])).toEqual(verdicts.map(() => is.split(/[,:]/)[0]))
    expect(verdicts).not.toEqual([])
  })

  test('the days in the text are the defaults', () => {
    expect(PAGE).toContain(`within ${daysOf('fail-within')} days and warns ${daysOf('warn-within')} days`)
  })
})

describe('the JSON', () => {
  test('an entry is what the README shows', () => {
    const [block = ''] = fencedBlocks(PAGE, 'json')
    expect(JSON.parse(renderList([certificate]).json)).toEqual([JSON.parse(block)])
  })

  test('the states are those that the README lists', () => {
    const states = [-1, 29, 89, 200].map(days => validityState(after(days), NOW, thresholds))
    const [first, second, third, last] = states.map(state => `\`${state}\``)
    expect(new Set(states).size).toBe(4)
    expect(PAGE).toContain(`\`state\` is ${first}, ${second}, ${third} or ${last}`)
  })

  test('the report has the fields that the README lists', () => {
    const report = {
      certificates: [certificate],
      expiringCount: 1,
      count: 1,
      concerningCount: 0,
      expiredCount: 0,
      shortLivedCount: 0,
      next: certificate,
      nothing: undefined,
      now: NOW,
    }
    const [, list = ''] = /The report file is an object with ([\s\S]+?)\./.exec(PAGE) ?? []
    const listed = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    expect(listed).toEqual(Object.keys(JSON.parse(renderReport(report)) as object))
  })
})

test('the limits are those in the code', () => {
  const limit = (path: string, name: string) => {
    const [, digits = ''] = new RegExp(`\\b${name} = ([\\d_]+)$`, 'm').exec(code(path)) ?? []
    return Number(digits.replaceAll('_', '')).toLocaleString('en')
  }
  const text = PAGE.replace(/\s+/g, ' ')
  expect(text).toContain(`at most ${limit('src/action/check-gantt.ts', 'MOST_BARS')} bars`)
  expect(text).toContain(`the table ${limit('src/action/check-summary.ts', 'MOST_ROWS')} rows`)
  expect(text).toContain(`${limit('src/action/check-outputs.ts', 'LONGEST_OUTPUT')} characters`)
})

test('ten annotations, and ten seconds for a change to take effect', () => {
  expect(code('src/action/check-annotations.ts')).toContain('MOST_ANNOTATIONS = 10\n')
  expect(PAGE).toContain('the ten most urgent at most')
  expect(code('src/operations/effect.ts')).toContain('EFFECTIVE_WITHIN_MS = 30_000\n')
  expect(read('access/README.md')).toContain('within 30 seconds')
})
