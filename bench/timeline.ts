import type { Run } from './contestants.ts'
import type { Passage } from './relay.ts'

/**
 * When a process used the network, in milliseconds from its start. The relay sees what the client sends at once; a
 * response still has half a round trip to go.
 */
export function drawTimeline({ started, milliseconds }: Run, passages: readonly Passage[]): string {
  const own = [
    ...new Set(passages.filter(({ what }) => what === 'connected').map(({ connection }) => connection)),
  ]
  const lines = passages
    .filter(({ connection }) => own.includes(connection))
    .map(({ at, connection, what, bytes }) => {
      const size = bytes === 0 ? '' : `${String(bytes).padStart(6)} bytes`
      return `${ms(at - started)}  connection ${own.indexOf(connection) + 1}  ${what.padEnd(9)}${size}`.trimEnd()
    })
  return [`${ms(0)}  the process starts`, ...lines, `${ms(milliseconds)}  it exits`, ''].join('\n')
}

function ms(value: number): string {
  return `  ${value.toFixed(1).padStart(7)}`
}
