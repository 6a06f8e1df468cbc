import { formatDuration } from '../duration.ts'
import { ActionError } from '../errors.ts'
import type { Clock, Log, Random } from '../ports.ts'

export interface RetryPolicy {
  /** Attempts after the first. */
  retries: number
  /** Milliseconds for all attempts and the waits between them; see `timeBudget`. */
  budgetMs: number
}

/** Something went wrong, and more can be tried. */
export abstract class Setback extends Error {
  /** What the user gets when nothing helps. */
  readonly reason: ActionError
  /** Milliseconds that the server asks to wait, if it does. */
  readonly waitMs: number | undefined

  constructor(reason: ActionError, waitMs?: number) {
    super(reason.message)
    this.reason = reason
    this.waitMs = waitMs
  }
}

/** Thrown by an attempt that may be made again. */
export class Again extends Setback {
  override readonly name = 'Again'
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 20_000

/** A request, its repeats and its waits together never take longer than this many milliseconds. */
export function timeBudget(timeoutMs: number, retries: number): number {
  return Math.max(timeoutMs * (retries + 1), 60_000)
}

/**
 * Runs `attempt` until it succeeds, throws something other than `Again`, or no attempt or time is left.
 * Waits with full jitter, or as long as the server says.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  { clock, random, log }: { clock: Clock; random: Random; log: Log },
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = clock.now().getTime() + policy.budgetMs
  for (let count = 0; ; count++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Again)) throw error
      if (count === policy.retries) throw error.reason
      const wait = waitWithin(deadline - clock.now().getTime(), error.waitMs ?? jitter(count, random), error)
      log.info(`${error.message} Trying again in ${span(wait)} (${count + 1} of ${policy.retries}).`)
      await clock.sleep(wait)
    }
  }
}

/** @throws ActionError when waiting would take longer than there is time */
function waitWithin(leftMs: number, waitMs: number, { reason }: Again): number {
  if (waitMs <= leftMs) return waitMs
  throw new ActionError(
    reason.code,
    {
      what: `${reason.message} Asking again makes sense after ${span(waitMs)}, which is longer than this step waits.`,
      why: reason.why,
      fix: `${reason.fix} Run the job again after that time.`,
    },
    reason,
  )
}

/**
 * Reads `Retry-After`, which comes in seconds or as an HTTP date (RFC 9110 §10.2.3).
 * @returns milliseconds, or undefined when there is none that makes sense
 */
export function parseRetryAfter(header: unknown, now: Date): number | undefined {
  if (typeof header !== 'string') return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) || !/[a-z]/i.test(text) ? undefined : Math.max(0, date - now.getTime())
}

/** AWS's "full jitter": anything from 0 to the doubling bound, so that parallel jobs do not come back together. */
export function jitter(count: number, random: Random): number {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** count)
  return Math.round((random.bytes(4).readUInt32BE() / 0xffffffff) * bound)
}

/** `0.4 s`, and from a minute on as inputs are written, `1h30m`. */
function span(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(Math.ceil(ms / 1000))
}
