import { type Answer, json } from './answers.ts'
import type { ApiRequest } from './request.ts'
import type { Paging } from './settings.ts'

/** A list as the setting has it: whole, as the tutorial shows it, or in one of the two usual forms of pages. */
export function pageOf<T>(
  items: readonly T[],
  write: (item: T) => unknown,
  { path, query }: Pick<ApiRequest, 'path' | 'query'>,
  paging: Paging | null,
): Answer {
  if (paging === null) return json(200, items.map(write))
  const offset = positive(query.get('offset')) ?? 0
  const limit = Math.min(positive(query.get('limit')) || paging.size, paging.size)
  const page = items.slice(offset, offset + limit).map(write)
  if (paging.style === 'envelope') return json(200, { items: page, offset, limit, total: items.length })
  const next = offset + limit
  const asked = new URLSearchParams(query)
  asked.set('offset', String(next))
  asked.set('limit', String(limit))
  const link = `<${path}?${asked}>; rel="next"`
  return json(200, page, next < items.length ? { link } : {})
}

function positive(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
