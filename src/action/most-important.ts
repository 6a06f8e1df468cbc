import type { Inspected } from '../operations/inspect.ts'

/** What comes first: 0 is the one in use; what is over comes last. */
function rank({ inUse, enabled, state, verdict, shortLived }: Inspected): number {
  if (inUse) return 0
  if (state === 'expired') return 6
  if (!enabled) return 5
  if (shortLived) return 4
  return { fail: 1, warn: 2, fine: 3 }[verdict]
}

/**
 * What a person should see first: the one in use, then what fails the run, what expires soon, what is fine, each
 * soonest first; last what calls for nothing: short-lived and disabled ones, and what has expired, the latest first.
 */
export function byAttention(certificates: Inspected[]): Inspected[] {
  const toExpiry = (a: Inspected, b: Inspected) => a.notAfter.getTime() - b.notAfter.getTime()
  return certificates.toSorted((a, b) => {
    const difference = rank(a) - rank(b)
    if (difference !== 0) return difference
    return a.state === 'expired' ? toExpiry(b, a) : toExpiry(a, b)
  })
}

/**
 * At most `limit` of the certificates, in the order in which they come. The one in use is never cut, then those that
 * fail the run; first to go are those that expired long ago, which the API never forgets.
 */
export function mostImportant(certificates: Inspected[], limit: number): Inspected[] {
  if (certificates.length <= limit) return certificates
  const kept = new Set(byAttention(certificates).slice(0, limit))
  return certificates.filter(certificate => kept.has(certificate))
}

/** The certificates that matter most, as many as there is room for, and their rendering. */
export function fitting(
  certificates: Inspected[],
  room: { most: number; bytes: number },
  render: (shown: Inspected[]) => string,
): { shown: Inspected[]; text: string } {
  for (let count = Math.min(certificates.length, room.most); ; ) {
    const shown = mostImportant(certificates, count)
    const text = render(shown)
    const bytes = Buffer.byteLength(text)
    if (bytes <= room.bytes || count === 0) return { shown, text }
    count = Math.min(count - 1, Math.floor((count * room.bytes) / bytes))
  }
}
