import 'node:tls' // first, because Node then begins to read its trust anchors, 20 ms on a thread of its own
import { begin } from './action/begin.ts'
import { readRootInputs } from './action/inputs.ts'
import { runStep } from './action/report.ts'
import { runRoot } from './action/root.ts'
import { summarizeFailure } from './action/summary.ts'

/*
 * The order is for speed. Inputs come first: what is wrong with them is said before anything is begun that the end of
 * the process would have to wait for (a key that is being made, a name that is being looked up). Then what takes
 * longest begins, the key and the connection.
 */
void runStep(() =>
  summarizeFailure(process.env, async () => {
    const inputs = readRootInputs(process.env)
    await runRoot(inputs, await begin(inputs), process.env)
  }),
)
