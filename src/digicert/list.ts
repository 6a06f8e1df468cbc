import type { HttpRequest } from '../net/endpoint.ts'
import type { Clock } from '../ports.ts'
import type { Gathering } from './gathering.ts'
import { IdSet } from './id-set.ts'
import type { BodyReader, ReadResponse } from './json-endpoint.ts'
import { ListDeadline } from './list-deadline.ts'
import { ListPage, type ListPageEnd } from './list-page.ts'
import { nextPage } from './paging.ts'

/** A page, and what was asked for it. */
export interface ReadPage<T> {
  request: HttpRequest
  response: ReadResponse<T>
}

export interface ListAccess {
  origin: string
  /** Path of the first page. */
  path: string
  clock: Clock
  /** @param newPage for each attempt */
  askForPage<T>(path: string, newPage: () => BodyReader<T>): Promise<ReadPage<T>>
}

/**
 * Goes through a list of certificates, every page of it, each record once. A page that breaks off is read again from its
 * start, and nothing of the first attempt is kept.
 * @returns what was gathered; `gathering` itself stays unchanged
 * @throws ActionError TIMEOUT, among others, for an endless list
 */
export async function readList<G extends Gathering>(gathering: G, access: ListAccess): Promise<G> {
  const { origin, clock } = access
  const deadline = new ListDeadline(origin, clock)
  const ids = new IdSet()
  const paths = new IdSet()
  let gathered = gathering
  for (let path: string | undefined = access.path; path !== undefined && paths.add(path); ) {
    const before = gathered
    const newPage = () => new ListPage({ gathering: before.copy(), ids, deadline })
    const { request, response }: ReadPage<ListPageEnd<G>> = await access.askForPage(path, newPage)
    const page: ListPageEnd<G> = response.value
    gathered = page.gathering
    ids.absorb(page.ids)
    // A page that brings nothing new is the last, whatever it promises.
    const isLast = page.isEnough || page.ids.size === 0
    path = isLast ? undefined : nextPage(request.path, page, response, origin)
    if (path !== undefined) deadline.check(ids.size)
  }
  return gathered
}
