import { GithubRefusal } from './answers.ts'

/** GitHub's secondary rate limit. Without numbers there is none. */
export interface Limits {
  /** more PUT and DELETE than this within a minute, and every request is refused for `retryAfterSeconds` */
  writesPerMinute?: number | undefined
  /** more concurrent requests than this are refused */
  concurrent?: number | undefined
  /** default 1; GitHub says 60 */
  retryAfterSeconds: number
  /** GitHub uses both; default 403 */
  status: 403 | 429
}

const DEFAULTS: Limits = {
  writesPerMinute: undefined,
  concurrent: undefined,
  retryAfterSeconds: 1,
  status: 403,
}

/** Counts by the machine's clock, the one that waiting clients use. */
export class RateLimiter {
  readonly limits: Limits = { ...DEFAULTS }
  #writes: number[] = []
  #blockedUntil = 0
  #open = 0
  #mostOpen = 0

  get mostOpen(): number {
    return this.#mostOpen
  }

  enter(): void {
    this.#open += 1
    this.#mostOpen = Math.max(this.#mostOpen, this.#open)
  }

  leave(): void {
    this.#open -= 1
  }

  /** @throws GithubRefusal above a limit */
  check(method: string): void {
    const { concurrent = Number.POSITIVE_INFINITY } = this.limits
    if (this.#open > concurrent || Date.now() < this.#blockedUntil) throw this.#refusal()
    if (method !== 'GET') this.#countWrite()
  }

  reset(): void {
    Object.assign(this.limits, DEFAULTS)
    this.#writes = []
    this.#blockedUntil = 0
    this.#mostOpen = this.#open
  }

  #countWrite(): void {
    const now = Date.now()
    const { writesPerMinute = Number.POSITIVE_INFINITY, retryAfterSeconds } = this.limits
    this.#writes = this.#writes.filter(at => at > now - 60_000)
    if (this.#writes.length >= writesPerMinute) {
      // The requested wait is enough: a client that waits starts with a new minute.
      this.#writes = []
      this.#blockedUntil = now + retryAfterSeconds * 1000
      throw this.#refusal()
    }
    this.#writes.push(now)
  }

  #refusal(): GithubRefusal {
    const { status, retryAfterSeconds } = this.limits
    return new GithubRefusal(
      status,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. ' +
        'For more on scraping GitHub and how it may affect your rights, please review our Terms of Service ' +
        '(https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)',
      { 'retry-after': String(retryAfterSeconds) },
    )
  }
}
