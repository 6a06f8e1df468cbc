import { ActionError } from '../../errors.ts'
import { counted } from '../../text.ts'
import type { TargetResult } from './types.ts'

/** What went wrong, said once for all targets to which it applies. */
export interface FailureGroup {
  /** Without the name of a target. */
  message: string
  targets: string[]
}

export function groupFailures(results: TargetResult[]): FailureGroup[] {
  const groups = new Map<string, string[]>()
  for (const { name, problem } of results) {
    if (problem === undefined) continue
    const message = problem.message.replaceAll(` for ${name}`, '').replaceAll(` ${name}`, '')
    groups.set(message, [...(groups.get(message) ?? []), name])
  }
  return [...groups].map(([message, targets]) => ({ message, targets }))
}

/** GitHub truncates an annotation, and nobody reads that many. */
const MOST_LISTED = 20

/** The error of a run that could not write to every target; undefined when it could. */
export function failureOf(results: TargetResult[]): ActionError | undefined {
  const failed = results.filter(({ state }) => state === 'failed')
  const [first] = failed
  if (first?.problem === undefined) return undefined
  const listed = groupFailures(failed).map(({ message, targets }) => `\n${message}${list(targets)}`)
  return new ActionError(
    'TARGETS_FAILED',
    {
      what: `${countFailed(results)}.${listed.join('')}`,
      why: first.problem.why,
      fix: `${first.problem.fix} Nothing was disabled, and the next run writes them again.`,
    },
    first.problem,
  )
}

/** `1 of 3 targets could not be written` */
export function countFailed(results: TargetResult[]): string {
  const failed = results.filter(({ state }) => state === 'failed')
  return `${failed.length} of ${counted(results.length, 'target')} could not be written`
}

function list(targets: string[]): string {
  const more = targets.length - MOST_LISTED
  const lines = targets.slice(0, MOST_LISTED).map(name => `\n- ${name}`)
  return `${lines.join('')}${more > 0 ? `\n- and ${counted(more, 'more target')}` : ''}`
}
