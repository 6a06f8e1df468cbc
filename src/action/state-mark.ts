import type { Inspected } from '../operations/inspect.ts'

/** A certificate's state as a coloured sign, the same in the table and in the timeline. */
export function stateMark({ enabled, state }: Inspected): string {
  if (!enabled) return '⚪'
  return { expired: '⚫', failing: '🔴', warning: '🟠', fine: '🟢' }[state]
}
