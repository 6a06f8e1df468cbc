import { runAccess } from './action/access.ts'
import { runStep } from './action/report.ts'

await runStep(() => runAccess(process.env))
