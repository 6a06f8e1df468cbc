/** How long a certificate is still valid. Pure functions; the time is a parameter. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Whole days left, rounded down: 23 hours are 0 days, and one minute past the expiry is -1. */
export function daysRemaining(notAfter: Date, now: Date): number {
  return Math.floor((notAfter.getTime() - now.getTime()) / DAY)
}

/** The time left as people say it: "89 days", "23 h 59 min", "4 min", "expired 3 days ago". */
export function describeRemaining(notAfter: Date, now: Date): string {
  const left = notAfter.getTime() - now.getTime()
  return left < 0 ? `expired ${describeSpan(-left)} ago` : describeSpan(left)
}

/** "expires in 89 days", "expired 3 days ago" */
export function expiryOf(notAfter: Date, now: Date): string {
  const remaining = describeRemaining(notAfter, now)
  return notAfter < now ? remaining : `expires in ${remaining}`
}

function describeSpan(span: number): string {
  const days = Math.floor(span / DAY)
  const hours = Math.floor((span % DAY) / HOUR)
  const minutes = Math.floor((span % HOUR) / MINUTE)
  if (days >= 3 || (days > 0 && hours === 0)) return days === 1 ? '1 day' : `${days} days`
  if (days > 0) return `${days === 1 ? '1 day' : `${days} days`} ${hours} h`
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`
  return minutes > 0 ? `${minutes} min` : 'less than a minute'
}

export type ValidityState = 'expired' | 'failing' | 'warning' | 'fine'

/** How much must be left, in seconds. */
export interface Thresholds {
  failWithin: number
  warnWithin: number
}

/** Expires within `failWithin` → failing, within `warnWithin` → warning. `failWithin: 0` fails only an expired certificate. */
export function validityState(
  notAfter: Date,
  now: Date,
  { failWithin, warnWithin }: Thresholds,
): ValidityState {
  const seconds = (notAfter.getTime() - now.getTime()) / 1000
  if (seconds < 0) return 'expired'
  if (seconds < failWithin) return 'failing'
  return seconds < warnWithin ? 'warning' : 'fine'
}
