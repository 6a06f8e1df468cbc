import { randomBytes } from 'node:crypto'
import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ActionError } from '../errors.ts'
import { PrivateDirectory } from '../files.ts'
import { parseTarget } from '../github/target.ts'
import { runTag as tagOf } from '../operations/nickname.ts'
import type { Clock, Random } from '../ports.ts'

export const systemClock: Clock = { now: () => new Date(), sleep: async ms => void (await sleep(ms)) }

export const systemRandom: Random = { bytes: count => randomBytes(count) }

/** Run id and attempt, as nicknames of this run have them; empty outside of a run. */
export function runTag({ GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT }: NodeJS.ProcessEnv): string {
  return tagOf(GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT)
}

/**
 * The repository that the job runs for, `owner/repo`.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireRepository(env: NodeJS.ProcessEnv): string {
  const { GITHUB_REPOSITORY: repository = '' } = env
  if (repository === '') throw unset(env, 'GITHUB_REPOSITORY')
  if (parseTarget(repository)?.kind === 'repository') return repository
  throw unset(env, 'GITHUB_REPOSITORY', 'is not a name like owner/repo')
}

/**
 * The files that the runner reads our results from. Without them @actions/core would print results, among them the
 * password, into the log.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireCommandFiles(env: NodeJS.ProcessEnv, names: string[]): void {
  for (const name of names) {
    const path = env[name] ?? ''
    if (path === '') throw unset(env, name, 'does not name a writable file: it is not set')
    const problem = problemOf(path)
    if (problem !== undefined) throw unusable(`${name} does not name a writable file`, path, problem)
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
 * The runner's directory for files that are deleted with the job.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireTemp(env: NodeJS.ProcessEnv): string {
  const parent = env.RUNNER_TEMP ?? ''
  if (parent === '') throw unset(env, 'RUNNER_TEMP')
  const problem = problemOf(parent) ?? (statSync(parent).isDirectory() ? undefined : NO_DIRECTORY)
  if (problem !== undefined) throw unusable('RUNNER_TEMP does not name a usable directory', parent, problem)
  return resolve(parent)
}

/**
 * The runner's directory for tools that outlast the job.
 * @throws ActionError RUNNER_ENVIRONMENT
 */
export function requireToolCache(env: NodeJS.ProcessEnv): void {
  if (!env.RUNNER_TOOL_CACHE) throw unset(env, 'RUNNER_TOOL_CACHE')
}

/** What keeps a step from writing to a path. */
interface Problem {
  /** Completes a sentence. */
  is: string
  why: string
}

const NO_DIRECTORY: Problem = {
  is: 'is not a directory',
  why: 'An earlier step or job put a file in its place.',
}
const MISSING: Problem = {
  is: 'does not exist',
  why: 'An earlier step deleted it, or it is not mounted into the container of the job; the runner creates it for each job.',
}
const READ_ONLY: Problem = {
  is: 'is not writable, because its file system is read-only',
  why: "It is mounted read-only into the container of the job, or the runner's system has switched a damaged disk to read-only.",
}
const FORBIDDEN: Problem = {
  is: 'is not writable for the user of this step',
  why: 'It belongs to another user: an earlier job ran as root or in a container, or the container does not run as the user of the runner.',
}

function problemOf(path: string): Problem | undefined {
  try {
    accessSync(path, constants.W_OK)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return MISSING
    if (code === 'ENOTDIR') return NO_DIRECTORY
    return code === 'EROFS' ? READ_ONLY : FORBIDDEN
  }
}

function unusable(what: string, path: string, { is, why }: Problem): ActionError {
  return new ActionError('RUNNER_ENVIRONMENT', {
    what: `${what}: ${path} ${is}${ownerOf(path)}.`,
    why,
    fix: `Repair ${path} on the runner: it must exist and be writable for the user of this step.`,
  })
}

/** The owner of the path, or of the folder that should contain it; empty where it cannot be seen, and on Windows. */
function ownerOf(path: string): string {
  if (process.getuid === undefined) return ''
  for (const seen of [path, dirname(path)]) {
    const stats = statsOf(seen)
    if (stats === undefined) continue
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
    return ` (${seen === path ? '' : `${seen}: `}owner uid ${stats.uid}, mode ${mode}; this step runs as uid ${process.getuid()})`
  }
  return ''
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** A variable that every runner sets. Where others of them are set, this is a step, and the variable was lost. */
function unset(env: NodeJS.ProcessEnv, name: string, problem = 'is not set'): ActionError {
  const what = `${name} ${problem}.`
  const isStep = Object.keys(env).some(key => /^(GITHUB|RUNNER)_(?!TOKEN$)/.test(key) && env[key] !== '')
  if (isStep) {
    return new ActionError('RUNNER_ENVIRONMENT', {
      what,
      why: 'The `env:` of the job or the step empties it, the container drops it, or the runner is damaged or very old.',
      fix: `Remove ${name} from \`env:\`, and update the runner.`,
    })
  }
  return new ActionError('RUNNER_ENVIRONMENT', {
    what,
    why: "The action was started outside a GitHub Actions job: none of the runner's variables is set.",
    fix: 'Run it with `uses:` in a workflow.',
  })
}
