import { runStep } from './action/report.ts'
import { runRotate } from './action/rotate.ts'

await runStep(() => runRotate(process.env))
