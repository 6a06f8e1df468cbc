import { beginning } from './action/beginning.ts' // first: the rest loads while the key is made and a connection comes
import { runStep } from './action/report.ts'
import { runRoot } from './action/root.ts'
import { summarizeFailure } from './action/summary.ts'

void runStep(() =>
  summarizeFailure(process.env, async () => {
    const { inputs, begun } = await beginning
    await runRoot(inputs, begun, process.env)
  }),
)
