import type { RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport, TargetResult } from '../operations/rotate/types.ts'
import { DISABLE_REASONS, ISSUE_REASONS, ONCE_CERTAIN } from '../operations/rotate/words.ts'
import { counted } from '../text.ts'
import { describeRemaining } from '../x509/validity.ts'
import { code, escapeMarkdown, table, utcMinute } from './markdown.ts'
import { renderRotationGantt } from './rotate-gantt.ts'

/** More would push the rest of the job's summary out of its 1 MiB. */
const MOST_ROWS = 1000

const STATES: Record<TargetResult['state'], string> = {
  current: '✅ holds it',
  written: '🔄 written',
  failed: '❌ not written',
  pending: '⏳ to be written',
}

/** The job summary of a rotation: what was done, old and new on one time line, each target, and what comes next. */
export function renderRotation(report: RotationReport, settings: RotationSettings): string {
  const { current, previous, now } = report
  const rows: [string, string][] = [
    ['In use', `${code(current.record.name)}<br>${code(current.record.id)}`],
    ['Serial number', code(current.facts.serialNumber)],
    [
      'Valid until',
      `**${utcMinute(current.facts.notAfter)}** (${escapeMarkdown(describeRemaining(current.facts.notAfter, now))})`,
    ],
  ]
  if (previous !== undefined) rows.push(['Replaced', `${code(previous.name)}<br>${code(previous.id)}`])
  for (const { record, why } of report.disabled)
    rows.push(['Disabled', `${code(record.name)}, ${DISABLE_REASONS[why]}`])
  return [
    `### ${title(report)}`,
    '',
    table(rows),
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

function targetRows(targets: TargetResult[]): string[] {
  if (targets.length === 0) return []
  const failedFirst = [...targets].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'))
  const shown = failedFirst.slice(0, MOST_ROWS)
  const rows = shown.map(({ name, state, problem }) => {
    const why = problem === undefined ? '' : `: ${escapeMarkdown(problem.message)}`
    return `| ${code(name)} | ${STATES[state]}${why} |`
  })
  const cut = targets.length - shown.length
  return [
    '| Target | State |',
    '|---|---|',
    ...rows,
    '',
    ...(cut > 0 ? [`${counted(cut, 'more target')} not shown, none of which failed.`, ''] : []),
  ]
}

function nextSteps(report: RotationReport): string[] {
  const { failure, waiting, dueFrom, dryRun, reason, now } = report
  const failed = failure === undefined ? [] : [escapeMarkdown(failure.fix)]
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
  return [...(handsOver(report) ? [STORE] : []), ...failed, ...later, due]
}

const STORE =
  'A later step has to store the new P12 (`p12`, or `p12-file`), under the same password. If that step fails, the next run issues another certificate.'

function handsOver({ effective, rotated }: RotationReport): boolean {
  return effective === 'later' && rotated
}
