import type { CheckReport } from '../operations/check.ts'
import type { Inspected, Verdict } from '../operations/inspect.ts'
import { describeRemaining, type Thresholds } from '../x509/validity.ts'
import { MOST_BARS, renderGantt } from './check-gantt.ts'
import { sectionsOf } from './check-sections.ts'
import { code, escapeMarkdown, utcMinute } from './markdown.ts'
import { fitting, mostImportant } from './most-important.ts'
import { stateMark } from './state-mark.ts'
import { explanation } from './summary.ts'

/** Rows that a browser still shows at once. */
const MOST_ROWS = 1000
/** GitHub takes 1 MiB for a step, diagram included. */
const LONGEST_TABLE = 800_000

/** The job summary of `check`, as GitHub Markdown. */
export function renderCheckSummary(report: CheckReport, thresholds: Thresholds, reportFile: string): string {
  const { certificates, now } = report
  const bars = mostImportant(certificates, MOST_BARS)
  const room = { most: MOST_ROWS, bytes: LONGEST_TABLE }
  const table = fitting(certificates, room, shown => rows(shown, now).join('\n'))
  return [
    `### ${title(report)}`,
    '',
    ...(report.nothing === undefined ? [] : [...explanation(report.nothing.error), '']),
    ...(certificates.length === 0 ? [] : [counts(report), '']),
    ...(bars.length === 0 ? [] : [renderGantt(bars, thresholds, now), ...cut('timeline', bars, report)]),
    ...(table.text === ''
      ? []
      : ['| | Certificate | Ends | Left | Serial number |', '|---|---|---|---|---|']),
    table.text,
    '',
    ...cut('table', table.shown, report),
    ...whereAllAre(report, table.shown, reportFile),
  ].join('\n')
}

const NOTHING: Record<Verdict, string> = { fail: '❌', warn: '⚠️', fine: 'ℹ️' }

function title({ certificates, nothing, shortLivedCount, count }: CheckReport): string {
  const what = certificates.some(({ kind }) => kind === 'signing')
    ? 'Client and code-signing certificates'
    : 'Client certificates'
  if (nothing !== undefined) return `${NOTHING[nothing.verdict]} ${what}: nothing was checked`
  if (certificates.some(({ verdict }) => verdict === 'fail')) return `❌ ${what}: action needed`
  if (certificates.some(({ verdict }) => verdict === 'warn')) return `⚠️ ${what}: some end soon`
  if (shortLivedCount === count) return `✅ ${what}: only short-lived ones`
  return `✅ ${what}`
}

function counts({ count, next, now, ...counted }: CheckReport): string {
  const { expiringCount, expiredCount, shortLivedCount } = counted
  const parts = [
    `**${count}** looked at`,
    `**${expiringCount}** ending soon`,
    `**${expiredCount}** expired`,
    ...(shortLivedCount === 0 ? [] : [`**${shortLivedCount}** short-lived`]),
  ]
  const soonest =
    next === undefined ? '' : `; the next one ends in **${describeRemaining(next.notAfter, now)}**`
  return `${parts.join(', ')}${soonest}.`
}

/** Client certificates first; where there are both kinds, each under a line that names it. */
function rows(certificates: Inspected[], now: Date): string[] {
  const parts = sectionsOf(certificates)
  return parts.flatMap(({ title, members }) => [
    ...(parts.length === 1 ? [] : [`| | **${title}** | | | |`]),
    ...members.map(certificate => row(certificate, now)),
  ])
}

function row(certificate: Inspected, now: Date): string {
  const { kind, name, inUse, notAfter, serialNumber } = certificate
  const cells = [
    mark(certificate),
    `${escapeMarkdown(name) || (kind === 'client' ? '(no nickname)' : '(no alias)')}${inUse ? ' **(in use)**' : ''}`,
    utcMinute(notAfter),
    describeRemaining(notAfter, now),
    code(serialNumber),
  ]
  return `| ${cells.join(' | ')} |`
}

function mark(certificate: Inspected): string {
  return `${stateMark(certificate)} ${condition(certificate)}`
}

function condition({ enabled, state, shortLived, status = '' }: Inspected): string {
  if (!enabled) return status === '' ? 'disabled' : escapeMarkdown(status.toLowerCase())
  if (shortLived) return state === 'expired' ? 'expired, short-lived' : 'short-lived'
  return { expired: 'expired', failing: 'ends very soon', warning: 'ends soon', fine: 'fine' }[state]
}

function cut(what: string, shown: Inspected[], { count }: CheckReport): string[] {
  if (shown.length === count) return []
  return [`The ${what} shows the ${shown.length} that matter most of ${count}.`, '']
}

function whereAllAre({ certificates, count }: CheckReport, shown: Inspected[], reportFile: string): string[] {
  if (shown.length === count) return []
  const which = certificates.length === count ? 'All of them' : `The ${certificates.length} that matter most`
  return [`${which} are in ${code(reportFile)}.`, '']
}
