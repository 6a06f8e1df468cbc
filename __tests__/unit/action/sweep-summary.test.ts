import { expect, test } from '@jest/globals'
import { renderSweepSummary } from '../../../src/action/sweep-summary.ts'
import type { CertificateRecord } from '../../../src/digicert/records.ts'
import { ActionError } from '../../../src/errors.ts'
import type { Outcome, SweepReport, Swept } from '../../../src/operations/sweep/types.ts'

const ENV = {
  GITHUB_ACTION_REPOSITORY: 'acme/digicert',
  GITHUB_ACTION_REF: 'v1',
  GITHUB_REPOSITORY: 'octo-org/app',
}
const REPORT: SweepReport = {
  enabled: false,
  dryRun: false,
  swept: [],
  listed: 3,
  blindness: undefined,
  failure: undefined,
}

const swept = (name: string, outcome: Outcome, more: Partial<Swept> = {}): Swept => ({
  record: { id: `id of ${name}`, name, endDate: new Date('2026-12-01T12:00:00Z') } as CertificateRecord,
  outcome,
  ...more,
})
const render = (changes: Partial<SweepReport>) =>
  renderSweepSummary({ ...REPORT, ...changes }, 'https://one.example', ENV)

test('a table of what was done, whose every column has a name and something in it', () => {
  const run = { id: '7', attempt: 2 } as NonNullable<Swept['run']>
  expect(render({ swept: [swept('a|b', 'changed')] })).toBe(
    [
      '### ⛔ Client certificates disabled',
      '',
      '1 certificate: 1 disabled. Host: <code>one.example</code>',
      '',
      '| State | Certificate | DigiCert id | Expires |',
      '| --- | --- | --- | --- |',
      '| ✅ disabled | <code>a&#124;b</code> | <code>id of a&#124;b</code> | 2026-12-01 12:00 UTC |',
      '',
      '',
    ].join('\n'),
  )
  const ofRuns = render({ swept: [swept('a', 'changed', { run })] })
  expect(ofRuns).toContain('| State | Certificate | DigiCert id | Run |\n')
  expect(ofRuns).toContain('| [7, attempt 2](https://github.com/octo-org/app/actions/runs/7/attempts/2) |\n')
})

test('a failure stands above the table, once, with its list, its fix and its page', () => {
  const words = { what: 'Two are left:\n- "a"\n- "b"\nNo response.', why: 'Why.', fix: 'Run `it` again.' }
  const problem = new ActionError('TIMEOUT', words)
  const summary = render({
    swept: [swept('c', 'changed'), swept('a', 'unsettled', { problem })],
    failure: problem,
  })
  expect(summary).toMatch(
    /^### ❌ Client certificates: TIMEOUT\n\nTwo are left:\n\n\* &#34;a&#34;\n\* &#34;b&#34;\n\nNo response\.\n/,
  )
  expect(summary).toMatch(/Run <code>it<\/code> again\.\n- \*\*More:\*\* \S+#timeout\n[\s\S]*\n\| State \|/)
  expect(summary.match(/^#/gm)).toHaveLength(1)
  expect(summary.indexOf('not shown to be disabled (TIMEOUT)')).toBeLessThan(summary.indexOf('✅ disabled'))
})

test('green only when something was looked at', () => {
  expect(render({})).toMatch(/^### ✅ Client certificates: nothing to do\n/)
  for (const dryRun of [true, false])
    expect(render({ listed: 0, dryRun })).toMatch(/^### ℹ️ Client certificates: there are none\n/)
  const blind = render({ blindness: 'Write `actions: read`.' })
  expect(blind).toMatch(
    /^### ⚠️ Client certificates: GitHub shows no run\n\nWrite <code>actions: read<\/code>\.\n/,
  )
  expect(blind).toContain('Nothing was changed among 3 certificates')
})

test('a name without a place to break leaves the other columns in sight', () => {
  expect(render({ swept: [swept('x'.repeat(300), 'changed')] })).toContain(
    `| <code>${'x'.repeat(27)}&#8230;${'x'.repeat(12)}</code> |`,
  )
})
