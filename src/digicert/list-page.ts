import type { Gathering } from './gathering.ts'
import { IdSet } from './id-set.ts'
import type { PageEnd } from './json.ts'
import type { BodyReader } from './json-endpoint.ts'
import type { ListDeadline } from './list-deadline.ts'
import { ListReader } from './list-reader.ts'
import { parseListedRecord } from './records.ts'

/** What is known of the list before the page. */
interface Before<G> {
  /** For this page alone. */
  gathering: G
  ids: IdSet
  deadline: ListDeadline
}

export interface ListPageEnd<G> extends PageEnd {
  gathering: G
  /** Those that no page before had. */
  ids: IdSet
  /** No further record is wanted. */
  isEnough: boolean
}

/** One page of the list, as it arrives: each record goes to the gathering, but only the first with its id. */
export class ListPage<G extends Gathering> implements BodyReader<ListPageEnd<G>> {
  readonly #before: Before<G>
  readonly #reader: ListReader
  readonly #ids = new IdSet()
  #isEnough = false

  constructor(before: Before<G>) {
    this.#before = before
    this.#reader = new ListReader('a list of certificates', entry => this.#take(entry))
  }

  write(piece: Buffer): boolean {
    const { deadline, ids } = this.#before
    deadline.check(ids.size + this.#ids.size)
    return this.#reader.write(piece)
  }

  end(): ListPageEnd<G> {
    const { gathering } = this.#before
    return { ...this.#reader.end(), gathering, ids: this.#ids, isEnough: this.#isEnough }
  }

  #take(entry: unknown): boolean {
    const record = parseListedRecord(entry)
    const { ids, gathering } = this.#before
    if (ids.has(record.id) || !this.#ids.add(record.id)) return true
    this.#isEnough = !gathering.take(record)
    return !this.#isEnough
  }
}
