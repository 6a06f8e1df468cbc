import { runPost } from './action/post.ts'
import { ignoreCancel, reportAsWarning, runStep } from './action/report.ts'

ignoreCancel()
await runStep(() => runPost().catch(reportAsWarning))
