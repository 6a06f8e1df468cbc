import { begin } from './begin.ts'
import { readRootInputs } from './inputs.ts'
import { claimState } from './state.ts'

/**
 * The inputs, and what they let begin. It all happens when this module is evaluated: an entry that imports it first
 * loads the rest of its code while the key is made and the connection is on its way.
 */
export const beginning = (async () => {
  claimState(process.env)
  // Then the inputs: what is wrong with them is said before anything is begun that the end of the process would have
  // to wait for (a key that is being made, a name that is being looked up).
  const inputs = readRootInputs(process.env)
  return { inputs, begun: await begin(inputs) }
})()
