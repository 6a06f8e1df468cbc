import type { Inspected } from '../operations/inspect.ts'

/** A certificate's state as a coloured sign, the same in the table and in the timeline. */
export function stateMark({ enabled, state, shortLived }: Inspected): string {
  if (!enabled) return '⚪'
  if (shortLived && state !== 'expired') return '🔵'
  return { expired: '⚫', failing: '🔴', warning: '🟠', fine: '🟢' }[state]
}
