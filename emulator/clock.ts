/** What time it is for the emulator: verdicts, start dates and the limit of 397 days all use it. */
export interface Clock {
  now(): Date
  /** Stands still at this instant until told otherwise. */
  set(instant: Date | string): void
  /** Runs with the machine's clock, this many milliseconds ahead (or behind, when negative). */
  offset(milliseconds: number): void
  /** Advances by this much, whether it stands still or runs. */
  advance(milliseconds: number): void
  /** Back to the machine's own time. */
  reset(): void
}

export function createClock(): Clock {
  let fixed: number | undefined
  let shift = 0
  return {
    now: () => new Date((fixed ?? Date.now()) + shift),
    set(instant) {
      const time = new Date(instant).getTime()
      if (Number.isNaN(time)) throw new Error(`not an instant: ${String(instant)}`)
      fixed = time
      shift = 0
    },
    offset(milliseconds) {
      fixed = undefined
      shift = milliseconds
    },
    advance(milliseconds) {
      shift += milliseconds
    },
    reset() {
      fixed = undefined
      shift = 0
    },
  }
}

export const DAY = 86_400_000

/** X.509 and the API both count in whole seconds. */
export function wholeSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000)
}

export function startOfDay(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / DAY) * DAY)
}

export function endOfDay(instant: Date): Date {
  return new Date(startOfDay(instant).getTime() + DAY - 1000)
}

/** `YYYY-MM-DDTHH:MM:SSZ`, the only form that the API writes and accepts. */
export function isoSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
