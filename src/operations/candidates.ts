import type { CertificateRecord } from '../digicert/records.ts'
import { distanceTo } from './nearest.ts'

const MOST = 10

interface Candidate {
  record: CertificateRecord
  /** From the nickname that was sought; 0 where none was. */
  distance: number
}

/** The few records that were probably meant: enabled ones first, then the nearest nicknames, then the newest. */
export class Candidates {
  readonly #wanted: string | undefined
  #best: Candidate[] = []
  count = 0

  /** @param wanted the nickname that was sought, if it was one */
  constructor(wanted: string | undefined) {
    this.#wanted = wanted
  }

  get records(): CertificateRecord[] {
    return this.#best.map(({ record }) => record)
  }

  add(record: CertificateRecord): void {
    this.count += 1
    const last = this.#best[MOST - 1]
    // Most of a long list is disabled, and need not be compared any further.
    if (last !== undefined && record.enabled === false && last.record.enabled !== false) return
    const distance = this.#wanted === undefined ? 0 : distanceTo(this.#wanted, record.name)
    const candidate = { record, distance }
    if (last !== undefined && compare(candidate, last) >= 0) return
    const at = this.#best.findLastIndex(known => compare(known, candidate) <= 0) + 1
    this.#best = this.#best.toSpliced(at, 0, candidate).slice(0, MOST)
  }

  copy(): Candidates {
    const copy = new Candidates(this.#wanted)
    copy.#best = this.#best
    copy.count = this.count
    return copy
  }
}

function compare(a: Candidate, b: Candidate): number {
  return (
    Number(a.record.enabled === false) - Number(b.record.enabled === false) ||
    a.distance - b.distance ||
    startOf(b.record) - startOf(a.record)
  )
}

function startOf({ startDate }: CertificateRecord): number {
  return startDate?.getTime() ?? 0
}
