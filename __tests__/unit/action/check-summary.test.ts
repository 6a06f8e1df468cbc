import { expect, test } from '@jest/globals'
import { renderCheckSummary } from '../../../src/action/check-summary.ts'
import type { Inspected } from '../../../src/operations/inspect.ts'
import { HOSTILE_NICKNAMES, inspected, reportOf, shortLived, THRESHOLDS } from '../../support/inventory.ts'

const ENV = { GITHUB_ACTION_REPOSITORY: 'acme/digicert', GITHUB_ACTION_REF: 'v1' }
const render = (certificates: Inspected[]) =>
  renderCheckSummary(reportOf(certificates), THRESHOLDS, '/tmp/r.json', ENV)
const rows = (summary: string) => summary.split('\n').filter(line => /^\| [⚪⌛🔴🟠🟢🔵]/u.test(line))

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
])('the title states the result: %s', (sign, certificates) => {
  expect(render(certificates)).toMatch(new RegExp(`^### ${sign} `))
})

test.each([
  ['error', '❌'],
  ['warn', '⚠️'],
  ['ignore', 'ℹ️'],
] as const)('nothing to check, and %s: %s, with cause and fix, and what was found', (ifNoneFound, sign) => {
  for (const certificates of [[], [shortLived(-5)]]) {
    const report = reportOf(certificates, ifNoneFound)
    const summary = renderCheckSummary(report, THRESHOLDS, '/tmp/r.json', ENV)
    expect(summary).toMatch(new RegExp(`^### ${sign} Client certificates: nothing was checked\n`))
    expect(summary).toContain('lists no client certificate')
    expect(summary).toMatch(/\*\*Likely cause:\*\* \S[\s\S]*\*\*Fix:\*\* \S/)
    expect(rows(summary)).toHaveLength(certificates.length)
    expect(summary.includes('```mermaid')).toBe(certificates.length > 0)
  }
})

test('shows and counts short-lived ones as such, and never as the next to expire', () => {
  const summary = render([
    shortLived(-5, { name: 'left' }),
    shortLived(0.5, { name: 'job' }),
    shortLived(0.6, { name: 'off', enabled: false }),
    inspected(200, { name: 'stored' }),
  ])
  expect(rows(summary).map(row => row.split(' | ').slice(0, 2))).toEqual([
    ['| 🟢 fine', 'stored'],
    ['| 🔵 short-lived', 'job'],
    ['| ⚪ disabled', 'off'],
    ['| ⌛ expired, short-lived', 'left'],
  ])
  expect(summary).toContain(
    '**4** checked, **0** expiring soon, **1** expired, **3** short-lived; the next one expires in **200 days**.',
  )
  expect(render([shortLived(0.5)])).toMatch(/^### ✅ Client certificates: only short-lived ones\n/)
  expect(summary).not.toContain('only short-lived')
})

test('the one in use first, then red, orange, green, and history last, in both table and timeline', () => {
  const summary = render([
    inspected(200, { name: 'd' }),
    inspected(-50, { name: 'old' }),
    inspected(-5, { name: 'a' }),
    inspected(5, { name: 'b' }),
    inspected(60, { name: 'c' }),
    inspected(300, { name: 'e', enabled: false }),
    inspected(250, { name: 'mine', inUse: true }),
  ])
  expect(rows(summary)).toEqual([
    '| 🟢 fine | mine **(in use)** | 2027-02-06 12:00 UTC | 250 days | <code>AB01</code> |',
    '| 🔴 expires very soon | b | 2026-06-06 12:00 UTC | 5 days | <code>AB01</code> |',
    '| 🟠 expires soon | c | 2026-07-31 12:00 UTC | 60 days | <code>AB01</code> |',
    '| 🟢 fine | d | 2026-12-18 12:00 UTC | 200 days | <code>AB01</code> |',
    '| ⚪ disabled | e | 2027-03-28 12:00 UTC | 300 days | <code>AB01</code> |',
    '| ⌛ expired | a | 2026-05-27 12:00 UTC | expired 5 days ago | <code>AB01</code> |',
    '| ⌛ expired | old | 2026-04-12 12:00 UTC | expired 50 days ago | <code>AB01</code> |',
  ])
  const drawn = [...summary.matchAll(/^ {2}section \S+ (?:IN USE )?(\S+)$/gm)].map(([, name]) => name)
  expect(drawn).toEqual(['mine', 'b', 'c', 'd', 'e', 'a', 'old'])
  expect(summary).toContain('| State | Certificate | Expires | Left | Serial number |')
  expect(summary).not.toMatch(/^\| \|/m)
  expect(summary).toContain(
    '**7** checked, **2** expiring soon, **2** expired; the next one expires in **5 days**.',
  )
  expect(summary).not.toMatch(/matter most|All of them/)
})

test('says what is cut, and where the rest is', () => {
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

test('starts with what to do: a line for each that fails, with the fix and its page', () => {
  const summary = render([
    inspected(5, { name: 'soon' }),
    inspected(60, { name: 'later' }),
    inspected(200, { name: 'mine', inUse: true, enabled: false }),
  ])
  expect(summary.split('\n').slice(0, 6)).toEqual([
    '### ❌ Client certificates: the one in use is disabled',
    '',
    '#### What to do first',
    '',
    expect.stringMatching(
      /^- \*\*&#34;mine&#34; &#40;id id-200&#41;, the one in use, is disabled\.\*\* Replace the stored P12 .* See \[CERT_DISABLED\]\(https:\/\/github\.com\/acme\/digicert\/blob\/v1\/docs\/troubleshooting\.md#cert_disabled\)\.$/,
    ),
    expect.stringMatching(
      /^- \*\*&#34;soon&#34; .* expires in 5 days, on 2026-06-06 12:00 UTC\.\*\* Issue a new .*#cert_expiring\)\.$/,
    ),
  ])
  expect(summary).toContain('section 🔴 IN USE mine')
  expect(render([inspected(200)])).not.toContain('What to do first')
})

test.each([
  ['is disabled', inspected(200, { inUse: true, enabled: false })],
  ['has expired', inspected(-5, { inUse: true })],
  ['expires in 5 days', inspected(5, { inUse: true })],
])('the headline is the one in use: it %s', (words, certificate) => {
  const summary = render([inspected(3), certificate, inspected(-300)])
  expect(summary).toMatch(new RegExp(`^### ❌ Client certificates: the one in use ${words}\n`))
  expect(rows(summary)[0]).toMatch(/^\| 🔴 .*\(in use\)/)
})

test('of thousands that fail, some get a line of what to do, and the rest are counted', () => {
  const summary = render(Array.from({ length: 3_000 }, (_, index) => inspected(1 + index / 1e6)))
  expect(summary.match(/^- \*\*/gm)).toHaveLength(50)
  expect(summary).toContain('- 2950 more certificates that failed: see the table below.')
})

test('what to do names the page where no repository is known to link to', () => {
  const summary = renderCheckSummary(reportOf([inspected(5)]), THRESHOLDS, '/tmp/r.json', {})
  expect(summary).toContain(' See docs/troubleshooting.md#cert_expiring.')
})

test('a nickname without a place to break leaves the dates in sight, and one from right to left stays in order', () => {
  const summary = render([inspected(5, { name: 'x'.repeat(200) }), inspected(6, { name: 'شهادة' })])
  expect(rows(summary)[0]).toContain(`| ${'x'.repeat(27)}&#8230;${'x'.repeat(12)} | 2026-06-06`)
  expect(summary).toMatch(/^- \*\*Certificate &#34;شهادة&#34; .* expires in 6 days/m)
})
