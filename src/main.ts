import { readRootInputs } from './action/inputs.ts'
import { runStep } from './action/report.ts'
import { summarizeFailure } from './action/summary.ts'

/*
 * The order is for speed. Inputs come first: what is wrong with them is said before anything is begun that the end of
 * the process would have to wait for (a key that is being made, a name that is being looked up). Then what takes
 * longest begins, the key and the connection, and all that is not needed for these is loaded meanwhile.
 */
await runStep(() =>
  summarizeFailure(process.env, async () => {
    const inputs = readRootInputs(process.env)
    const { begin } = await import(/* webpackMode: "eager" */ './action/begin.ts')
    const begun = await begin(inputs)
    const { runRoot } = await import(/* webpackMode: "eager" */ './action/root.ts')
    await runRoot(inputs, begun, process.env)
  }),
)
