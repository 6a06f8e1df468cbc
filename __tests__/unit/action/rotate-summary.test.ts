import { expect, test } from '@jest/globals'
import { renderRotation } from '../../../src/action/rotate-summary.ts'
import type { CertificateRecord } from '../../../src/digicert/records.ts'
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

function notFound(name: string): TargetResult {
  const words = { what: `${name} has no secret X.`, why: `${name} is new.`, fix: `Run \`gh\` for ${name}.` }
  return { name, state: 'failed', problem: new ActionError('GITHUB_NOT_FOUND', words) }
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

test('failures with other causes have each its own, and what names a target is said of the target', () => {
  const targets = [failing('a/b', '500'), notFound('org:d'), notFound('org:e'), failing('a/c', '502')]
  const failure = failureOf(targets)
  const summary = render({ targets, ...(failure === undefined ? {} : { failure }) })
  const page = 'https://github.com/acme/digicert/blob/v1/docs/troubleshooting.md'
  expect(summary).toContain(
    [
      '**4 of 4 targets could not be written.**',
      '',
      'GitHub responded with 500.',
      '',
      '* <code>a/b</code>',
      '',
      'GitHub responded with 502.',
      '',
      '* <code>a/c</code>',
      '',
      '- **Likely cause:** Why.',
      '- **Fix:** Mend it.',
      `- **More:** ${page}#github_error`,
      '',
      'The target has no secret X.',
      '',
      '* <code>org:d</code>',
      '* <code>org:e</code>',
      '',
      '- **Likely cause:** The target is new.',
      '- **Fix:** Run <code>gh</code>.',
      `- **More:** ${page}#github_not_found`,
      '',
      `Nothing was disabled, and the next run writes them again. See [TARGETS_FAILED](${page}#targets_failed).`,
    ].join('\n'),
  )
  expect(failure?.why).toBe('GITHUB_ERROR: Why. GITHUB_NOT_FOUND: The target is new.')
  expect(failure?.fix).toBe(
    'GITHUB_ERROR: Mend it. GITHUB_NOT_FOUND: Run `gh`. Nothing was disabled, and the next run writes them again.',
  )
})

test.each([
  ['✅ Rotation: nothing is due', { rotated: false, targets: [] }],
  ['🔄 Rotation: 1 target written', { rotated: false }],
  [
    "🔎 Rotation, dry run: a new certificate is due, because the one in use expires within 'rotate-within'",
    { rotated: false, dryRun: true },
  ],
  ['🔎 Rotation, dry run: no new certificate is due', { rotated: false, dryRun: true, reason: undefined }],
] as const)('the title says what was done: %s', (title, changes) => {
  expect(render(changes as Partial<RotationReport>).split('\n')[0]).toBe(`### ${title}`)
})

test('a dry run says what a run does that is not one', () => {
  const targets: TargetResult[] = [{ name: 'a/b', state: 'pending', problem: undefined }]
  const record = { id: 'id-old', name: 'old' } as CertificateRecord
  const waiting: RotationReport['waiting'] = [{ record, why: 'superseded', until: NOW }]
  const dry = { dryRun: true, rotated: false, targets, waiting }
  expect(render(dry)).toContain(
    '- A run without `dry-run` replaces the certificate and writes 1 target.\n- <code>old</code>, which is superseded, is disabled by a run without `dry-run`.\n',
  )
  const still = render({ ...dry, reason: undefined })
  expect(still).toContain('dry run: no new certificate is due, 1 target to be written')
  expect(still).toContain('- A run without `dry-run` writes 1 target.\n')
})

test('what was only handed over is not called in use', () => {
  const summary = render({ effective: 'later', targets: [] })
  expect(summary).toContain('| New | <code>octo-org-app-new</code> |')
  expect(summary).toContain('| Replaces | <code>old</code> |')
  expect(summary).toContain('section 🟢 new: octo-org-app-new')
  expect(summary).not.toMatch(/in use/i)
})

test('each grace period stands below its certificate, and one that nobody uses replaced nothing', () => {
  const certificate = (name: string) =>
    ({ id: name, name, startDate: inDays(-100), endDate: inDays(80) }) as CertificateRecord
  const waiting: RotationReport['waiting'] = [
    { record: certificate('old'), why: 'superseded', until: inDays(3) },
    { record: certificate('lost'), why: 'orphan', until: inDays(5) },
  ]
  const sections = [...render({ waiting }).matchAll(/^ {2}section (.*)$/gm)].map(([, name]) => name)
  expect(sections).toEqual([
    'today',
    'next rotation',
    '🟢 in use: octo-org-app-new',
    '🟠 replaced: old',
    '⏳ grace period',
    '🟠 not in use: lost',
    '⏳ grace period (2)',
  ])
})

test('when the one in use is disabled, the next rotation is due today and not when it would have expired', () => {
  const summary = render({ reason: 'disabled', rotated: false, dryRun: true })
  expect(summary).toMatch(/section next rotation\n.*milestone, 2026-06-01, 0d/)
})
