import { expect, test } from '@jest/globals'
import type { CertificateRecord } from '../../../src/digicert/records.ts'
import { findNothing, type SoughtOrElse } from '../../../src/operations/nothing-checked.ts'
import { tallyOf } from '../../../src/operations/tally.ts'
import { record } from '../../support/fake-digicert.ts'
import { inspected, NOW, shortLived } from '../../support/inventory.ts'

const ALL: SoughtOrElse = { name: '', includeDisabled: false, ifNoneFound: 'error' }
const SOON = { endDate: new Date(NOW.getTime() + 86_400_000) }

function explain(records: CertificateRecord[], changes: Partial<SoughtOrElse> = {}) {
  const sought = { ...ALL, ...changes }
  const nothing = findNothing([], tallyOf(records, sought), sought)
  expect(nothing?.error.code).toBe('NOTHING_CHECKED')
  const { message = '', why = '', fix = '' } = nothing?.error ?? {}
  for (const text of [message, why, fix]) expect(text).toMatch(/^\S.*\.$/)
  expect(fix).toContain('if-none-found: ignore')
  return { what: message, why, fix }
}

test.each([
  ['error', 'fail'],
  ['warn', 'warn'],
  ['ignore', 'fine'],
] as const)('%s makes it: %s', (ifNoneFound, verdict) => {
  expect(findNothing([], tallyOf([], ALL), { ...ALL, ifNoneFound })).toMatchObject({ verdict })
})

test.each([
  ['one that is fine', [inspected(200)]],
  ['one that has expired', [inspected(-5)]],
  ['a disabled one, which was included', [inspected(200, { enabled: false })]],
  ['a short-lived one of a job that runs', [shortLived(0.5)]],
  ['the one in use, though it was short-lived and has expired', [shortLived(-5, { inUse: true })]],
  ['one among leftovers', [shortLived(-5), inspected(200)]],
])('found: %s', (_name, certificates) => {
  expect(findNothing(certificates, tallyOf([], ALL), ALL)).toBeUndefined()
})

test('what issue mode left behind does not keep a check green forever', () => {
  const records = [record('left', { endDate: new Date(0) })]
  const nothing = findNothing([shortLived(-5), shortLived(-400)], tallyOf(records, ALL), ALL)
  expect(nothing).toMatchObject({ verdict: 'fail', error: { code: 'NOTHING_CHECKED' } })
  expect(nothing?.error.message).toContain(
    '1 client certificate, but none to check: 1 short-lived and expired',
  )
})

test('a user without certificates', () => {
  const { what, why, fix } = explain([], { name: 'release-*' })
  expect(what).toContain('lists no client certificate')
  expect(why).toContain('another service user')
  expect(fix).toContain("'host'")
})

test('a misspelled name: says how many there are, and the nicknames most like it first', () => {
  const records = ['octo-hello-17', 'release-2025', 'Release-old', 'x', '', 'release-2024'].map(name =>
    record(name, { ...SOON, name }),
  )
  const { what, why, fix } = explain(records, { name: 'relase-*' })
  expect(what).toBe(
    'This service user has 6 client certificates, but none whose nickname matches "relase-*", so nothing was checked. The nearest nicknames: "Release-old", "release-2025", "release-2024", "x", "octo-hello-17".',
  )
  expect(why).toContain('case-sensitive')
  expect(fix).toContain("Correct 'name'")
})

test('names no nickname where there is none', () => {
  const { what } = explain([record('a', { ...SOON, name: '' })], { name: 'release-*' })
  expect(what).toMatch(/has 1 client certificate, but none .* so nothing was checked\.$/)
})

test('calls disabled ones by their reason, most frequent first', () => {
  const records = [
    record('a', { enabled: false }),
    record('b', { ...SOON, enabled: false }),
    record('c', { enabled: undefined }),
    record('other', SOON),
  ]
  const { what, why, fix } = explain(records, { name: '?' })
  expect(what).toBe(
    'This service user has 3 client certificates whose nickname matches "?", but none to check: 2 disabled, 1 without an expiry date.',
  )
  expect(why).toContain('`mode: issue`')
  expect(fix).toContain("'p12'")
})

test('without an expiry date, includes disabled ones on request', () => {
  const records = [record('a', { enabled: false }), record('b')]
  const { what, why } = explain(records, { includeDisabled: true })
  expect(what).toBe(
    'This service user has 2 client certificates, but none to check: 2 without an expiry date.',
  )
  expect(why).toContain('no expiry date')
})

test('the longest nicknames and names leave a readable error, at no cost', () => {
  const records = Array.from({ length: 10_000 }, (_, index) =>
    record(String(index), { name: '🔑'.repeat(299) + index }),
  )
  const before = process.cpuUsage()
  expect(explain(records, { name: `${'a'.repeat(5_000)}*` }).what.length).toBeLessThan(1_000)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(10)
})
