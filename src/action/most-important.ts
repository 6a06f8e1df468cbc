import type { Inspected } from '../operations/inspect.ts'

/**
 * At most `limit` of the certificates, which come soonest end first and stay so. The one in use is never cut, then
 * those that fail the run; first to go are those that expired long ago, which the API never forgets, then short-lived
 * ones, then those that end last.
 */
export function mostImportant(certificates: Inspected[], limit: number): Inspected[] {
  if (certificates.length <= limit) return certificates
  const alive = certificates.filter(({ state }) => state !== 'expired')
  const ahead = alive.filter(({ shortLived }) => !shortLived)
  const brief = alive.filter(({ shortLived }) => shortLived)
  const past = certificates.filter(({ state }) => state === 'expired').reverse()
  const bySoonest = [...ahead, ...brief, ...past]
  const urgent = bySoonest.filter(({ verdict }) => verdict === 'fail')
  const inUse = bySoonest.filter(certificate => certificate.inUse)
  const kept = new Set([...new Set([...inUse, ...urgent, ...bySoonest])].slice(0, limit))
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
