import { Refusal } from './answers.ts'
import type { RateLimit } from './settings.ts'

/** Counts in fixed windows by the machine's clock, the one that waiting clients use. */
export class RateLimiter {
  readonly #windows = new Map<string, { end: number; count: number }>()

  /** @throws Refusal of that status, with the seconds that are left of the window */
  check(apiKey: string, { requests, seconds, status = 429 }: RateLimit): void {
    const now = Date.now()
    const known = this.#windows.get(apiKey)
    const window = known !== undefined && now < known.end ? known : { end: now + seconds * 1000, count: 0 }
    this.#windows.set(apiKey, window)
    window.count += 1
    if (window.count <= requests) return
    const retryAfter = String(Math.ceil((window.end - now) / 1000))
    throw new Refusal(status, 'request_limit_exceeded', 'Too many requests.', { 'retry-after': retryAfter })
  }
}
