import { begin } from './begin.ts'
import { readRootInputs } from './inputs.ts'
import { claimState } from './state.ts'

/**
 * The inputs, and what they let begin. It all happens when this module is evaluated: an entry that imports it first
 * loads the rest of its code while the key is made and the connection is on its way.
 */
export const beginning = (async () => {
  claimState(process.env)
  // Then the inputs: mistakes in them are reported before anything starts that would delay the exit of the process
  // (a key that is being generated, a name that is being resolved).
  const inputs = readRootInputs(process.env)
  return { inputs, begun: await begin(inputs) }
})()
