import { utcMinute } from '../dates.ts'
import {
  byRemedy,
  countFailed,
  type FailureGroup,
  groupFailures,
  NEXT_RUN,
} from '../operations/rotate/failures.ts'
import type { RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport, TargetResult } from '../operations/rotate/types.ts'
import { DISABLE_REASONS, ISSUE_REASONS, ONCE_CERTAIN } from '../operations/rotate/words.ts'
import { counted } from '../text.ts'
import { describeRemaining } from '../x509/validity.ts'
import { code, details, escapeMarkdown, table } from './markdown.ts'
import { handsOver, renderRotationGantt } from './rotate-gantt.ts'
import { explanation, namedLink, remedy } from './summary.ts'

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

function title(report: RotationReport): string {
  const { failure, dryRun, rotated, disabled } = report
  if (failure !== undefined) return `❌ Rotation: ${failure.code}`
  if (dryRun) return `🔎 Rotation, dry run: ${whatIsDue(report)}`
  if (rotated)
    return handsOver(report) ? '🔄 New client certificate: store it now' : '🔄 Client certificate rotated'
  if (disabled.length > 0)
    return `✅ Rotation finished: ${counted(disabled.length, 'old certificate')} disabled`
  const written = inState('written', report)
  if (written > 0) return `🔄 Rotation: ${counted(written, 'target')} written`
  return '✅ Rotation: nothing is due'
}

function whatIsDue(report: RotationReport): string {
  const { reason } = report
  if (reason !== undefined) return `a new certificate is due, because ${ISSUE_REASONS[reason]}`
  const pending = inState('pending', report)
  return `no new certificate is due${pending === 0 ? '' : `, ${counted(pending, 'target')} to be written`}`
}

function inState(wanted: TargetResult['state'], { targets }: RotationReport): number {
  return targets.filter(({ state }) => state === wanted).length
}

/** Each failure once, above all else, with the targets that it is true of. */
function failed({ failure, targets }: RotationReport, env: NodeJS.ProcessEnv): string[] {
  if (failure === undefined) return []
  if (failure.code !== 'TARGETS_FAILED') return [...explanation(failure, env), '']
  const [first = [], ...others] = byRemedy(groupFailures(targets))
  const heading = [`**${countFailed(targets)}.**`, '']
  if (others.length === 0) return [...heading, ...first.flatMap(failedGroup), ...remedy(failure, env), '']
  const parts = [first, ...others].flatMap(groups => [
    ...groups.flatMap(failedGroup),
    ...groups.slice(0, 1).flatMap(group => [...remedy(group, env), '']),
  ])
  return [...heading, ...parts, `${NEXT_RUN} See ${namedLink(failure.code, env)}.`, '']
}

function failedGroup({ message, targets }: FailureGroup): string[] {
  const listed = targets.slice(0, MOST_ROWS).map(name => `* ${code(name)}`)
  return [escapeMarkdown(message), '', ...listed, '']
}

function certificates(report: RotationReport): [string, string][] {
  const { current, previous, disabled, now } = report
  const { notAfter } = current.facts
  return [
    [handsOver(report) ? 'New' : 'In use', code(current.record.name)],
    [
      'Valid until',
      `**${utcMinute(notAfter)}** (${escapeMarkdown(describeRemaining(notAfter, now))}${notAfter > now ? ' left' : ''})`,
    ],
    ...(previous === undefined ? [] : [[replaced(report), code(previous.name)] satisfies [string, string]]),
    ...disabled.map(({ record, why }): [string, string] => [
      'Disabled',
      `${code(record.name)}, ${DISABLE_REASONS[why]}`,
    ]),
  ]
}

/** The old one is in use until the new one is stored. */
function replaced(report: RotationReport): string {
  return handsOver(report) ? 'Replaces' : 'Replaced'
}

function identifiers(report: RotationReport): [string, string][] {
  const { current, previous, disabled } = report
  const old = previous === undefined ? [] : [previous]
  const which = handsOver(report) ? 'New' : 'In use'
  return [
    [`${which}, id`, code(current.record.id)],
    [`${which}, serial number`, code(current.facts.serialNumber)],
    ...old.map(({ id }): [string, string] => [`${replaced(report)}, id`, code(id)]),
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
  const soon = dryRun ? 'a run without `dry-run`' : 'the next run'
  const later = waiting.map(({ record, why, until }) => {
    const run = until === undefined || until <= now ? soon : `the first run after ${utcMinute(until)}`
    const when = until === undefined ? ONCE_CERTAIN[report.effective] : `by ${run}${handed}`
    return `${code(record.name)}, ${DISABLE_REASONS[why]}, is disabled ${when}.`
  })
  const nextTime = `The certificate is replaced by the first run after **${utcMinute(dueFrom)}**.`
  return [
    ...(handsOver(report) ? [STORE] : []),
    ...realRun(report),
    ...later,
    ...(dryRun && reason !== undefined ? [] : [nextTime]),
  ]
}

/** What a run does that is not a dry one. */
function realRun(report: RotationReport): string[] {
  const pending = inState('pending', report)
  const deeds = [
    ...(report.dryRun && report.reason !== undefined ? ['replaces the certificate'] : []),
    ...(pending === 0 ? [] : [`writes ${counted(pending, 'target')}`]),
  ]
  return deeds.length === 0 ? [] : [`A run without \`dry-run\` ${deeds.join(' and ')}.`]
}

const STORE =
  'A later step has to store the new P12 (`p12`, or `p12-file`), under the same password. If that step fails, the next run issues another certificate.'
