import { type Answer, json } from '../answers.ts'
import type { SoftwareTrustSettings } from './settings.ts'

/** Software Trust's lists: a filter, then a page of the matches, in `{total,offset,limit,items}`. */
export function listOf<T>(
  entries: readonly T[],
  write: (entry: T) => unknown,
  query: URLSearchParams,
  { pageSize, maximumPageSize }: SoftwareTrustSettings,
): Answer {
  const offset = numberIn(query, 'offset') ?? 0
  const limit = Math.min(numberIn(query, 'limit') || pageSize, maximumPageSize)
  const items = entries.slice(offset, offset + limit).map(write)
  return json(200, { total: entries.length, offset, limit, items })
}

/** What `?id=` and `?alias=` select. */
export function isAskedFor(
  { id, alias }: { id: string; alias: string },
  query: URLSearchParams,
  { aliasFilter }: SoftwareTrustSettings,
): boolean {
  const [wantedId, wantedAlias] = [query.get('id'), query.get('alias')]
  if (wantedId !== null && wantedId !== id) return false
  return wantedAlias === null || COMPARE[aliasFilter](alias, wantedAlias)
}

const COMPARE: Record<SoftwareTrustSettings['aliasFilter'], (alias: string, wanted: string) => boolean> = {
  exact: (alias, wanted) => alias === wanted,
  'case-insensitive': (alias, wanted) => alias.toLowerCase() === wanted.toLowerCase(),
  substring: (alias, wanted) => alias.toLowerCase().includes(wanted.toLowerCase()),
  ignored: () => true,
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
