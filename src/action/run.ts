// What an entry loads after it has begun what takes time: one import, so one chunk of the bundle.
export { runStep } from './report.ts'
export { runRoot } from './root.ts'
