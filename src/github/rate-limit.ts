import { jitter, Setback, span } from '../net/retry.ts'
import type { BasicPorts } from '../ports.ts'
import { leftOut, tooLong } from './errors.ts'

/** GitHub did not carry it out because there were too many requests. */
export class RateLimited extends Setback {
  override readonly name = 'RateLimited'
}

/** GitHub asks for ever longer waits where one refusal follows another. */
const FIRST_WAIT_MS = 1_000
const LONGEST_UNASKED_WAIT_MS = 60_000

/**
 * How long GitHub's rate limits make a run wait. They apply to the token, so all requests wait together: a client that
 * continues meanwhile may be locked out. These waits use up neither `retries` nor the time that failures may take.
 */
export class RateLimit {
  readonly #ports: BasicPorts
  #patienceMs: number
  /** No request is sent before this time. */
  #until = 0
  #isGivenUp = false

  /** @param patienceMs what all waits of the run may take; the time that several wait together counts once */
  constructor(patienceMs: number, ports: BasicPorts) {
    this.#patienceMs = patienceMs
    this.#ports = ports
  }

  /**
   * Makes one request as often as GitHub's rate limits ask for.
   * @param target for the words, as in `targets`
   * @throws ActionError RATE_LIMITED when that takes too long; then also for all requests that come later
   */
  async within<T>(target: string, request: () => Promise<T>): Promise<T> {
    if (this.#isGivenUp) throw leftOut(target)
    for (let count = 0; ; count++) {
      try {
        return await request()
      } catch (error) {
        if (!(error instanceof RateLimited)) throw error
        await this.#waitOut(error, count)
      }
    }
  }

  /** Resolves when no limit that another request ran into is in force any longer. */
  async pause(): Promise<void> {
    for (let ms = this.#leftMs(); ms > 0; ms = this.#leftMs()) await this.#ports.clock.sleep(ms)
  }

  #leftMs(): number {
    return this.#isGivenUp ? 0 : this.#until - this.#ports.clock.now().getTime()
  }

  async #waitOut({ reason, waitMs = 0 }: RateLimited, count: number): Promise<void> {
    const { clock, random, log } = this.#ports
    const now = clock.now().getTime()
    const asked = Math.max(waitMs, Math.min(FIRST_WAIT_MS * 2 ** count, LONGEST_UNASKED_WAIT_MS))
    const until = Math.max(this.#until, now + asked)
    const longer = until - Math.max(this.#until, now)
    if (longer > this.#patienceMs) {
      this.#isGivenUp = true
      throw tooLong(reason, asked)
    }
    this.#patienceMs -= longer
    this.#until = until
    const wait = until - now + jitter(count, random)
    log.info(`${reason.message} Retrying in ${span(wait)}, because of GitHub's rate limit.`)
    await clock.sleep(wait)
  }
}
