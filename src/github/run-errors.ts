/** The words of what goes wrong when GitHub is asked about a workflow run. */
import { ActionError } from '../errors.ts'
import type { HttpResponse } from '../net/exchange.ts'
import { clean } from '../text.ts'
import {
  explainUnreached,
  failed,
  isRateLimit,
  lacking,
  permissionsNamedBy,
  rateLimited,
  respondedWith,
  tokenInvalid,
} from './errors.ts'
import { isRedirect } from './redirect.ts'

/** The run in question. */
export interface AskedRun {
  /** `owner/repo` */
  repository: string
  id: string
  apiUrl: string
}

/** A response that is not a success. Named like the error of octokit, because the rest of what it means is the same. */
export class Refused extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly response: Pick<HttpResponse, 'headers'>

  constructor({ status, headers, body }: HttpResponse) {
    super(saidIn(body))
    this.status = status
    this.response = { headers }
  }
}

/** A request that got no response. */
export class Unreached extends Error {
  override readonly name = 'HttpError'
  readonly status = 500

  constructor(cause: unknown) {
    super('no response', { cause })
  }
}

function saidIn(body: string): string {
  try {
    return clean((JSON.parse(body) as { message?: unknown } | null)?.message)
  } catch {
    return ''
  }
}

/** Turns a request that failed into words; undefined for anything that is not one. */
export function explainRun(error: unknown, asked: AskedRun): ActionError | undefined {
  if (error instanceof Unreached) return explainUnreached(error, asked.apiUrl)
  if (!(error instanceof Refused)) return undefined
  const { status } = error
  const said = respondedWith(error, nameOf(asked))
  if (isRedirect(error)) return redirected(said, error)
  if (status === 401) return tokenInvalid(said, NO_TOKEN, error)
  if (isRateLimit(error)) return rateLimited(said, error)
  return status === 403 ? notPermitted(said, error) : failed(said, error)
}

const NO_TOKEN = "Leave 'github-token' out: by default it is the job's own token."

/** A response that lacks what every such response contains. */
export function unreadableRun(asked: AskedRun, what: string): ActionError {
  return lacking(nameOf(asked), what)
}

/** The permission of a job that asks about runs, as `permissions:` has it. */
export const ACTIONS_READ = 'actions: read'

function nameOf({ repository, id }: AskedRun): string {
  return `run ${id} of ${repository}`
}

function notPermitted(said: string, cause: Refused): ActionError {
  return new ActionError(
    'GITHUB_PERMISSION',
    {
      what: `${said}${permissionsNamedBy(cause.response)}`,
      why: `'github-token' may not read the workflow runs of this repository: it lacks the permission ${ACTIONS_READ}.`,
      fix: `Add \`permissions:\` with \`${ACTIONS_READ}\` to the job. A token of your own needs "Actions: read" for this repository.`,
    },
    cause,
  )
}

function redirected(said: string, cause: Refused): ActionError {
  return new ActionError(
    'GITHUB_REDIRECTED',
    {
      what: `${said} The response is a redirect, which was not followed.`,
      why: "The repository was renamed or moved after this job began, or something else responded in GitHub's place.",
      fix: 'Start a new run of the workflow, so that it knows the new name. If the problem persists, check GITHUB_API_URL and the proxy of this runner.',
    },
    cause,
  )
}
