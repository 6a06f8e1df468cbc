import type { Answer } from '../answers.ts'
import { isoSeconds } from '../clock.ts'
import { notFound, ok } from './answers.ts'
import type { Token } from './tokens.ts'
import { authorizeRuns } from './tokens.ts'
import type { GithubWorld } from './world.ts'

/** A workflow run. Fields may be changed while the emulator runs. */
export interface WorkflowRun {
  id: number
  /** the latest one */
  attempt: number
  /** of the latest attempt; those before it are completed */
  status: 'completed' | 'in_progress' | 'pending' | 'queued' | 'requested' | 'waiting'
  /** null until it is completed */
  conclusion: 'success' | 'failure' | 'cancelled' | 'timed_out' | null
  createdAt: Date
  updatedAt: Date
}

export type RunOptions = Partial<WorkflowRun>

/** The runs of all repositories. */
export class Runs {
  readonly #byPlace = new Map<string, WorkflowRun>()
  #lastId = 18_000_000_000

  /** With an id that is there already, the run is another one from now on. */
  add(repository: string, now: Date, options: RunOptions = {}): WorkflowRun {
    this.#lastId += 1
    const status = options.status ?? 'in_progress'
    const run: WorkflowRun = {
      id: this.#lastId,
      attempt: 1,
      status,
      conclusion: status === 'completed' ? 'success' : null,
      createdAt: now,
      updatedAt: now,
      ...options,
    }
    this.#byPlace.set(place(repository, run.id), run)
    return run
  }

  find(repository: string, id: number): WorkflowRun | undefined {
    return this.#byPlace.get(place(repository, id))
  }

  clear(): void {
    this.#byPlace.clear()
  }
}

const place = (repository: string, id: number): string => `${repository.toLowerCase()} ${id}`

const PATH =
  /^\/repos\/(?<owner>[^/]+)\/(?<repo>[^/]+)\/actions\/runs\/(?<id>[1-9]\d*)(?:\/attempts\/(?<attempt>[1-9]\d*))?$/

/** @returns undefined for a path that is not about a run */
export function getRun(world: GithubWorld, token: Token, method: string, path: string): Answer | undefined {
  const { owner, repo, id, attempt } = PATH.exec(path)?.groups ?? {}
  if (owner === undefined || method !== 'GET') return undefined
  const repository = `${decodeURIComponent(owner)}/${decodeURIComponent(repo ?? '')}`
  authorizeRuns(token, repository)
  const run = world.runs.find(repository, Number(id))
  if (run === undefined || Number(attempt ?? 1) > run.attempt) throw notFound()
  const known = attempt === undefined || Number(attempt) === run.attempt ? run : earlier(run, Number(attempt))
  return ok(onTheWire(known, repository, world.apiUrl), { 'x-accepted-github-permissions': 'actions=read' })
}

/** An attempt that another one followed. */
function earlier(run: WorkflowRun, attempt: number): WorkflowRun {
  return { ...run, attempt, status: 'completed', conclusion: run.conclusion ?? 'failure' }
}

function onTheWire(run: WorkflowRun, repository: string, apiUrl: string): Record<string, unknown> {
  return {
    id: run.id,
    name: 'Release',
    run_number: run.id % 1000,
    run_attempt: run.attempt,
    event: 'push',
    status: run.status,
    conclusion: run.conclusion,
    created_at: isoSeconds(run.createdAt),
    run_started_at: isoSeconds(run.createdAt),
    updated_at: isoSeconds(run.updatedAt),
    url: `${apiUrl}/repos/${repository}/actions/runs/${run.id}`,
    repository: { full_name: repository },
  }
}
