import type { Clock } from '../ports.ts'
import { longList } from './errors.ts'

const LONGEST_MS = 10 * 60_000

/** How long a list is read: a server decides what comes next, and not for how long. */
export class ListDeadline {
  readonly #origin: string
  readonly #clock: Clock
  readonly #begun: number

  constructor(origin: string, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
    this.#begun = clock.now().getTime()
  }

  /**
   * @param entries that were read so far
   * @throws ActionError TIMEOUT
   */
  check(entries: number): void {
    if (this.#clock.now().getTime() - this.#begun >= LONGEST_MS) throw longList(entries, this.#origin)
  }
}
