/** What a redirect usually means. None is followed: the token and the secrets are for this one server. */
import { ActionError } from '../errors.ts'
import { clean } from '../text.ts'
import { parseTarget, targetName } from './target.ts'

interface Redirect {
  status: number
  headers: Record<string, unknown>
}

interface Asked {
  /** As in `targets`. */
  target: string
  apiUrl: string
}

export function isRedirect({ status }: { status: number }): boolean {
  return status >= 300 && status < 400
}

/** The words for a redirect, with its address shortened and cleaned. */
export function explainRedirect({ status, headers }: Redirect, attempt: Asked): ActionError {
  const api = new URL(attempt.apiUrl)
  const leads = whereTo(headers.location, api)
  const where = leads === undefined ? '' : ` to ${clean(leads.origin + leads.pathname, 200)}`
  return new ActionError('GITHUB_REDIRECTED', {
    what: `GitHub responded with ${status} for ${attempt.target}: a redirect${where}, which was not followed.`,
    ...reasonOf(leads, api, attempt),
  })
}

/** No real address is that long. */
const LONGEST = 2_000

function whereTo(location: unknown, api: URL): URL | undefined {
  if (typeof location !== 'string' || location === '' || location.length > LONGEST) return undefined
  return URL.canParse(location, api.href) ? new URL(location, api.href) : undefined
}

function reasonOf(leads: URL | undefined, api: URL, { target }: Asked): { why: string; fix: string } {
  if (leads?.origin === api.origin) return renamed(newName(leads, api, target), target)
  if (leads?.protocol === 'http:' && leads.hostname === api.hostname) return PLAIN_HTTP
  return ELSEWHERE
}

function renamed(name: string | undefined, target: string): { why: string; fix: string } {
  return {
    why: `${target} was renamed or moved to another account.`,
    fix: `Write ${name ?? 'its new name, which GitHub shows when you open the old address in a browser,'} in 'targets' instead of ${target}.`,
  }
}

/** GitHub usually redirects to a number in place of a name; a name in the address is only shown. */
function newName(leads: URL, api: URL, target: string): string | undefined {
  const base = api.pathname.replace(/\/$/, '')
  const below = leads.pathname.startsWith(`${base}/`) ? leads.pathname.slice(base.length + 1) : ''
  const [kind, first = '', second = ''] = below.split('/')
  const name = kind === 'orgs' ? `org:${first}` : kind === 'repos' ? `${first}/${second}` : ''
  const found = parseTarget(name)
  if (found === undefined) return undefined
  const [, environment] = /^[^:]+\/[^:]+:(.+)$/s.exec(target) ?? []
  const full = targetName(found) + (environment === undefined ? '' : `:${environment}`)
  return full.toLowerCase() === target.toLowerCase() ? undefined : clean(full, 200)
}

const PLAIN_HTTP = {
  why: 'A proxy in front of GitHub Enterprise Server terminates https and tells the server http, so the server writes http into its addresses.',
  fix: 'Have its operator send X-Forwarded-Proto: https to the server, and check that GITHUB_API_URL is the address of the API itself.',
}

const ELSEWHERE = {
  why: "A login page or a proxy responded in GitHub's place, or the API of this server has moved.",
  fix: 'Check GITHUB_API_URL and the proxy of this runner.',
}
