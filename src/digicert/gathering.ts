import type { CertificateRecord } from './records.ts'

/** What is made of a list that may be too long to be kept, record by record. */
export interface Gathering {
  /** @returns false once no further record is wanted */
  take(record: CertificateRecord): boolean
  /** Another one that continues from here: what a page adds that breaks off is discarded. */
  copy(): this
}

/** Which records are kept, and how many. */
export interface WantedRecords {
  keep(record: CertificateRecord): boolean
  /** The list is read until this many were found; all of it by default. */
  enough?: number
  /** Of more than these only the first are kept. */
  room?: number
}

/** The records that are wanted, and how many there are besides. */
export class Kept implements Gathering {
  readonly #wanted: WantedRecords
  readonly records: CertificateRecord[]
  /** How many records were seen. */
  seen = 0

  constructor(wanted: WantedRecords, records: CertificateRecord[] = []) {
    this.#wanted = wanted
    this.records = records
  }

  take(record: CertificateRecord): boolean {
    const { keep, enough = Number.POSITIVE_INFINITY, room = Number.POSITIVE_INFINITY } = this.#wanted
    this.seen += 1
    if (this.records.length < room && keep(record)) this.records.push(record)
    return this.records.length < enough
  }

  copy(): this {
    return Object.assign(new Kept(this.#wanted, [...this.records]), { seen: this.seen }) as this
  }
}
