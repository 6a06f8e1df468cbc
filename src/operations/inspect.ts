import { daysRemaining, type Thresholds, type ValidityState, validityState } from '../x509/validity.ts'

/** What a certificate is for: client authentication, or signing code. */
export type Kind = 'client' | 'signing'

/** What is known of one certificate, from the API or from a P12. */
export interface Entry {
  kind: Kind
  /** Empty when only a P12 told of it. */
  id: string
  name: string
  /** Of a code-signing certificate. */
  alias?: string
  /** Software Trust's word for the state of a code-signing certificate; may be empty. */
  status?: string
  serialNumber: string
  notBefore: Date | undefined
  notAfter: Date
  enabled: boolean
  /** It is the one in the given P12. */
  inUse: boolean
}

/** What a certificate means for the run: an error, a warning, or nothing. */
export type Verdict = 'fail' | 'warn' | 'fine'

interface Dated extends Entry {
  /** By date alone, but `fine` for a short-lived one until it has expired. */
  state: ValidityState
  /** Its whole validity is shorter than `fail-within`, as in issue mode. */
  shortLived: boolean
}

export interface Inspected extends Dated {
  verdict: Verdict
  daysRemaining: number
  /** Not expired, not short-lived, and expires within `warn-within`. */
  expiring: boolean
}

/** The decision about one certificate: dates and thresholds give its state, its state and use the verdict. */
export function inspect(entry: Entry, now: Date, thresholds: Thresholds): Inspected {
  const byDate = validityState(entry.notAfter, now, thresholds)
  const shortLived = isShortLived(entry, thresholds)
  // By date, a short-lived one is about to expire from its first minute on.
  const state = shortLived && byDate !== 'expired' ? 'fine' : byDate
  const left = (entry.notAfter.getTime() - now.getTime()) / 1000
  const dated = { ...entry, state, shortLived }
  return {
    ...dated,
    verdict: judge(dated),
    daysRemaining: daysRemaining(entry.notAfter, now),
    expiring: !shortLived && left >= 0 && left < thresholds.warnWithin,
  }
}

/** Without a start date, or with one that is not before the expiry, its whole validity is unknown. */
function isShortLived({ notBefore, notAfter }: Entry, { failWithin }: Thresholds): boolean {
  if (notBefore === undefined) return false
  const life = (notAfter.getTime() - notBefore.getTime()) / 1000
  return life > 0 && life < failWithin
}

/** What issue mode left behind: listed forever, and of no concern. */
export function isLeftover({ shortLived, state, inUse }: Inspected): boolean {
  return shortLived && state === 'expired' && !inUse
}

function judge({ state, shortLived, enabled, inUse }: Dated): Verdict {
  // A build has to stop for one in use that does not work, or will not for much longer.
  if (inUse && (!enabled || state === 'expired')) return 'fail'
  // A disabled one stops nothing when it expires, and a short-lived one is meant to expire; the API never forgets either.
  if (!enabled || shortLived) return 'fine'
  return VERDICTS[state]
}

const VERDICTS: Record<ValidityState, Verdict> = {
  expired: 'warn',
  failing: 'fail',
  warning: 'warn',
  fine: 'fine',
}
