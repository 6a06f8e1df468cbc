import { fileURLToPath } from 'node:url'
import { fileUrl } from './system.ts'

const SCRIPT = fileUrl(fileURLToPath(new URL('later.mjs', import.meta.url)))

/** Loads `later.mjs` into a step: its clock then follows CLOCK_AHEAD_MS and CLOCK_SPEED. */
export const LATER = { NODE_OPTIONS: `--import=${SCRIPT}` }

/** For a step that waits for a change to take effect: half a minute of its time is one and a half seconds of the test's. */
export const QUICK = { ...LATER, CLOCK_SPEED: '20' }
