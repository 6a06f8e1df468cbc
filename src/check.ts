import { runCheck } from './action/check.ts'
import { runStep } from './action/report.ts'

await runStep(() => runCheck(process.env))
