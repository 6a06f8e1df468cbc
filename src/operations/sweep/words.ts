/** What a sweep says about certificates that are not as they should be. */
import { ActionError, type ErrorCode } from '../../errors.ts'
import { ACTIONS_READ } from '../../github/run-errors.ts'
import type { Log } from '../../ports.ts'
import { clean, counted } from '../../text.ts'
import type { Swept } from './types.ts'

const MOST_NAMED = 10

/** The one error of a sweep: its code, cause and fix are those that most of the certificates have. */
export function failureOf(swept: Swept[], enabled: boolean): ActionError | undefined {
  const unsettled = swept.filter(({ outcome }) => outcome === 'unsettled')
  const kept = swept.filter(({ outcome }) => outcome === 'kept')
  const [reason] = reasonsOf(unsettled.length > 0 ? unsettled : kept)
  if (reason === undefined) return undefined
  const parts = [...unsettledWords(unsettled, swept, enabled), ...keptWords(kept)]
  const { error } = reason
  const what = `${parts.join('\n')}\n${error.message}`
  return new ActionError(error.code, { what, why: error.why, fix: `${error.fix} ${AGAIN}` }, error)
}

const AGAIN = 'Then run this step again: it continues with what is left.'

function unsettledWords(unsettled: Swept[], swept: Swept[], enabled: boolean): string[] {
  if (unsettled.length === 0) return []
  const word = enabled ? 'enabled' : 'disabled'
  const changed = swept.filter(({ outcome }) => outcome === 'changed').length
  const already = swept.filter(({ outcome }) => outcome === 'already').length
  const opposite = enabled ? 'These may still be disabled' : 'These may still be enabled'
  return [
    `${unsettled.length} of ${counted(changed + unsettled.length, 'certificate')} could not be confirmed as ${word} (${codesOf(unsettled)}); ${changed} ${word}, ${already} ${word} already.`,
    `${opposite}:${named(unsettled)}`,
  ]
}

function keptWords(kept: Swept[]): string[] {
  if (kept.length === 0) return []
  return [
    `Left ${counted(kept.length, 'certificate')} enabled, because GitHub could not be asked whether the run is over (${codesOf(kept)}):${named(kept)}`,
  ]
}

function named(swept: Swept[]): string {
  const lines = swept
    .slice(0, MOST_NAMED)
    .map(({ record, problem }) => `\n- "${clean(record.name, 80)}", id ${record.id}: ${problem?.code ?? ''}`)
  const more = swept.length - MOST_NAMED
  return `${lines.join('')}${more > 0 ? `\n- and ${more} more, which the job summary lists` : ''}`
}

function codesOf(swept: Swept[]): string {
  return reasonsOf(swept)
    .map(({ error, count }) => `${count} ${error.code}`)
    .join(', ')
}

/** One error for each code, the most frequent first. */
function reasonsOf(swept: Swept[]): { error: ActionError; count: number }[] {
  const byCode = new Map<ErrorCode, { error: ActionError; count: number }>()
  for (const { problem } of swept) {
    if (problem === undefined) continue
    const known = byCode.get(problem.code)
    byCode.set(problem.code, { error: known?.error ?? problem, count: (known?.count ?? 0) + 1 })
  }
  return [...byCode.values()].sort((one, other) => other.count - one.count)
}

/** One line for each reason: an outage must not become hundreds of annotations. */
export function warnOfKept(kept: Swept[], log: Log): void {
  for (const { error, count } of reasonsOf(kept))
    log.warning(
      `Left ${counted(count, 'certificate')} enabled: GitHub could not be asked whether the run is over. ${error.message} (${error.code})`,
    )
}

/** For a token that does not even see its own run. */
export function blindnessOf(repository: string): string {
  return `With 'github-token', GitHub shows no workflow run of ${repository}, not even this one, so no run is known to be over. Add \`permissions:\` with \`${ACTIONS_READ}\` to the job, and leave 'github-token' out or use one that covers ${repository}.`
}
