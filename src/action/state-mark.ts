import type { Inspected } from '../operations/inspect.ts'

/** A certificate's state as a sign, the same in the table and in the timeline. One in use that does not work is red. */
export function stateMark({ enabled, state, shortLived, inUse }: Inspected): string {
  if (inUse && (!enabled || state === 'expired')) return '🔴'
  if (!enabled) return '⚪'
  if (shortLived && state !== 'expired') return '🔵'
  return { expired: '⌛', failing: '🔴', warning: '🟠', fine: '🟢' }[state]
}
