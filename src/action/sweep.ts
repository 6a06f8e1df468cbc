import { endGroup, startGroup } from '@actions/core'
import { GithubRuns } from '../github/runs.ts'
import { sweepAll } from '../operations/sweep/all.ts'
import { sweepLeftovers } from '../operations/sweep/leftovers.ts'
import type { Outcome, SweepPorts, SweepReport, Swept } from '../operations/sweep/types.ts'
import { counted } from '../text.ts'
import { jobLog } from './log.ts'
import type { SweepInputs } from './sweep-inputs.ts'

export async function runSweep(inputs: SweepInputs, ports: SweepPorts): Promise<SweepReport> {
  if (inputs.kind === 'all') return await sweepAll(inputs.request, ports)
  const runs = new GithubRuns(inputs.github, ports)
  try {
    return await sweepLeftovers(inputs.request, { ...ports, runs })
  } finally {
    await runs.close()
  }
}

/** The ids of the certificates that were changed, or in a dry run would be, as DigiCert ONE lists them. */
export function idsIn({ swept }: SweepReport): string[] {
  return swept
    .filter(({ outcome }) => outcome === 'changed' || outcome === 'due')
    .map(({ record }) => record.id)
}

/** What became of a certificate, in words. */
export function outcomeWords(outcome: Outcome, enabled: boolean): string {
  const word = enabled ? 'enabled' : 'disabled'
  return {
    changed: word,
    already: `${word} already`,
    due: `would be ${word}`,
    unsettled: `not confirmed as ${word}`,
    kept: 'left enabled: GitHub could not be asked about its run',
  }[outcome]
}

/** More lines than this would bury the rest of the log. */
const MOST_OPEN_LINES = 20

/** A line for each certificate, folded where there are many, and one that sums up. */
export function tellSwept(report: SweepReport): void {
  const { swept } = report
  const isLong = swept.length > MOST_OPEN_LINES
  if (isLong) startGroup(`All ${swept.length} certificates`)
  for (const one of swept) jobLog.info(line(one, report))
  if (isLong) endGroup()
  jobLog.info(`${sumUp(report)}.`)
}

function line({ record, outcome, problem }: Swept, { enabled }: SweepReport): string {
  const why = problem === undefined ? '' : ` (${problem.code})`
  return `"${record.name}" (id ${record.id}): ${outcomeWords(outcome, enabled)}${why}.`
}

/** How many certificates had which outcome, as a sentence without its full stop. */
export function sumUp({ swept, enabled, listed, blindness }: SweepReport): string {
  if (blindness !== undefined)
    return `Nothing was changed among ${counted(listed, 'certificate')}: GitHub shows no run`
  if (swept.length === 0) return `Nothing to do among ${counted(listed, 'certificate')}`
  const counts = new Map<Outcome, number>()
  for (const { outcome } of swept) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcomeWords(outcome, enabled)}`)
  return `${counted(swept.length, 'certificate')}: ${parts.join(', ')}`
}
