import type { Answer } from '../answers.ts'
import { isoSeconds } from '../clock.ts'
import { notFound, ok } from './answers.ts'
import type { WorkflowRun } from './runs.ts'
import { authorizeRuns, type Token } from './tokens.ts'
import type { GithubWorld } from './world.ts'

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
