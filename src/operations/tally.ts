import type { CertificateRecord } from '../digicert/records.ts'
import { nameMatcher } from './glob.ts'
import { Nearest } from './nearest.ts'

const MOST_NAMES = 5

/** Which certificates are sought. */
export interface Sought {
  /** A glob over nicknames; empty for all. */
  name: string
  includeDisabled: boolean
}

/** How many records of a list are what was sought, and what is wrong with the others. */
export class Tally {
  records = 0
  /** Those whose nickname matches; the following are among them. */
  matching = 0
  disabled = 0
  undated = 0
  readonly #sought: Sought
  readonly #matches: (name: string) => boolean
  #nearest: Nearest

  constructor(sought: Sought) {
    this.#sought = sought
    this.#matches = nameMatcher(sought.name)
    this.#nearest = new Nearest(sought.name.replace(/[*?[\]!]/g, ''), MOST_NAMES)
  }

  /** The nicknames that are most like the one that was sought; only where none matches. */
  get nearest(): string[] {
    return this.#nearest.names
  }

  /** @returns whether the record is to be checked */
  add({ name, enabled, endDate }: CertificateRecord): boolean {
    this.records += 1
    if (!this.#matches(name)) {
      if (this.matching === 0) this.#nearest.add(name)
      return false
    }
    this.matching += 1
    const isOut = enabled === false && !this.#sought.includeDisabled
    if (isOut) this.disabled += 1
    else if (endDate === undefined) this.undated += 1
    return !isOut && endDate !== undefined
  }

  copy(): Tally {
    const { records, matching, disabled, undated } = this
    const copy = Object.assign(new Tally(this.#sought), { records, matching, disabled, undated })
    copy.#nearest = this.#nearest.copy()
    return copy
  }
}

export function tallyOf(records: CertificateRecord[], sought: Sought): Tally {
  const tally = new Tally(sought)
  for (const record of records) tally.add(record)
  return tally
}
