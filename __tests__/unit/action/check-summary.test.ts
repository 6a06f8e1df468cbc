import { expect, test } from '@jest/globals'
import { renderCheckSummary } from '../../../src/action/check-summary.ts'
import type { Inspected } from '../../../src/operations/inspect.ts'
import { HOSTILE_NICKNAMES, inspected, reportOf, shortLived, THRESHOLDS } from '../../support/inventory.ts'

const render = (certificates: Inspected[]) =>
  renderCheckSummary(reportOf(certificates), THRESHOLDS, '/tmp/r.json')
const rows = (summary: string) => summary.split('\n').filter(line => /^\| [⚪⚫🔴🟠🟢🔵]/u.test(line))

test.each<[string, Inspected[]]>([
  ['✅', [inspected(200)]],
  ['✅', [inspected(200), shortLived(0.5)]],
  ['✅', [shortLived(0.5)]],
  ['❌', []],
  ['❌', [shortLived(-5)]],
  ['⚠️', [inspected(200), inspected(60)]],
  ['⚠️', [inspected(-60)]],
  ['❌', [inspected(60), inspected(5)]],
  ['❌', [inspected(200, { inUse: true, enabled: false })]],
])('the title says how it is: %s', (sign, certificates) => {
  expect(render(certificates)).toMatch(new RegExp(`^### ${sign} `))
})

test.each([
  ['error', '❌'],
  ['warn', '⚠️'],
  ['ignore', 'ℹ️'],
] as const)('nothing to look at, and %s: %s, with cause and fix, and what there was', (ifNoneFound, sign) => {
  for (const certificates of [[], [shortLived(-5)]]) {
    const report = reportOf(certificates, ifNoneFound)
    const summary = renderCheckSummary(report, THRESHOLDS, '/tmp/r.json')
    expect(summary).toMatch(new RegExp(`^### ${sign} Client certificates: nothing was checked\n`))
    expect(summary).toContain('lists no client certificate')
    expect(summary).toMatch(/\*\*Likely cause:\*\* \S[\s\S]*\*\*Fix:\*\* \S/)
    expect(rows(summary)).toHaveLength(certificates.length)
    expect(summary.includes('```mermaid')).toBe(certificates.length > 0)
  }
})

test('short-lived ones are shown as such and counted, and the next to end is none of them', () => {
  const summary = render([
    shortLived(-5, { name: 'left' }),
    shortLived(0.5, { name: 'job' }),
    shortLived(0.6, { name: 'off', enabled: false }),
    inspected(200, { name: 'stored' }),
  ])
  expect(rows(summary).map(row => row.split(' | ').slice(0, 2))).toEqual([
    ['| ⚫ expired, short-lived', 'left'],
    ['| 🔵 short-lived', 'job'],
    ['| ⚪ disabled', 'off'],
    ['| 🟢 fine', 'stored'],
  ])
  expect(summary).toContain(
    '**4** looked at, **0** ending soon, **1** expired, **3** short-lived; the next one ends in **200 days**.',
  )
  expect(render([shortLived(0.5)])).toMatch(/^### ✅ Client certificates: only short-lived ones\n/)
  expect(summary).not.toContain('only short-lived')
})

test('a row for each, soonest first, with state, end, what is left, and the one in use', () => {
  const summary = render([
    inspected(200, { name: 'd' }),
    inspected(-5, { name: 'a' }),
    inspected(5, { name: 'b', inUse: true }),
    inspected(60, { name: 'c' }),
    inspected(300, { name: 'e', enabled: false }),
  ])
  expect(rows(summary)).toEqual([
    '| ⚫ expired | a | 2026-05-27 12:00 UTC | expired 5 days ago | <code>AB01</code> |',
    '| 🔴 ends very soon | b **(in use)** | 2026-06-06 12:00 UTC | 5 days | <code>AB01</code> |',
    '| 🟠 ends soon | c | 2026-07-31 12:00 UTC | 60 days | <code>AB01</code> |',
    '| 🟢 fine | d | 2026-12-18 12:00 UTC | 200 days | <code>AB01</code> |',
    '| ⚪ disabled | e | 2027-03-28 12:00 UTC | 300 days | <code>AB01</code> |',
  ])
  expect(summary).toContain(
    '**5** looked at, **2** ending soon, **1** expired; the next one ends in **5 days**.',
  )
  expect(summary).not.toMatch(/matter most|All of them/)
})

test('what is cut is said, with where the rest is', () => {
  const summary = render(Array.from({ length: 1500 }, (_, index) => inspected(index)))
  expect(summary).toMatch(/timeline shows the \d+ that matter most of 1500/)
  expect(summary).toMatch(/table shows the \d+ that matter most of 1500/)
  expect(summary).toContain('<code>/tmp/r.json</code>')
  expect(rows(summary).length).toBeGreaterThanOrEqual(500)
})

test.each(HOSTILE_NICKNAMES)('%j stays in its cell', name => {
  const summary = render([inspected(5, { name, serialNumber: name }), inspected(50)])
  expect(rows(summary)).toHaveLength(2)
  for (const row of rows(summary)) expect(row.split('|')).toHaveLength(7)
  expect(summary).not.toMatch(/<(?!\/?code>)/)
  expect(summary.split('\n').filter(line => line.includes('```'))).toEqual(['```mermaid', '```'])
})

test.each(['🔑', '|', 'x'])('the longest nicknames and serial numbers of %s fit', character => {
  const text = character.repeat(300)
  const summary = render(
    Array.from({ length: 3_000 }, (_, index) => inspected(index / 10, { name: text, serialNumber: text })),
  )
  expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
  expect(rows(summary).length).toBeGreaterThan(50)
})
