import type { Answer } from './answers.ts'
import type { ApiRequest } from './request.ts'
import type { Paging } from './settings.ts'

/** The contents of a list, as JSON. */
export interface Entries {
  length: number
  /** Too long to keep in memory: sent while it is made. */
  isLong: boolean
  between(start: number, end: number): Iterable<string>
}

export function entriesOf<T>(items: readonly T[], write: (item: T) => unknown): Entries {
  return {
    length: items.length,
    isLong: false,
    between: (start, end) => items.slice(start, end).map(item => JSON.stringify(write(item))),
  }
}

/** A list in the form of the setting: whole, as the tutorial shows it, or in one of the two usual kinds of pages. */
export function pageOf(
  entries: Entries,
  { path, query }: Pick<ApiRequest, 'path' | 'query'>,
  paging: Paging | null,
): Answer {
  const { length } = entries
  if (paging === null) return answer(entries, 0, length, { before: '[', after: ']' })
  const offset = positive(query.get('offset')) ?? 0
  const limit = Math.min(positive(query.get('limit')) || paging.size, paging.size)
  const next = offset + limit
  const end = Math.min(next, length)
  if (paging.style === 'envelope') {
    const after = `],"offset":${offset},"limit":${limit},"total":${length}}`
    return answer(entries, offset, end, { before: '{"items":[', after })
  }
  const asked = new URLSearchParams(query)
  asked.set('offset', String(next))
  asked.set('limit', String(limit))
  const link = `<${path}?${asked}>; rel="next"`
  return answer(entries, offset, end, { before: '[', after: ']', ...(next < length ? { link } : {}) })
}

interface Frame {
  before: string
  after: string
  link?: string
}

function answer(entries: Entries, start: number, end: number, { before, after, ...headers }: Frame): Answer {
  const pieces = inPieces(entries.between(start, end), before, after)
  const head = { status: 200, headers: { 'content-type': 'application/json', ...headers } }
  return entries.isLong ? { ...head, body: '', pieces } : { ...head, body: [...pieces].join('') }
}

function* inPieces(entries: Iterable<string>, before: string, after: string): Generator<string> {
  yield before
  let separator = ''
  for (const entry of entries) {
    yield separator + entry
    separator = ','
  }
  yield after
}

function positive(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined
}
