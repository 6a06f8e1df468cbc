import { expect, test } from '@jest/globals'
import { renderRotation } from '../../../src/action/rotate-summary.ts'
import { ActionError } from '../../../src/errors.ts'
import { failureOf } from '../../../src/operations/rotate/failures.ts'
import type { RotationReport, TargetResult } from '../../../src/operations/rotate/types.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000)
const ENV = { GITHUB_ACTION_REPOSITORY: 'acme/digicert', GITHUB_ACTION_REF: 'v1' }
const SETTINGS = { graceSeconds: 7 * 86_400, rotateWithinSeconds: 60 * 86_400, force: false }

const REPORT = {
  dryRun: false,
  reason: 'due',
  rotated: true,
  current: {
    record: { id: 'id-new', name: 'octo-org-app-new' },
    facts: { serialNumber: 'AB01', notBefore: NOW, notAfter: inDays(180) },
  },
  previous: { id: 'id-old', name: 'old' },
  targets: [
    { name: 'a/b', state: 'current', problem: undefined },
    { name: 'a/c', state: 'written', problem: undefined },
  ],
  disabled: [],
  waiting: [],
  effective: 'at once',
  dueFrom: inDays(120),
  now: NOW,
  failure: undefined,
} as unknown as RotationReport

const render = (changes: Partial<RotationReport> = {}) =>
  renderRotation({ ...REPORT, ...changes }, SETTINGS, ENV)
const count = (text: string, part: string) => text.split(part).length - 1

function failing(name: string, reason: string): TargetResult {
  const words = { what: `GitHub responded with ${reason} for ${name}.`, why: 'Why.', fix: 'Mend it.' }
  return { name, state: 'failed', problem: new ActionError('GITHUB_ERROR', words) }
}

test('shows what is in use and its expiry without an empty header row, groups ids, and says "up to date"', () => {
  const summary = render()
  expect(summary).toMatch(/^### 🔄 Client certificate rotated\n\n\| In use \| /)
  expect(summary).toContain('**2026-11-28 12:00 UTC** (180 days left)')
  expect(summary).not.toMatch(/^\| \|/m)
  const [open = '', folded = ''] = summary.split('<details><summary>Ids and serial number</summary>')
  for (const id of ['id-new', 'id-old', 'AB01']) {
    expect(open).not.toContain(id)
    expect(folded.split('</details>')[0]).toContain(id)
  }
  expect(summary).toContain('| <code>a/b</code> | ✅ up to date |')
  expect(summary).not.toContain('holds')
})

test('shows each failure once, with its targets as a list, its fix and its page', () => {
  const targets = [failing('a/b', '500'), failing('a/c', '500'), failing('org:d', '403')]
  const failure = failureOf(targets)
  const summary = render({ targets, ...(failure === undefined ? {} : { failure }) })
  expect(summary).toContain(
    [
      '### ❌ Rotation: TARGETS_FAILED',
      '',
      '**3 of 3 targets could not be written.**',
      '',
      'GitHub responded with 500.',
      '',
      '* <code>a/b</code>',
      '* <code>a/c</code>',
      '',
      'GitHub responded with 403.',
      '',
      '* <code>org:d</code>',
      '',
      '- **Likely cause:** Why.',
    ].join('\n'),
  )
  expect(count(summary, 'GitHub responded with 500')).toBe(1)
  expect(count(summary, 'Mend it.')).toBe(1)
  expect(summary).toContain('| <code>org:d</code> | ❌ not written |')
  expect(summary).toContain(
    '- **More:** https://github.com/acme/digicert/blob/v1/docs/troubleshooting.md#targets_failed',
  )
  expect(failure?.message).toBe(
    '3 of 3 targets could not be written.\nGitHub responded with 500.\n- a/b\n- a/c\nGitHub responded with 403.\n- org:d',
  )
})

test('for hundreds of targets, the error names some, and the summary all', () => {
  const targets = Array.from({ length: 200 }, (_, index) => failing(`a/r${index}`, '500'))
  const failure = failureOf(targets)
  expect(failure?.message.split('\n')).toHaveLength(23)
  expect(failure?.message).toMatch(/- and 180 more targets$/)
  const summary = render({ targets, ...(failure === undefined ? {} : { failure }) })
  expect(summary.match(/^\* /gm)).toHaveLength(200)
})

test('shows any other failure with its cause, its fix and its page', () => {
  const words = { what: 'It was undone.', why: 'A reason.', fix: 'Run it again.' }
  const summary = render({ failure: new ActionError('ROTATION_UNDONE', words) })
  expect(summary).toContain('- **Likely cause:** A reason.\n- **Fix:** Run it again.\n- **More:** https:')
})

test.each([
  ['due', { reason: 'due', dueFrom: inDays(-1) }, '🟠 in use, due: octo-org-app-new\n  \ufe0f :active, '],
  ['refused', { reason: 'refused' }, '🔴 in use, due: octo-org-app-new\n  \ufe0f :crit, '],
  ['not due', { reason: undefined }, '🟢 in use: octo-org-app-new\n  \ufe0f :current, '],
] as const)('the bar of a dry run shows the state: %s', (_name, changes, bar) => {
  expect(render({ ...changes, dryRun: true, rotated: false })).toContain(`section ${bar}`)
})
