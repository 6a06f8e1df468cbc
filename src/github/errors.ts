import { ActionError } from '../errors.ts'
import { explainNetwork, type Fixes, isLasting } from '../net/errors.ts'
import { isTooLarge } from '../net/native-codes.ts'
import { askedWait, span } from '../net/retry.ts'
import { clean } from '../text.ts'
import { explainRedirect, isRedirect } from './redirect.ts'
import { type Target, targetName } from './target.ts'

/** What octokit throws: a response that is not a success, or (without `response`) a request that got none. */
interface RequestError extends Error {
  status: number
  response?: { headers: Record<string, unknown> }
}

function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'HttpError'
}

/** What was being done when the request failed. */
export interface Attempt {
  /** As in `targets`. */
  target: string
  /** The permission that it takes, in GitHub's words. */
  permission: string
  apiUrl: string
}

/** Turns what octokit throws into words. Anything else is passed on as is. */
export function explainGithub(error: unknown, attempt: Attempt): unknown {
  if (!isRequestError(error)) return error
  if (error.response === undefined) return explainUnreached(error, attempt.apiUrl)
  const { status, response } = error
  if (isRedirect(error)) return explainRedirect({ status, headers: response.headers }, attempt)
  const said = respondedWith(error, attempt.target)
  if (status === 401) return tokenInvalid(said, NEW_TOKEN, error)
  if (isRateLimit(error)) return rateLimited(said, error)
  if (status === 403) return notPermitted(said, error, attempt)
  if (status === 404) return notFound(said, error, attempt)
  return status === 422 ? refused(said, error) : failed(said, error)
}

const NEW_TOKEN = "Create a new token and store it in the secret behind 'github-token'."

/** What GitHub said, as the first sentence of an error. */
export function respondedWith({ status, message }: { status: number; message: string }, of: string): string {
  return `GitHub responded with ${status} for ${of}: ${clean(message) || 'no reason given'}.`
}

/** Worth a retry, because it passes by itself. */
export function isPassing(error: unknown): boolean {
  if (!isRequestError(error)) return false
  if (error.response === undefined) return !isLasting(error)
  return error.status === 408 || error.status >= 500
}

/** What GitHub's documentation asks for where the response says nothing. */
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

export function failed(what: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_ERROR',
    {
      what,
      why: 'GitHub is overloaded for the moment, or has an incident.',
      fix: 'Run the job again; if the problem persists, see githubstatus.com. Nothing is lost: the next run continues where this one stopped.',
    },
    cause,
  )
}

/** @param fix a new token, or none at all */
export function tokenInvalid(what: string, fix: string, cause: unknown): ActionError {
  return new ActionError(
    'GITHUB_TOKEN_INVALID',
    { what, why: 'The token has expired, was revoked, or belongs to another GitHub server.', fix },
    cause,
  )
}

const RATE_LIMIT = {
  why: "The token's rate limit is used up, by this job or by other jobs that share it.",
  fix: 'Run the job again later; the next run continues where this one stopped.',
}

export function rateLimited(what: string, cause: unknown): ActionError {
  return new ActionError('RATE_LIMITED', { what, ...RATE_LIMIT }, cause)
}

/** The permissions that GitHub itself names in its response, as a sentence to add. */
export function permissionsNamedBy(response: RequestError['response']): string {
  const accepted = clean(response?.headers['x-accepted-github-permissions'], 100)
  return accepted === '' ? '' : ` GitHub asks for: ${accepted}.`
}

function notPermitted(what: string, cause: RequestError, { permission }: Attempt): ActionError {
  return new ActionError(
    'GITHUB_PERMISSION',
    {
      what: `${what}${permissionsNamedBy(cause.response)}`,
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
      why: `The token does not cover ${target}, or ${target} does not exist: GitHub's response is the same for both.`,
      fix: `Check 'targets' for misspelled names (an environment must exist), and that the token covers ${target} with ${permission}.`,
    },
    cause,
  )
}

/** A request that got no response. */
export function explainUnreached(error: Error, apiUrl: string): ActionError {
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

/** A response that lacks what every such response contains. */
export function unreadable(target: Target, what: string): ActionError {
  return lacking(targetName(target), what)
}

export function lacking(of: string, what: string): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `GitHub's response for ${of} lacks ${what}.`,
    why: 'A proxy or a captive portal responded instead of GitHub, or GITHUB_API_URL is not the API.',
    fix: 'Check GITHUB_API_URL and the proxy of this runner, then run the job again.',
  })
}

export function tooManyRepositories(target: Target, name: string, total: number, most: number): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `According to GitHub, ${total} repositories may use ${name} of ${targetName(target)}. This action reads at most ${most}, so nothing was written there.`,
    why: "The organization has selected very many repositories one by one, or something else responded in GitHub's place.",
    fix: `Give ${name} the visibility \`private\` or \`all\`, or select fewer repositories.`,
  })
}

export function noOrganizationSecret(target: Target, name: string): ActionError {
  return new ActionError('GITHUB_NOT_FOUND', {
    what: `${targetName(target)} has no secret ${name}.`,
    why: 'It was never created, or it was deleted. This action does not create it, because you decide which repositories may read it.',
    fix: `Create it once, with the visibility you want, in the organization's settings or with \`gh secret set ${name} --org …\`.`,
  })
}

const LATER = 'Run the job again after that time; it continues where this one stopped.'

export function tooLong(reason: ActionError, waitMs: number): ActionError {
  return new ActionError(
    reason.code,
    {
      what: `${reason.message} GitHub asked to wait ${span(waitMs)} before a retry, which is longer than this run can wait.`,
      why: reason.why,
      fix: LATER,
    },
    reason,
  )
}

export function leftOut(target: string): ActionError {
  return new ActionError('RATE_LIMITED', {
    what: `Skipped ${target}: GitHub's rate limit requires a longer wait than this run allows.`,
    ...RATE_LIMIT,
  })
}
