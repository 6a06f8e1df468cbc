import { ActionError } from '../errors.ts'
import { explainNetwork, type Fixes, isLasting } from '../net/errors.ts'
import { isTooLarge } from '../net/native-codes.ts'
import { askedWait, span } from '../net/retry.ts'
import { clean } from '../text.ts'
import { explainRedirect, isRedirect } from './redirect.ts'
import { type Target, targetName } from './target.ts'

/** What octokit throws: an answer that is no success, or (without `response`) none at all. */
interface RequestError extends Error {
  status: number
  response?: { headers: Record<string, unknown> }
}

function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'HttpError'
}

/** What was being done when GitHub failed. */
export interface Attempt {
  /** As in `targets`. */
  target: string
  /** The permission that it takes, in GitHub's words. */
  permission: string
  apiUrl: string
}

/** Turns what octokit throws into words. Anything else is passed on as it is. */
export function explainGithub(error: unknown, attempt: Attempt): unknown {
  if (!isRequestError(error)) return error
  if (error.response === undefined) return unreachable(error, attempt)
  const { status, response } = error
  if (isRedirect(error)) return explainRedirect({ status, headers: response.headers }, attempt)
  const said = `GitHub responded with ${status} for ${attempt.target}: ${clean(error.message) || 'no reason given'}.`
  if (status === 401) return tokenInvalid(said, error)
  if (isRateLimit(error)) return rateLimited(said, error)
  if (status === 403) return notPermitted(said, error, attempt)
  if (status === 404) return notFound(said, error, attempt)
  return status === 422 ? refused(said, error) : failed(said, error)
}

/** Worth asking again, because it passes by itself. */
export function isPassing(error: unknown): boolean {
  if (!isRequestError(error)) return false
  if (error.response === undefined) return !isLasting(error)
  return error.status === 408 || error.status >= 500
}

/** What GitHub's documentation asks for where its answer says nothing. */
const UNTOLD_WAIT_MS = 60_000

/** Milliseconds that GitHub asks to wait: `Retry-After`, or the end of the hour that a rate limit is for. */
export function waitOf(error: unknown, now: Date): number | undefined {
  if (!isRequestError(error) || error.response === undefined) return undefined
  const { headers } = error.response
  const asked = askedWait(headers, now)
  if (asked !== undefined || !isRateLimit(error)) return asked
  if (headers['x-ratelimit-remaining'] !== '0') return UNTOLD_WAIT_MS
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN) * 1000 - now.getTime()
  return Number.isNaN(reset) ? UNTOLD_WAIT_MS : Math.max(0, reset)
}

export function isRateLimit(error: unknown): boolean {
  if (!isRequestError(error)) return false
  const { status, message, response } = error
  if (status === 429) return true
  return status === 403 && (/rate limit/i.test(message) || response?.headers['x-ratelimit-remaining'] === '0')
}

function refused(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_REFUSED',
    {
      what,
      why: 'GitHub does not accept this secret or its name.',
      fix: "Check 'secret-name' and 'password-secret-name': letters, digits and underscores, not starting with GITHUB_ or a digit.",
    },
    cause,
  )
}

function failed(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_ERROR',
    {
      what,
      why: 'GitHub could not process the request: an incident, or load that passes by itself.',
      fix: 'Run the job again; if the problem persists, see githubstatus.com. Nothing is lost: the next run continues from what it finds.',
    },
    cause,
  )
}

function tokenInvalid(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_TOKEN_INVALID',
    {
      what,
      why: 'The token has expired, was revoked, or belongs to another GitHub server.',
      fix: "Create a new token and store it in the secret behind 'github-token'.",
    },
    cause,
  )
}

function rateLimited(what: string, cause: unknown): ActionError {
  return new ActionError(
    'RATE_LIMITED',
    {
      what,
      why: "The token's rate limit is used up, by this job or by others with the same token.",
      fix: 'Run the job again later; the next run continues from what it finds.',
    },
    cause,
  )
}

function notPermitted(what: string, cause: RequestError, { permission }: Attempt): ActionError {
  const accepted = clean(cause.response?.headers['x-accepted-github-permissions'], 100)
  const needed = accepted === '' ? '' : ` GitHub asks for: ${accepted}.`
  return new ActionError(
    'GITHUB_PERMISSION',
    {
      what: `${what}${needed}`,
      why: `The token lacks the permission ${permission}. The default GITHUB_TOKEN can never have it.`,
      fix: `Use a fine-grained personal access token, or the token of a GitHub App, with ${permission}.`,
    },
    cause,
  )
}

function notFound(what: string, cause: unknown, { target, permission }: Attempt): ActionError {
  return new ActionError(
    'GITHUB_NOT_FOUND',
    {
      what,
      why: `${target} does not exist, or the token may not see it: GitHub says the same for both.`,
      fix: `Check 'targets' for misspelled names (an environment has to exist), and that the token covers ${target} with ${permission}.`,
    },
    cause,
  )
}

function unreachable(error: RequestError, { apiUrl }: Attempt): ActionError {
  const { host } = new URL(apiUrl)
  if (isTooLarge(error)) return tooLarge(host, error)
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

function tooLarge(host: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_ERROR',
    {
      what: `${host} sent a response far larger than any valid one.`,
      why: 'A proxy or another service responds in its place.',
      fix: 'Check GITHUB_API_URL and the proxy of this runner.',
    },
    cause,
  )
}

/** An answer that lacks what every such answer has. */
export function unreadable(target: Target, what: string): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `GitHub's response for ${targetName(target)} lacks ${what}.`,
    why: 'A proxy or a captive portal responded instead of GitHub, or GITHUB_API_URL is not the API.',
    fix: 'Check GITHUB_API_URL and the proxy of this runner, then run the job again.',
  })
}

export function tooManyRepositories(target: Target, name: string, total: number, most: number): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `GitHub says that ${total} repositories may use ${name} of ${targetName(target)}; no more than ${most} are read, so nothing was written there.`,
    why: "The organization selects very many repositories one by one, or something else responded in GitHub's place.",
    fix: `Give ${name} the visibility \`private\` or \`all\`, or fewer repositories.`,
  })
}

export function noOrganizationSecret(target: Target, name: string): ActionError {
  return new ActionError('GITHUB_NOT_FOUND', {
    what: `${targetName(target)} has no secret ${name}.`,
    why: 'It was never created, or it was deleted. Which repositories may read it is your decision, so this action does not create it.',
    fix: `Create it once, with the visibility that you want, in the organization's settings or by \`gh secret set ${name} --org …\`.`,
  })
}

const LATER = 'Run the job again after that time; it continues from what it finds.'

export function tooLong(reason: ActionError, waitMs: number): ActionError {
  return new ActionError(
    reason.code,
    {
      what: `${reason.message} GitHub asked to wait ${span(waitMs)} before a retry, which is longer than this run still waits.`,
      why: reason.why,
      fix: LATER,
    },
    reason,
  )
}

export function leftOut(target: string): ActionError {
  return new ActionError('RATE_LIMITED', {
    what: `Skipped ${target}: GitHub's rate limit requires a longer wait than this run allows.`,
    why: 'The rate limit of the token is used up, by this job or by others with the same token.',
    fix: 'Run the job again later; the next run continues from what it finds.',
  })
}
