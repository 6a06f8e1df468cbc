import { runCheck } from './action/check.ts'
import { runStep } from './action/report.ts'

void runStep(() => runCheck(process.env))
