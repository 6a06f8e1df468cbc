// Loaded into a step before its own code: it then runs CLOCK_AHEAD_MS in the future, and its time passes CLOCK_SPEED times as
// fast, for its clock and timers.
import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers'
import promises from 'node:timers/promises'

const ahead = Number(process.env.CLOCK_AHEAD_MS ?? 0)
const speed = Number(process.env.CLOCK_SPEED ?? 1)
const Now = Date
const begun = Now.now()
const now = () => Math.round(begun + (Now.now() - begun) * speed) + ahead

globalThis.Date = class extends Now {
  constructor(...given) {
    if (given.length === 0) super(now())
    else super(...given)
  }
  static now() {
    return now()
  }
}

if (speed !== 1) {
  const { setTimeout: wait } = timers
  const { setTimeout: sleep } = promises
  const quick = (run, ms = 0, ...given) => wait(run, ms / speed, ...given)
  globalThis.setTimeout = timers.setTimeout = quick
  promises.setTimeout = (ms = 0, ...given) => sleep(ms / speed, ...given)
  syncBuiltinESMExports()
}
