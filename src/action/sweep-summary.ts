import { utcMinute } from '../dates.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import type { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { RunAttempt } from '../operations/nickname.ts'
import type { Outcome, SweepReport, Swept } from '../operations/sweep/types.ts'
import { code, escapeMarkdown, fittingName, prose } from './markdown.ts'
import { explanation } from './summary.ts'
import { outcomeWords, sumUp } from './sweep.ts'

/** Rows that a browser still shows at once. */
const MOST_ROWS = 1000
/** GitHub takes 1 MiB for a step; a failure stands in it as well. */
const LONGEST_TABLE = 800_000

const MARKS: Record<Outcome, string> = { unsettled: '❌', kept: '⚠️', changed: '✅', due: '🔎', already: '⚪' }
const URGENCY = Object.keys(MARKS)

/** The job summary of `leftovers` and `all`: what needs attention comes first. */
export function renderSweepSummary(report: SweepReport, apiUrl: string, env: NodeJS.ProcessEnv): string {
  const byUrgency = report.swept.toSorted(
    (one, other) => URGENCY.indexOf(one.outcome) - URGENCY.indexOf(other.outcome),
  )
  const columns = columnsOf(report, env)
  const rows = fitting(
    byUrgency.slice(0, MOST_ROWS).map(swept => line(columns.map(({ cell }) => cell(swept)))),
  )
  const cut = byUrgency.length - rows.length
  const heading = [line(columns.map(({ title }) => title)), line(columns.map(() => '---'))]
  return [
    `### ${title(report)}`,
    '',
    ...(report.failure === undefined ? [] : [...explanation(report.failure, env), '']),
    ...(report.blindness === undefined ? [] : [prose(report.blindness), '']),
    `${escapeMarkdown(sumUp(report))}. Host: ${code(hostOf(apiUrl))}`,
    '',
    ...(rows.length === 0 ? [] : [...heading, ...rows, '']),
    ...(cut > 0 ? [`${cut} more are not shown.`, ''] : []),
    '',
  ].join('\n')
}

function title({ swept, listed, enabled, dryRun, failure, blindness }: SweepReport): string {
  if (failure !== undefined) return `❌ Client certificates: ${failure.code}`
  if (blindness !== undefined) return '⚠️ Client certificates: GitHub shows no run'
  if (listed === 0) return 'ℹ️ Client certificates: there are none'
  if (dryRun) return '🔎 Client certificates, dry run: nothing was changed'
  if (swept.every(({ outcome }) => outcome === 'already')) return '✅ Client certificates: nothing to do'
  return enabled ? '🟢 Client certificates enabled' : '⛔ Client certificates disabled'
}

interface Column {
  title: string
  /** Markdown. */
  cell(swept: Swept): string
}

/** What is of use beside the id: the run that left a certificate, or until when others last. */
function columnsOf({ enabled, swept }: SweepReport, env: NodeJS.ProcessEnv): Column[] {
  const isOfRuns = swept.some(({ run }) => run !== undefined)
  return [
    { title: 'State', cell: ({ outcome, problem }) => stateOf(outcome, enabled, problem) },
    { title: 'Certificate', cell: ({ record }) => code(fittingName(record.name)) },
    { title: 'DigiCert id', cell: ({ record }) => code(record.id) },
    isOfRuns
      ? { title: 'Run', cell: ({ run }) => (run === undefined ? '' : linkTo(run, env)) }
      : { title: 'Expires', cell: ({ record }) => expires(record) },
  ]
}

function stateOf(outcome: Outcome, enabled: boolean, problem: ActionError | undefined): string {
  const why = problem === undefined ? '' : ` (${problem.code})`
  return `${MARKS[outcome]} ${outcomeWords(outcome, enabled)}${why}`
}

function expires({ endDate }: CertificateRecord): string {
  return endDate === undefined ? 'unknown' : utcMinute(endDate)
}

function linkTo({ id, attempt }: RunAttempt, env: NodeJS.ProcessEnv): string {
  const run = `${serverOf(env)}/${env.GITHUB_REPOSITORY ?? ''}/actions/runs/${id}/attempts/${attempt}`
  return `[${id}, attempt ${attempt}](${run})`
}

function line(cells: string[]): string {
  return `| ${cells.join(' | ')} |`
}

function serverOf({ GITHUB_SERVER_URL: url = '' }: NodeJS.ProcessEnv): string {
  return /^https?:\/\/[\w.:-]+$/.test(url) ? url : 'https://github.com'
}

function fitting(rows: string[]): string[] {
  let bytes = 0
  return rows.filter(text => {
    bytes += Buffer.byteLength(text) + 1
    return bytes <= LONGEST_TABLE
  })
}
