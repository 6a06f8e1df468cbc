import { ActionError, type ErrorCode } from '../../errors.ts'
import { counted } from '../../text.ts'
import type { TargetResult } from './types.ts'

/** What went wrong, said once for all targets to which it applies, without the name of one. */
export interface FailureGroup {
  code: ErrorCode
  message: string
  /** Undefined where the message says it. */
  why: string | undefined
  fix: string
  targets: string[]
}

export function groupFailures(results: TargetResult[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>()
  for (const { name, problem } of results) {
    if (problem === undefined) continue
    const said = of(problem, name)
    const key = JSON.stringify(said)
    const { targets } = groups.get(key) ?? { targets: [] }
    groups.set(key, { ...said, targets: [...targets, name] })
  }
  return [...groups.values()]
}

function of({ code, message, why, fix }: ActionError, name: string): Omit<FailureGroup, 'targets'> {
  const bare = (text: string) => withoutName(text, name)
  return { code, message: bare(message), why: why === undefined ? undefined : bare(why), fix: bare(fix) }
}

function withoutName(text: string, name: string): string {
  const bare = text.replaceAll(` for ${name}`, '').replaceAll(name, 'the target')
  return text.startsWith(name) ? `T${bare.slice(1)}` : bare
}

/** Failures that are put right in the same way, in the order in which they come. */
export function byRemedy(groups: FailureGroup[]): FailureGroup[][] {
  const remedies = new Map<string, FailureGroup[]>()
  for (const group of groups) {
    const remedy = `${group.why}\n${group.fix}`
    remedies.set(remedy, [...(remedies.get(remedy) ?? []), group])
  }
  return [...remedies.values()]
}

/** GitHub truncates an annotation, and nobody reads that many. */
const MOST_LISTED = 20

/** The error of a run that could not write to every target; undefined when it could. */
export function failureOf(results: TargetResult[]): ActionError | undefined {
  const failed = results.filter(({ state }) => state === 'failed')
  const remedies = byRemedy(groupFailures(failed))
  if (remedies.length === 0) return undefined
  const listed = remedies.flat().map(({ message, targets }) => `\n${message}${list(targets)}`)
  return new ActionError(
    'TARGETS_FAILED',
    {
      what: `${countFailed(results)}.${listed.join('')}`,
      why: ofEach(remedies, ({ why }) => why) || undefined,
      fix: `${ofEach(remedies, ({ fix }) => fix)} ${NEXT_RUN}`,
    },
    failed[0]?.problem,
  )
}

/** What is true whatever went wrong. */
export const NEXT_RUN = 'Nothing was disabled, and the next run writes them again.'

/** A cause or a fix, as far as there is one; where several groups have one, each with its code. */
function ofEach(remedies: FailureGroup[][], words: (group: FailureGroup) => string | undefined): string {
  const groups = remedies.flatMap(remedy => remedy.slice(0, 1))
  return groups
    .flatMap(group => {
      const said = words(group)
      if (said === undefined) return []
      return groups.length === 1 ? said : `${group.code}: ${said}`
    })
    .join(' ')
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
