import { runPost } from './action/post.ts'
import { ignoreCancel, reportAsWarning, runStep } from './action/report.ts'

ignoreCancel()
void runStep(() => runPost(process.env).catch(reportAsWarning))
