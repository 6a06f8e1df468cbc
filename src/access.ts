import { runAccess } from './action/access.ts'
import { runStep } from './action/report.ts'

void runStep(() => runAccess(process.env))
