import { parseDuration } from '../duration.ts'
import { ActionError } from '../errors.ts'

/**
 * Readers for one input each, out of the environment in which the runner hands them over. All throw ActionError INPUT_*
 * and never repeat a value, which may be a secret.
 */

/** Trimmed text; empty when not given. */
export function text(env: NodeJS.ProcessEnv, input: string): string {
  return exactText(env, input).trim()
}

/** Text exactly as the secret contains it, stray line breaks included. */
export function exactText(env: NodeJS.ProcessEnv, input: string): string {
  return env[`INPUT_${input.toUpperCase()}`] ?? ''
}

/** Booleans as `core.getBooleanInput` reads them, by YAML 1.2's core schema; `fallback` when the input is empty. */
export function flag(env: NodeJS.ProcessEnv, input: string, fallback: boolean): boolean {
  const given = text(env, input)
  if (given === '') return fallback
  if (/^(true|True|TRUE)$/.test(given)) return true
  if (/^(false|False|FALSE)$/.test(given)) return false
  throw invalid(input, 'must be true or false', 'Write true or false.')
}

/** Seconds from `90d`, `12h`, `30m`, `45s` or `1d12h`. */
export function duration(env: NodeJS.ProcessEnv, input: string, fallback: string): number {
  const seconds = parseDuration(text(env, input) || fallback)
  if (seconds === undefined) {
    throw invalid(input, 'is not a duration', 'Write it like 90d, 12h, 30m, 45s, or combined like 1d12h.')
  }
  return seconds
}

/** A whole number from `least` to `most`. */
export function integer(
  env: NodeJS.ProcessEnv,
  input: string,
  fallback: number,
  least: number,
  most: number,
): number {
  const given = text(env, input) || String(fallback)
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
  if (!(value >= least && value <= most)) {
    throw invalid(
      input,
      `is not a whole number from ${least} to ${most}`,
      `Write a number from ${least} to ${most}.`,
    )
  }
  return value
}

/** One of `choices`, of which the first is the default. */
export function choice<T extends string>(
  env: NodeJS.ProcessEnv,
  input: string,
  choices: readonly [T, ...T[]],
): T {
  const given = text(env, input).toLowerCase()
  if (given === '') return choices[0]
  const found = choices.find(known => known === given)
  if (found === undefined)
    throw invalid(input, `must be ${alternatives(choices)}`, `Write ${alternatives(choices)}.`)
  return found
}

/** `a`, `a or b`, `a, b or c` */
function alternatives(choices: readonly string[]): string {
  const [last = '', ...others] = choices.toReversed()
  return others.length === 0 ? last : `${others.reverse().join(', ')} or ${last}`
}

/** Entries separated by commas or line breaks. */
export function list(env: NodeJS.ProcessEnv, input: string): string[] {
  return text(env, input)
    .split(/[,\r\n]+/)
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
}

/**
 * The error for a required input that is empty: usually a secret that the job does not get, without a warning from GitHub.
 * @param need why it is required, to complete the sentence
 */
export function missing(input: string, need = ''): ActionError {
  return new ActionError('INPUT_MISSING', {
    what: `The input '${input}' is empty${need}.`,
    why: 'The secret belongs to an environment and the job has no line `environment:` that names it; or the secret does not exist under that name, the input is not set, or this is a pull request from a fork or Dependabot, which gets no secrets.',
    fix: `If the secret belongs to an environment, add \`environment: <its name>\` to the job. Otherwise set the input with \`${input}: \${{ secrets.… }}\`; skip this step where there are no secrets, for example with \`if: github.event.pull_request.head.repo.fork != true\`.`,
  })
}

export function invalid(input: string, problem: string, fix: string, cause?: unknown): ActionError {
  return new ActionError('INPUT_INVALID', { what: `The input '${input}' ${problem}.`, fix }, cause)
}

/** The error for inputs that contradict each other. */
export function conflict(what: string, why: string, fix: string): ActionError {
  return new ActionError('INPUT_CONFLICT', { what, why, fix })
}
