import { hostOf } from '../net/address.ts'
import type { Outcome, SweepReport, Swept } from '../operations/sweep/types.ts'
import { code, escapeMarkdown } from './markdown.ts'
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
  const rows = fitting(byUrgency.slice(0, MOST_ROWS).map(swept => row(swept, report, env)))
  const cut = byUrgency.length - rows.length
  return [
    `### ${title(report)}`,
    '',
    `${escapeMarkdown(sumUp(report))}, at ${code(hostOf(apiUrl))}.`,
    '',
    ...(rows.length === 0 ? [] : ['| | Certificate | DigiCert id | Run |', '|---|---|---|---|', ...rows, '']),
    ...(cut > 0 ? [`${cut} more are not shown.`, ''] : []),
    '',
  ].join('\n')
}

function title({ swept, enabled, dryRun, failure }: SweepReport): string {
  if (failure !== undefined) return `❌ Client certificates: ${failure.code}`
  if (dryRun) return '🔎 Client certificates, dry run: nothing was changed'
  if (swept.every(({ outcome }) => outcome === 'already')) return '✅ Client certificates: nothing to do'
  return enabled ? '🟢 Client certificates enabled' : '⛔ Client certificates disabled'
}

function row(
  { record, outcome, run, problem }: Swept,
  { enabled }: SweepReport,
  env: NodeJS.ProcessEnv,
): string {
  const why = problem === undefined ? '' : ` (${problem.code})`
  const link =
    run === undefined
      ? ''
      : `[${run.id}, attempt ${run.attempt}](${serverOf(env)}/${env.GITHUB_REPOSITORY ?? ''}/actions/runs/${run.id}/attempts/${run.attempt})`
  const cells = [
    `${MARKS[outcome]} ${outcomeWords(outcome, enabled)}${why}`,
    code(record.name),
    code(record.id),
    link,
  ]
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
