import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from '../errors.ts'
import { isDirectory, PrivateDirectory } from '../files.ts'
import { nicknamePrefix } from '../operations/nickname.ts'
import type { Clock, Random } from '../ports.ts'

export const systemClock: Clock = { now: () => new Date(), sleep: async ms => void (await sleep(ms)) }

export const systemRandom: Random = { bytes: count => randomBytes(count) }

/** Run id and attempt, as nicknames of this run have them; empty outside of a run. */
export function runTag({ GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT }: NodeJS.ProcessEnv): string {
  return nicknamePrefix([GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT].filter(part => part).join('-'))
}

/**
 * The files that the runner reads our results from. Without them @actions/core would print results, among them the
 * password, into the log.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireCommandFiles(env: NodeJS.ProcessEnv, names: string[]): void {
  for (const name of names) {
    const path = env[name] ?? ''
    if (path !== '' && isWritable(path)) continue
    throw environment(`${name} does not name a writable file.`)
  }
}

/**
 * A private directory for this use, not made yet.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function planDirectory(env: NodeJS.ProcessEnv, random: Random): PrivateDirectory {
  return PrivateDirectory.plan(requireTemp(env), random.bytes(8).toString('hex'))
}

/**
 * The runner's directory for files that end with the job.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireTemp(env: NodeJS.ProcessEnv): string {
  const parent = env.RUNNER_TEMP ?? ''
  if (parent === '') throw environment('RUNNER_TEMP is not set.')
  if (!isDirectory(parent)) throw environment(`RUNNER_TEMP names ${parent}, which is no directory.`)
  if (!isWritable(parent)) throw environment(`RUNNER_TEMP names ${parent}, which is not writable.`)
  return parent
}

/**
 * The runner's directory for tools that outlast the job.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireToolCache(env: NodeJS.ProcessEnv): void {
  if (!env.RUNNER_TOOL_CACHE) throw environment('RUNNER_TOOL_CACHE is not set.')
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function environment(what: string): ActionError {
  return new ActionError('RUNNER_ENVIRONMENT', {
    what,
    why: 'This is not running as a step of a GitHub Actions job, or the self-hosted runner is broken or very old.',
    fix: 'Run it with `uses:` in a workflow, on a current runner.',
  })
}
