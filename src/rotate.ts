import { runStep } from './action/report.ts'
import { runRotate } from './action/rotate.ts'

void runStep(() => runRotate(process.env))
