import { utcMinute } from '../dates.ts'
import type { CheckReport } from '../operations/check.ts'
import type { Inspected, Verdict } from '../operations/inspect.ts'
import { counted } from '../text.ts'
import { describeRemaining, type Thresholds } from '../x509/validity.ts'
import { explainCertificate } from './check-annotations.ts'
import { MOST_BARS, renderGantt } from './check-gantt.ts'
import { sectionsOf } from './check-sections.ts'
import { code, escapeMarkdown, fittingName, leftToRight, prose } from './markdown.ts'
import { byAttention, fitting, mostImportant } from './most-important.ts'
import { stateMark } from './state-mark.ts'
import { explanation, namedLink } from './summary.ts'

/** Rows that a browser still shows at once. */
const MOST_ROWS = 1000
/** GitHub takes 1 MiB for a step, diagram included. */
const LONGEST_TABLE = 700_000
/** More than that is a list to work off, which the table is. */
const MOST_TASKS = 50

/** The job summary of `check`, as GitHub Markdown: what to do, then all that was looked at, the worst first. */
export function renderCheckSummary(
  report: CheckReport,
  thresholds: Thresholds,
  reportFile: string,
  env: NodeJS.ProcessEnv,
): string {
  const { certificates, now } = report
  const bars = mostImportant(certificates, MOST_BARS)
  const room = { most: MOST_ROWS, bytes: LONGEST_TABLE }
  const table = fitting(certificates, room, shown => rows(byAttention(shown), now).join('\n'))
  return [
    `### ${title(report)}`,
    '',
    ...(report.nothing === undefined ? [] : [...explanation(report.nothing.error, env), '']),
    ...tasks(report, env),
    ...(certificates.length === 0 ? [] : [counts(report), '']),
    ...(bars.length === 0
      ? []
      : [renderGantt(byAttention(bars), thresholds, now), ...cut('timeline', bars, report)]),
    ...(table.text === ''
      ? []
      : ['| State | Certificate | Expires | Left | Serial number |', '|---|---|---|---|---|']),
    table.text,
    '',
    ...cut('table', table.shown, report),
    ...whereAllAre(report, table.shown, reportFile),
  ].join('\n')
}

const NOTHING: Record<Verdict, string> = { fail: '❌', warn: '⚠️', fine: 'ℹ️' }

function title({ certificates, nothing, now, shortLivedCount, count }: CheckReport): string {
  const what = certificates.some(({ kind }) => kind === 'signing')
    ? 'Client and code-signing certificates'
    : 'Client certificates'
  if (nothing !== undefined) return `${NOTHING[nothing.verdict]} ${what}: nothing was checked`
  const inUse = certificates.find(one => one.inUse && one.verdict === 'fail')
  if (inUse !== undefined) return `❌ ${what}: the one in use ${trouble(inUse, now)}`
  if (certificates.some(({ verdict }) => verdict === 'fail')) return `❌ ${what}: action needed`
  if (certificates.some(({ expiring, verdict }) => expiring && verdict === 'warn'))
    return `⚠️ ${what}: some expire soon`
  if (certificates.some(({ verdict }) => verdict === 'warn'))
    return `⚠️ ${what}: some expired and are still enabled`
  if (shortLivedCount === count) return `✅ ${what}: only short-lived ones`
  return `✅ ${what}`
}

function trouble({ enabled, state, notAfter }: Inspected, now: Date): string {
  if (!enabled) return 'is disabled'
  return state === 'expired' ? 'has expired' : `expires in ${describeRemaining(notAfter, now)}`
}

/** One line for each certificate that fails the run, in the words of its annotation. */
function tasks({ certificates, nothing, now }: CheckReport, env: NodeJS.ProcessEnv): string[] {
  const failing = byAttention(certificates).filter(({ verdict }) => verdict === 'fail')
  if (failing.length === 0 || nothing !== undefined) return []
  const lines = failing.slice(0, MOST_TASKS).map(certificate => {
    const { code, message, fix } = explainCertificate(certificate, now)
    return `- **${leftToRight(message)}** ${prose(fix)} See ${namedLink(code, env)}.`
  })
  const more = failing.length - lines.length
  const rest = more === 0 ? [] : [`- ${counted(more, 'more certificate')} that failed: see the table below.`]
  return ['#### What to do first', '', ...lines, ...rest, '']
}

function counts({ count, next, now, ...counted }: CheckReport): string {
  const { expiringCount, expiredCount, shortLivedCount } = counted
  const parts = [
    `**${count}** checked`,
    `**${expiringCount}** expiring soon`,
    `**${expiredCount}** expired`,
    ...(shortLivedCount === 0 ? [] : [`**${shortLivedCount}** short-lived`]),
  ]
  const soonest =
    next === undefined ? '' : `; the next one expires in **${describeRemaining(next.notAfter, now)}**`
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
    `${escapeMarkdown(fittingName(name)) || (kind === 'client' ? '(no nickname)' : '(no alias)')}${inUse ? ' **(in use)**' : ''}`,
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
  return { expired: 'expired', failing: 'expires very soon', warning: 'expires soon', fine: 'fine' }[state]
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
