import type { Answer } from '../answers.ts'
import { isoSeconds } from '../clock.ts'
import { notFound, ok } from './answers.ts'
import type { Scope } from './scopes.ts'
import type { Secret } from './secret.ts'
import type { GithubWorld } from './world.ts'

export function getPublicKey({ key }: Scope): Answer {
  return ok({ key_id: key.id, key: key.publicKey })
}

/** Everything but the value. */
export function getSecret({ apiUrl }: GithubWorld, scope: Scope, rawName: string): Answer {
  const name = rawName.toUpperCase()
  const { createdAt, updatedAt, visibility } = findSecret(scope, name)
  const path = `/orgs/${scope.name.slice('org:'.length)}/actions/secrets/${name}/repositories`
  return ok({
    name,
    created_at: isoSeconds(createdAt),
    updated_at: isoSeconds(updatedAt),
    ...(visibility === undefined ? {} : { visibility }),
    ...(visibility === 'selected' ? { selected_repositories_url: `${apiUrl}${path}` } : {}),
  })
}

export function findSecret({ secrets }: Scope, name: string): Secret {
  const secret = secrets.get(name.toUpperCase())
  if (secret === undefined) throw notFound()
  return secret
}

const PAGE = 30
const LARGEST_PAGE = 100

/** The repositories that may use an organization secret, a page at a time. */
export function getRepositories(
  { apiUrl, scopes }: GithubWorld,
  secret: Secret,
  path: string,
  query: URLSearchParams,
): Answer {
  const ids = secret.selectedRepositoryIds ?? []
  const size = Math.min(positive(query.get('per_page')) ?? PAGE, LARGEST_PAGE)
  const page = positive(query.get('page')) ?? 1
  const last = Math.max(1, Math.ceil(ids.length / size))
  const repositories = ids.slice((page - 1) * size, page * size).map(id => {
    const fullName = scopes.repository(id)?.name ?? ''
    return { id, name: fullName.split('/')[1], full_name: fullName }
  })
  const link = linkHeader(number => `${apiUrl}${path}?per_page=${size}&page=${number}`, page, last)
  return ok({ total_count: ids.length, repositories }, link === '' ? {} : { link })
}

function linkHeader(url: (page: number) => string, page: number, last: number): string {
  const back = page > 1 ? { prev: page - 1, first: 1 } : {}
  const on = page < last ? { next: page + 1, last } : {}
  return Object.entries({ ...back, ...on })
    .map(([relation, number]) => `<${url(number)}>; rel="${relation}"`)
    .join(', ')
}

function positive(text: string | null): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : undefined
}
