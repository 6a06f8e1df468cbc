/** The words of what goes wrong when GitHub is asked about a workflow run. */
import { ActionError } from '../errors.ts'
import { explainNetwork, type Fixes } from '../net/errors.ts'
import type { HttpResponse } from '../net/exchange.ts'
import { isTooLarge } from '../net/native-codes.ts'
import { clean } from '../text.ts'
import { isRateLimit } from './errors.ts'
import { isRedirect } from './redirect.ts'

/** The run that was asked about. */
export interface AskedRun {
  /** `owner/repo` */
  repository: string
  id: string
  apiUrl: string
}

/** An answer that is no success. Named like the error of octokit, because the rest of what it means is the same. */
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

/** No answer at all. */
export class Unreached extends Error {
  override readonly name = 'HttpError'
  readonly status = 500

  constructor(cause: unknown) {
    super('no answer', { cause })
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
  if (error instanceof Unreached) return unreachable(error, asked)
  if (!(error instanceof Refused)) return undefined
  const { status, message, response } = error
  const said = `GitHub answered ${status} for ${nameOf(asked)}: ${message || 'no reason given'}.`
  if (isRedirect(error)) return redirected(said, error)
  if (status === 401) return tokenInvalid(said, error)
  if (isRateLimit(error)) return rateLimited(said, error)
  if (status === 403)
    return notPermitted(said, clean(response.headers['x-accepted-github-permissions'], 100), error)
  return failed(said, error)
}

/** An answer that lacks what every such answer has. */
export function unreadableRun(asked: AskedRun, what: string): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `GitHub's answer for ${nameOf(asked)} lacks ${what}.`,
    why: 'A proxy or a captive portal answered instead of GitHub, or GITHUB_API_URL is not the API.',
    fix: 'Check GITHUB_API_URL and the proxy of this runner, then run the job again.',
  })
}

/** The permission of a job that asks about runs, as `permissions:` has it. */
export const ACTIONS_READ = 'actions: read'

function nameOf({ repository, id }: AskedRun): string {
  return `run ${id} of ${repository}`
}

function notPermitted(said: string, accepted: string, cause: unknown): ActionError {
  const needed = accepted === '' ? '' : ` GitHub asks for: ${accepted}.`
  return new ActionError(
    'GITHUB_PERMISSION',
    {
      what: `${said}${needed}`,
      why: `'github-token' may not read the workflow runs of this repository: it lacks the permission ${ACTIONS_READ}.`,
      fix: `Write \`permissions:\` with \`${ACTIONS_READ}\` at the job. A token of your own needs "Actions: read" for this repository.`,
    },
    cause,
  )
}

function tokenInvalid(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_TOKEN_INVALID',
    {
      what,
      why: "The token in 'github-token' has expired, was revoked, or belongs to another GitHub server.",
      fix: "Leave 'github-token' out: by default it is the job's own token.",
    },
    cause,
  )
}

function rateLimited(what: string, cause: unknown): ActionError {
  return new ActionError(
    'RATE_LIMITED',
    {
      what,
      why: "The token's rate limit is used up, by this job or by others of this repository.",
      fix: 'Run the job again later; the next run goes on from what it finds.',
    },
    cause,
  )
}

function redirected(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_REDIRECTED',
    {
      what: `${what} It is a redirect, which was not followed.`,
      why: "The repository was renamed or moved after this job began, or something else answered in GitHub's place.",
      fix: 'Start the workflow anew, so that it knows the new name. If the problem persists, check GITHUB_API_URL and the proxy of this runner.',
    },
    cause,
  )
}

function failed(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_ERROR',
    {
      what,
      why: 'GitHub has a problem.',
      fix: 'Run the job again; see githubstatus.com if the problem persists. The next run goes on from what it finds.',
    },
    cause,
  )
}

function unreachable(error: Unreached, { apiUrl }: AskedRun): ActionError {
  const { host } = new URL(apiUrl)
  if (isTooLarge(error)) {
    return new ActionError(
      'GITHUB_ERROR',
      {
        what: `${host} sent a response far larger than any valid one.`,
        why: 'Something else answers in its place.',
        fix: 'Check GITHUB_API_URL and the proxy of this runner.',
      },
      error,
    )
  }
  const what = (native: string) => `${host} could not be reached (${native || 'no reason given'}).`
  return explainNetwork(error, host, { what, fixes: FIXES })
}

const CHECK_NETWORK =
  'Check GITHUB_API_URL, the proxy variables and, for a server with a private CA, `ca-certificates`. Then run the job again.'

const FIXES: Fixes = {
  patience: `${CHECK_NETWORK} If the network is just slow, raise 'timeout'.`,
  network: CHECK_NETWORK,
  name: "Check GITHUB_API_URL: it must be a name that the server's certificate lists.",
}
