import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Entry, inspect, type Verdict } from '../../../src/operations/inspect.ts'
import { NOW } from '../../support/inventory.ts'

const DAY = 86_400
const THRESHOLDS = { failWithin: 30 * DAY, warnWithin: 90 * DAY }

function entry(seconds: number, fields: Partial<Entry> = {}): Entry {
  return {
    kind: 'client',
    id: 'a',
    name: 'a',
    serialNumber: 'AB',
    notBefore: undefined,
    notAfter: new Date(NOW.getTime() + seconds * 1000),
    enabled: true,
    inUse: false,
    ...fields,
  }
}

test.each<[string, number, string, number, boolean]>([
  ['one second past its end', -1, 'expired', -1, false],
  ['its last second', 0, 'failing', 0, true],
  ['a second before fail-within is over', 30 * DAY - 1, 'failing', 29, true],
  ['fail-within to the second', 30 * DAY, 'warning', 30, true],
  ['a second before warn-within is over', 90 * DAY - 1, 'warning', 89, true],
  ['warn-within to the second', 90 * DAY, 'fine', 90, false],
])('%s', (_name, seconds, state, daysRemaining, expiring) => {
  expect(inspect(entry(seconds), NOW, THRESHOLDS)).toMatchObject({ state, daysRemaining, expiring })
})

test.each<[number, boolean, boolean, Verdict]>([
  // days left, enabled, in use
  [-1, true, false, 'warn'],
  [-1, false, false, 'fine'],
  [-1, true, true, 'fail'],
  [-1, false, true, 'fail'],
  [1, true, false, 'fail'],
  [1, false, false, 'fine'],
  [1, true, true, 'fail'],
  [1, false, true, 'fail'],
  [60, true, false, 'warn'],
  [60, false, false, 'fine'],
  [60, true, true, 'warn'],
  [60, false, true, 'fail'],
  [200, true, false, 'fine'],
  [200, false, false, 'fine'],
  [200, true, true, 'fine'],
  [200, false, true, 'fail'],
])('with %i days left, enabled %s and in use %s: %s', (days, enabled, inUse, verdict) => {
  expect(inspect(entry(days * DAY, { enabled, inUse }), NOW, THRESHOLDS).verdict).toBe(verdict)
})

const SECONDS = fc.integer({ min: -1000 * DAY, max: 1000 * DAY })
const LIMITS = fc.record({
  failWithin: fc.integer({ min: 0, max: 400 * DAY }),
  warnWithin: fc.integer({ min: 0, max: 400 * DAY }),
})
const RANK: Record<Verdict, number> = { fine: 0, warn: 1, fail: 2 }

test('less time left never improves the state, until it has expired', () => {
  fc.assert(
    fc.property(SECONDS, SECONDS, LIMITS, fc.boolean(), (one, other, thresholds, inUse) => {
      const [sooner, later] = [Math.min(one, other), Math.max(one, other)].map(seconds =>
        inspect(entry(Math.max(0, seconds), { inUse }), NOW, thresholds),
      )
      expect(RANK[sooner?.verdict ?? 'fine']).toBeGreaterThanOrEqual(RANK[later?.verdict ?? 'fine'])
    }),
  )
})

test('being in use, or enabled, never makes it less urgent', () => {
  fc.assert(
    fc.property(SECONDS, LIMITS, (seconds, thresholds) => {
      const rank = (fields: Partial<Entry>) => RANK[inspect(entry(seconds, fields), NOW, thresholds).verdict]
      expect(rank({ inUse: true })).toBeGreaterThanOrEqual(rank({}))
      expect(rank({})).toBeGreaterThanOrEqual(rank({ enabled: false }))
    }),
  )
})

test('keeps the fields that came in', () => {
  expect(inspect(entry(DAY, { name: 'n', id: 'i', inUse: true }), NOW, THRESHOLDS)).toMatchObject(
    entry(DAY, { name: 'n', id: 'i', inUse: true }),
  )
})

const HOUR = 3_600

/** With this many seconds left of a lifetime of that many. */
const living = (seconds: number, life: number, fields: Partial<Entry> = {}) =>
  entry(seconds, { notBefore: new Date(NOW.getTime() + (seconds - life) * 1000), ...fields })

test.each<[string, number, number, boolean]>([
  ['a day, as in issue mode', HOUR, DAY, true],
  ['a second less than fail-within', 5 * DAY, 30 * DAY - 1, true],
  ['fail-within to the second', 5 * DAY, 30 * DAY, false],
  ['a year', 5 * DAY, 365 * DAY, false],
  ['nothing, which no certificate does', HOUR, 0, false],
  ['less than nothing', HOUR, -DAY, false],
])('one that lasts for %s', (_name, left, life, shortLived) => {
  const { state, verdict, expiring, ...rest } = inspect(living(left, life), NOW, THRESHOLDS)
  expect(rest).toMatchObject({ shortLived })
  const usual = { state: 'failing', verdict: 'fail', expiring: true }
  expect({ state, verdict, expiring }).toEqual(
    shortLived ? { state: 'fine', verdict: 'fine', expiring: false } : usual,
  )
})

test.each<[string, number, Partial<Entry>, string, Verdict]>([
  ['alive', 1, {}, 'fine', 'fine'],
  ['expired, and never disabled', -1, {}, 'expired', 'fine'],
  ['disabled', 1, { enabled: false }, 'fine', 'fine'],
  ['in use', 1, { inUse: true }, 'fine', 'fine'],
  ['in use and expired', -1, { inUse: true }, 'expired', 'fail'],
  ['in use and disabled', 1, { inUse: true, enabled: false }, 'fine', 'fail'],
])('a short-lived one that is %s', (_name, left, fields, state, verdict) => {
  expect(inspect(living(left, DAY, fields), NOW, THRESHOLDS)).toMatchObject({
    ...{ state, verdict, shortLived: true, expiring: false },
  })
})

const USE = fc.record({ enabled: fc.boolean(), inUse: fc.boolean() })
const LIFE = fc.integer({ min: -10 * DAY, max: 400 * DAY })

test('a short-lived one never warns, and fails only when it is in use and does not work', () => {
  fc.assert(
    fc.property(SECONDS, LIFE, LIMITS, USE, (left, life, thresholds, use) => {
      const { verdict, expiring, state, shortLived } = inspect(living(left, life, use), NOW, thresholds)
      expect(shortLived).toBe(life > 0 && life < thresholds.failWithin)
      if (!shortLived) return
      expect(expiring).toBe(false)
      expect(state).toBe(left < 0 ? 'expired' : 'fine')
      expect(verdict).toBe(use.inUse && (left < 0 || !use.enabled) ? 'fail' : 'fine')
    }),
  )
})

test('one that is not short-lived is judged by its expiry alone, as if its start were unknown', () => {
  fc.assert(
    fc.property(SECONDS, LIFE, LIMITS, USE, (left, life, thresholds, use) => {
      const { notBefore: _, ...judged } = inspect(living(left, life, use), NOW, thresholds)
      if (judged.shortLived) return
      const { notBefore: __, ...usual } = inspect(entry(left, use), NOW, thresholds)
      expect(judged).toEqual(usual)
    }),
  )
})
