// Loaded into a step before its own code: it then runs CLOCK_AHEAD_MS later than it is.
const ahead = Number(process.env.CLOCK_AHEAD_MS ?? 0)
const Now = Date
globalThis.Date = class extends Now {
  constructor(...given) {
    if (given.length === 0) super(Now.now() + ahead)
    else super(...given)
  }
  static now() {
    return Now.now() + ahead
  }
}
