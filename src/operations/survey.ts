import type { Gathering } from '../digicert/gathering.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { type CertificateFacts, normalizeSerial } from '../x509/certificate.ts'
import type { Thresholds } from '../x509/validity.ts'
import { isKin, recordsOf } from './identity.ts'
import { type Entry, type Inspected, inspect, isLeftover } from './inspect.ts'
import { type Sought, Tally } from './tally.ts'

/** This many are kept, and the others counted. */
const MOST_LISTED = 10_500
/** Seldom, because that sorts them. */
const PRUNED_AT = 11_500
/** Records that may be the certificate in use, of which there is one as a rule. */
const MOST_KIN = 1_000

/** What a check looks for, and when. */
export interface SurveyRequest {
  sought: Sought
  thresholds: Thresholds
  now: Date
  /** The certificate of the P12 in use. */
  inUse: { facts: CertificateFacts; entry: Entry } | undefined
}

/** How many certificates are of which kind. */
export interface Counts {
  count: number
  /** Not expired, not short-lived, and expiring within `warn-within`. */
  expiringCount: number
  expiredCount: number
  shortLivedCount: number
  /** Those that call for something. */
  concerningCount: number
}

const NONE: Counts = { count: 0, expiringCount: 0, expiredCount: 0, shortLivedCount: 0, concerningCount: 0 }

/** What a check sees of a list, however long: those certificates that matter most, and how many there are of which kind. */
export class Survey implements Gathering {
  readonly #request: SurveyRequest
  #tally: Tally
  #counts: Counts = NONE
  #listed: Inspected[] = []
  #kin: CertificateRecord[] = []
  #next: Inspected | undefined
  /** Once some were dropped: what matters less is not kept any more. */
  #least: Inspected | undefined

  constructor(request: SurveyRequest) {
    this.#request = request
    this.#tally = new Tally(request.sought)
  }

  get tally(): Tally {
    return this.#tally
  }

  get counts(): Counts {
    return this.#counts
  }

  /** Records with the key or the serial number of the P12 in use. */
  get kin(): CertificateRecord[] {
    return this.#kin
  }

  /** The next one to expire of those that are enabled, not short-lived and not expired. */
  get next(): Inspected | undefined {
    return this.#next
  }

  /** Soonest expiry first. */
  get certificates(): Inspected[] {
    if (this.#listed.length > MOST_LISTED) this.#prune()
    return this.#listed.toSorted((a, b) => a.notAfter.getTime() - b.notAfter.getTime())
  }

  take(record: CertificateRecord): true {
    const { inUse } = this.#request
    if (inUse !== undefined && isKin(record, inUse.facts) && this.#kin.length < MOST_KIN) {
      this.#kin.push(record)
    } else {
      this.#look(record)
    }
    return true
  }

  copy(): this {
    const copy = new Survey(this.#request)
    copy.#tally = this.#tally.copy()
    copy.#counts = this.#counts
    copy.#listed = [...this.#listed]
    copy.#kin = [...this.#kin]
    copy.#next = this.#next
    copy.#least = this.#least
    return copy as this
  }

  /** The P12 in use is always checked, whatever its nickname and whether it is enabled. To be called once, at the end. */
  lookAtInUse(): void {
    const { inUse } = this.#request
    if (inUse === undefined) return
    const [current] = recordsOf(inUse.facts, this.#kin)
    for (const record of this.#kin) if (record !== current) this.#look(record)
    if (current !== undefined) this.#tally.add(current)
    const entry = current && toEntry(withDatesOf(inUse.entry, current))
    this.add(entry === undefined ? inUse.entry : { ...entry, inUse: true })
  }

  add(entry: Entry): void {
    const { now, thresholds } = this.#request
    const seen = inspect(entry, now, thresholds)
    this.#counts = countedIn(this.#counts, seen)
    if (isAhead(seen) && (this.#next === undefined || seen.notAfter < this.#next.notAfter)) this.#next = seen
    if (this.#least !== undefined && byImportance(seen, this.#least) > 0) return
    this.#listed.push(seen)
    if (this.#listed.length >= PRUNED_AT) this.#prune()
  }

  #look(record: CertificateRecord): void {
    const entry = this.#tally.add(record) ? toEntry(record) : undefined
    if (entry !== undefined) this.add(entry)
  }

  /** Afterwards all that are left matter more than any that was dropped, or will be. */
  #prune(): void {
    this.#listed = this.#listed.toSorted(byImportance).slice(0, MOST_LISTED)
    this.#least = this.#listed.at(-1)
  }
}

function isAhead({ enabled, state, shortLived }: Inspected): boolean {
  return enabled && state !== 'expired' && !shortLived
}

function countedIn(counts: Counts, { expiring, state, shortLived, verdict }: Inspected): Counts {
  return {
    count: counts.count + 1,
    expiringCount: counts.expiringCount + Number(expiring),
    expiredCount: counts.expiredCount + Number(state === 'expired'),
    shortLivedCount: counts.shortLivedCount + Number(shortLived),
    concerningCount: counts.concerningCount + Number(verdict !== 'fine'),
  }
}

/** What calls for something first; of what has expired, that which did so last. */
function byImportance(a: Inspected, b: Inspected): number {
  const soonest = a.notAfter.getTime() - b.notAfter.getTime()
  return rank(a) - rank(b) || (a.state === 'expired' ? -soonest : soonest)
}

function rank(certificate: Inspected): number {
  const { inUse, verdict, state, shortLived } = certificate
  const ranks = [
    inUse,
    verdict === 'fail',
    verdict === 'warn',
    state !== 'expired' && !shortLived,
    state !== 'expired',
    !isLeftover(certificate),
  ]
  const found = ranks.indexOf(true)
  return found < 0 ? ranks.length : found
}

/** What a record does not say, the P12 itself does. */
function withDatesOf({ notBefore, notAfter }: Entry, record: CertificateRecord): CertificateRecord {
  return { ...record, startDate: record.startDate ?? notBefore, endDate: record.endDate ?? notAfter }
}

/** Undefined for a record without an expiry date, about which nothing can be said. */
function toEntry(record: CertificateRecord): Entry | undefined {
  if (record.endDate === undefined) return undefined
  return {
    kind: 'client',
    id: record.id,
    name: record.name,
    serialNumber: normalizeSerial(record.serialNumber),
    notBefore: record.startDate,
    notAfter: record.endDate,
    enabled: record.enabled ?? true,
    inUse: false,
  }
}
