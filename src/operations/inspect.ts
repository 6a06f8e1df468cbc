import { daysRemaining, type Thresholds, type ValidityState, validityState } from '../x509/validity.ts'

/** What is known of one certificate, from the API or from a P12. */
export interface Entry {
  /** Empty when only a P12 told of it. */
  id: string
  name: string
  serialNumber: string
  notBefore: Date | undefined
  notAfter: Date
  enabled: boolean
  /** It is the one in the given P12. */
  inUse: boolean
}

/** What a certificate means for the run: an error, a warning, or nothing. */
export type Verdict = 'fail' | 'warn' | 'fine'

export interface Inspected extends Entry {
  state: ValidityState
  verdict: Verdict
  daysRemaining: number
  /** Not expired, and ends within `warn-within`. */
  expiring: boolean
}

/** The decision about one certificate: dates and thresholds give its state, its state and use the verdict. */
export function inspect(entry: Entry, now: Date, thresholds: Thresholds): Inspected {
  const state = validityState(entry.notAfter, now, thresholds)
  const left = (entry.notAfter.getTime() - now.getTime()) / 1000
  return {
    ...entry,
    state,
    verdict: judge(state, entry),
    daysRemaining: daysRemaining(entry.notAfter, now),
    expiring: left >= 0 && left < thresholds.warnWithin,
  }
}

function judge(state: ValidityState, { enabled, inUse }: Entry): Verdict {
  // One that is in use and does not work, or will not for long, is what a build has to stop for.
  if (inUse && (!enabled || state === 'expired')) return 'fail'
  // A disabled one stops nothing when it ends, and of the expired ones the API never forgets any.
  if (!enabled) return 'fine'
  return VERDICTS[state]
}

const VERDICTS: Record<ValidityState, Verdict> = {
  expired: 'warn',
  failing: 'fail',
  warning: 'warn',
  fine: 'fine',
}
