import type { Clock } from '../ports.ts'

/** So many requests in any period of so many milliseconds. */
export interface Limit {
  requests: number
  ms: number
}

/** How fast the requests of several workers with one API key may follow each other. */
export class Pace {
  readonly #limits: readonly Limit[]
  readonly #clock: Clock
  /** When the last requests were sent, the earliest first; as many as the largest limit counts. */
  readonly #sent: number[] = []
  #until = 0
  #passed = 0
  #read: number
  #succeeded = 0

  constructor(limits: readonly Limit[], clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#read = clock.now().getTime()
  }

  /** Requests that got through so far. */
  get succeeded(): number {
    return this.#succeeded
  }

  /** Makes a request when its turn has come. */
  async inTurn<T>(request: () => Promise<T>): Promise<T> {
    for (let ms = this.#waitMs(); ms > 0; ms = this.#waitMs()) await this.#clock.sleep(ms)
    this.#sent.push(this.#now())
    if (this.#sent.length > this.#most) this.#sent.shift()
    const result = await request()
    this.#succeeded++
    return result
  }

  /** The server asks to wait: no request is sent for that long. */
  hold(ms: number): void {
    this.#until = Math.max(this.#until, this.#now() + ms)
  }

  get #most(): number {
    return Math.max(...this.#limits.map(({ requests }) => requests))
  }

  #waitMs(): number {
    const now = this.#now()
    const waits = this.#limits.map(({ requests, ms }) => {
      const earliest = this.#sent.length < requests ? undefined : this.#sent.at(-requests)
      return earliest === undefined ? 0 : earliest + ms - now
    })
    return Math.max(this.#until - now, ...waits)
  }

  /** Milliseconds that have passed: a clock that is set back makes no request wait longer. */
  #now(): number {
    const read = this.#clock.now().getTime()
    this.#passed += Math.max(0, read - this.#read)
    this.#read = read
    return this.#passed
  }
}
