import { utcMinute } from '../dates.ts'
import { countFailed, groupFailures } from '../operations/rotate/failures.ts'
import type { RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport, TargetResult } from '../operations/rotate/types.ts'
import { DISABLE_REASONS, ISSUE_REASONS, ONCE_CERTAIN } from '../operations/rotate/words.ts'
import { counted } from '../text.ts'
import { describeRemaining } from '../x509/validity.ts'
import { code, details, escapeMarkdown, table } from './markdown.ts'
import { renderRotationGantt } from './rotate-gantt.ts'
import { explanation, remedy } from './summary.ts'

/** More would push the rest of the job's summary out of its 1 MiB. */
const MOST_ROWS = 1000

const STATES: Record<TargetResult['state'], string> = {
  current: '✅ up to date',
  written: '🔄 written',
  failed: '❌ not written',
  pending: '⏳ to be written',
}

/** The job summary of a rotation: what was done, old and new on one time line, each target, and what comes next. */
export function renderRotation(
  report: RotationReport,
  settings: RotationSettings,
  env: NodeJS.ProcessEnv,
): string {
  return [
    `### ${title(report)}`,
    '',
    ...failed(report, env),
    table(certificates(report)),
    '',
    details('Ids and serial number', identifiers(report)),
    '',
    renderRotationGantt(report, settings),
    ...targetRows(report.targets),
    '#### What happens next',
    '',
    ...nextSteps(report).map(step => `- ${step}`),
    '',
    '',
  ].join('\n')
}

function title({ failure, dryRun, rotated, reason, disabled, effective }: RotationReport): string {
  if (failure !== undefined) return `❌ Rotation: ${failure.code}`
  if (dryRun)
    return `🔎 Rotation, dry run: ${reason === undefined ? 'no new certificate is due' : ISSUE_REASONS[reason]}`
  if (rotated)
    return effective === 'later' ? '🔄 New client certificate: store it now' : '🔄 Client certificate rotated'
  if (disabled.length > 0)
    return `✅ Rotation finished: ${counted(disabled.length, 'old certificate')} disabled`
  return '✅ Rotation: nothing is due'
}

/** Each failure once, above all else, with the targets that it is true of. */
function failed({ failure, targets }: RotationReport, env: NodeJS.ProcessEnv): string[] {
  if (failure === undefined) return []
  if (failure.code !== 'TARGETS_FAILED') return [...explanation(failure, env), '']
  const groups = groupFailures(targets).flatMap(group => [
    `${escapeMarkdown(group.message)}`,
    '',
    ...group.targets.slice(0, MOST_ROWS).map(name => `* ${code(name)}`),
    '',
  ])
  return [`**${countFailed(targets)}.**`, '', ...groups, ...remedy(failure, env), '']
}

function certificates({ current, previous, disabled, now }: RotationReport): [string, string][] {
  const { notAfter } = current.facts
  return [
    ['In use', code(current.record.name)],
    [
      'Valid until',
      `**${utcMinute(notAfter)}** (${escapeMarkdown(describeRemaining(notAfter, now))}${notAfter > now ? ' left' : ''})`,
    ],
    ...(previous === undefined ? [] : [['Replaced', code(previous.name)] satisfies [string, string]]),
    ...disabled.map(({ record, why }): [string, string] => [
      'Disabled',
      `${code(record.name)}, ${DISABLE_REASONS[why]}`,
    ]),
  ]
}

function identifiers({ current, previous, disabled }: RotationReport): [string, string][] {
  const replaced = previous === undefined ? [] : [previous]
  return [
    ['In use, id', code(current.record.id)],
    ['In use, serial number', code(current.facts.serialNumber)],
    ...replaced.map(({ id }): [string, string] => ['Replaced, id', code(id)]),
    ...disabled.map(({ record }): [string, string] => ['Disabled, id', code(record.id)]),
  ]
}

function targetRows(targets: TargetResult[]): string[] {
  if (targets.length === 0) return []
  const failedFirst = [...targets].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'))
  const shown = failedFirst.slice(0, MOST_ROWS)
  const rows = shown.map(({ name, state }) => `| ${code(name)} | ${STATES[state]} |`)
  const cut = targets.length - shown.length
  return [
    '| Target | State |',
    '|---|---|',
    ...rows,
    '',
    ...(cut > 0 ? [`${counted(cut, 'more target')} not shown.`, ''] : []),
  ]
}

function nextSteps(report: RotationReport): string[] {
  const { waiting, dueFrom, dryRun, reason, now } = report
  const handed = handsOver(report) ? ' that is handed the new P12' : ''
  const later = waiting.map(({ record, why, until }) => {
    const run =
      until === undefined || until <= now ? 'the next run' : `the first run after ${utcMinute(until)}`
    const when = until === undefined ? ONCE_CERTAIN[report.effective] : `by ${run}${handed}`
    return `${code(record.name)}, ${DISABLE_REASONS[why]}, is disabled ${when}.`
  })
  const due =
    dryRun && reason !== undefined
      ? 'A run without `dry-run` replaces the certificate.'
      : `The certificate is replaced by the first run after **${utcMinute(dueFrom)}**.`
  return [...(handsOver(report) ? [STORE] : []), ...later, due]
}

const STORE =
  'A later step has to store the new P12 (`p12`, or `p12-file`), under the same password. If that step fails, the next run issues another certificate.'

function handsOver({ effective, rotated }: RotationReport): boolean {
  return effective === 'later' && rotated
}
