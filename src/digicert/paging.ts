import type { ActionError } from '../errors.ts'
import type { HttpResponse } from '../net/endpoint.ts'
import type { PageEnd } from './json.ts'

/** The server does not list certificates unless it is told whose. */
export class UserIdWanted extends Error {
  override readonly name = 'UserIdWanted'
  readonly reason: ActionError

  constructor(reason: ActionError) {
    super(reason.message)
    this.reason = reason
  }
}

/** The sister list, that of API tokens, needs the user's id; this one is not documented to, and may. */
export const userIdWanted = {
  ofAnswer({ status, body }: HttpResponse, reason: ActionError): UserIdWanted | undefined {
    return status === 400 && /\buser[_ -]?id\b/i.test(body) ? new UserIdWanted(reason) : undefined
  },
}

/** The path of a list, or of one of its pages, with the user's id in its query; the rest of it is the server's. */
export function withUserId(path: string, id: string): string {
  if (/[?&]user_id=/.test(path)) return path
  return `${path}${path.includes('?') ? '&' : '?'}user_id=${encodeURIComponent(id)}`
}

/**
 * Where the next page of a list is. DigiCert does not document paging, so both common forms are understood:
 * a `Link` header with `rel="next"` (RFC 8288) and an envelope with `offset` and `total`.
 * @returns a path on the same origin, or undefined when this was the last page
 */
export function nextPage(
  path: string,
  page: PageEnd,
  { headers }: Pick<HttpResponse, 'headers'>,
  origin: string,
): string | undefined {
  const linked = linkedPath(headers.link, path, origin)
  if (linked !== undefined) return linked
  if (page.offset === undefined && page.total === undefined) return undefined
  const url = new URL(path, origin)
  const offset = page.offset ?? Number(url.searchParams.get('offset') ?? 0)
  const next = offset + page.entries
  if (page.total !== undefined && next >= page.total) return undefined
  url.searchParams.set('offset', String(next))
  return url.pathname + url.search
}

function linkedPath(header: string | string[] | undefined, path: string, origin: string): string | undefined {
  const target = nextTarget([header ?? []].flat().join(','))
  if (target === undefined || !URL.canParse(target, origin + path)) return undefined
  const url = new URL(target, origin + path)
  // A gateway may write its inner name into links; the API key goes to our own origin, wherever a link points.
  // Where it joined two parts that both had a slash, the web application would respond instead of the API.
  return url.pathname.replace(/\/{2,}/g, '/') + url.search
}

/** The first link with `rel="next"` (RFC 8288 §3), read once from left to right: a header may be as long as the server likes. */
function nextTarget(links: string): string | undefined {
  for (let at = links.indexOf('<'); at >= 0; ) {
    const end = links.indexOf('>', at)
    if (end < 0) return undefined
    const parameters = parametersAt(links, end + 1)
    if (parameters.some(isNext)) return links.slice(at + 1, end)
    at = links.indexOf('<', end + 1 + parameters.join(';').length)
  }
  return undefined
}

/** What stands between semicolons up to the next link; in quotes both separators are text. */
function parametersAt(links: string, start: number): string[] {
  const parameters: string[] = []
  let from = start
  let at = start
  for (let quoted = false; at < links.length && (quoted || links[at] !== ','); at++) {
    if (links[at] === '"') quoted = !quoted
    if (quoted && links[at] === '\\') at++
    if (quoted || links[at] !== ';') continue
    parameters.push(links.slice(from, at))
    from = at + 1
  }
  return [...parameters, links.slice(from, at)]
}

function isNext(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=', 2)
  const relations = value.replaceAll('"', ' ').toLowerCase().split(/\s+/)
  return name.trim().toLowerCase() === 'rel' && relations.includes('next')
}
