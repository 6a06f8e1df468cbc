import { formatDuration } from '../duration.ts'
import { ActionError, hasCode } from '../errors.ts'
import type { BasicPorts, Clock, Random } from '../ports.ts'
import type { Pace } from './pace.ts'

export interface RetryPolicy {
  /** How many attempts to make after the first. */
  retries: number
  /** What waits and repeated attempts may take; shared by all requests of a step. */
  budget: Budget
  /** For many requests at once: when the server asks one of them to wait, all of them do. */
  pace?: Pace
}

/**
 * The time that a step may lose to failures: it runs from the first failure of a request until the request succeeds
 * or is given up. Where several requests wait at once, the time they wait together counts once.
 */
export class Budget {
  readonly #clock: Clock
  readonly #totalMs: number
  #spentMs = 0
  #since = 0
  #requests = 0

  constructor(totalMs: number, clock: Clock) {
    this.#totalMs = totalMs
    this.#clock = clock
  }

  get leftMs(): number {
    const running = this.#requests === 0 ? 0 : this.#elapsedMs()
    return Math.max(0, this.#totalMs - this.#spentMs - running)
  }

  begin(): void {
    if (this.#requests === 0) this.#since = this.#clock.now().getTime()
    this.#requests++
  }

  end(): void {
    this.#requests--
    if (this.#requests === 0) this.#spentMs += this.#elapsedMs()
  }

  /** As much as in the beginning: what has to be undone must not lack the time that the failure took. */
  renew(): void {
    this.#spentMs = 0
    this.#since = this.#clock.now().getTime()
  }

  /** A clock that is set back does not add time. */
  #elapsedMs(): number {
    return Math.max(0, this.#clock.now().getTime() - this.#since)
  }
}

/** Something went wrong, and more can be tried. */
export abstract class Setback extends Error {
  /** The error for the user when nothing helps. */
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
/** No server wants a retry in a month: one that says so does not know the time, or what the header means. */
const SENSIBLE_WAIT_MS = 30 * 86_400_000

/**
 * What a step may lose to failures, in milliseconds. No attempt begins after that, and the last may take `timeoutMs`:
 * a step of n requests never takes longer than (n + 1) × timeout + this.
 */
export function timeBudget(timeoutMs: number, retries: number): number {
  return Math.max(timeoutMs * retries, 60_000)
}

/**
 * Runs `attempt` until it succeeds, throws something other than `Again`, or no attempt or time is left.
 * Waits with full jitter; after what the server asks for, if it does, and never less than that.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  ports: BasicPorts,
  attempt: () => Promise<T>,
): Promise<T> {
  const { pace } = policy
  const inTurn = pace === undefined ? attempt : () => pace.inTurn(attempt)
  try {
    return await inTurn()
  } catch (error) {
    return await repeat(inTurn, onlyAgain(error), policy, ports)
  }
}

async function repeat<T>(
  attempt: () => Promise<T>,
  first: Again,
  { retries, budget, pace }: RetryPolicy,
  { clock, random, log }: BasicPorts,
): Promise<T> {
  let again = first
  budget.begin()
  try {
    let succeeded = pace?.succeeded
    for (let count = 0; count < retries; count++) {
      // A refusal for too many requests, while others got through, is not a failure of this one.
      if (hasCode(again.reason, 'RATE_LIMITED') && pace?.succeeded !== succeeded) count = 0
      succeeded = pace?.succeeded
      const wait = waitWithin(budget.leftMs, jitter(count, random), again)
      pace?.hold(again.waitMs ?? 0)
      log.info(`${again.message} ${tellWait(wait, again, `${count + 1} of ${retries}`)}`)
      await clock.sleep(wait)
      try {
        return await attempt()
      } catch (error) {
        again = onlyAgain(error)
      }
    }
    throw again.reason
  } finally {
    budget.end()
  }
}

function onlyAgain(error: unknown): Again {
  if (error instanceof Again) return error
  throw error
}

/** @throws ActionError when there is no time left, or less than the server asks to wait */
function waitWithin(leftMs: number, jitterMs: number, { reason, waitMs = 0 }: Again): number {
  if (leftMs > 0 && waitMs <= leftMs) return Math.min(waitMs + jitterMs, leftMs)
  const [what, fix] =
    leftMs > 0
      ? [
          `The server asked to wait ${span(waitMs)} before a retry, which is longer than this step waits.`,
          'Run the job again after that time.',
        ]
      : ['The time allowed for retries is used up.', "Or raise 'timeout' or 'retries', which allow more."]
  throw new ActionError(
    reason.code,
    { what: `${reason.message} ${what}`, why: reason.why, fix: `${reason.fix} ${fix}` },
    reason,
  )
}

function tellWait(wait: number, { waitMs = 0 }: Again, count: string): string {
  const asked = waitMs > 0 ? `; the server asked for ${span(waitMs)}` : ''
  return `Retrying in ${span(wait)} (retry ${count}${asked}).`
}

/**
 * How long a response asks to wait: `Retry-After`, in seconds or as an HTTP date (RFC 9110 §10.2.3). A date is by the
 * server's clock, which `Date` tells.
 */
export function askedWait(headers: Record<string, unknown>, now: Date): number | undefined {
  return parseRetryAfter(headers['retry-after'], new Date(now.getTime() + serverAheadMs(headers, now)))
}

/** How far the server's clock is ahead of ours, in milliseconds, by its `Date`; 0 when it does not tell. */
export function serverAheadMs(headers: Record<string, unknown>, now: Date): number {
  return untilDate(String(headers.date), now) || 0
}

/**
 * Reads `Retry-After`.
 * @returns milliseconds, 0 for a date that has passed; undefined when there is none that makes sense
 */
export function parseRetryAfter(header: unknown, now: Date): number | undefined {
  if (typeof header !== 'string') return undefined
  const text = header.trim()
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : untilDate(text, now)
  return wait <= SENSIBLE_WAIT_MS ? Math.max(0, wait) : undefined
}

/** Milliseconds, NaN for what is not a date. `Date.parse` takes a number for a year; an HTTP date has a month's name. */
function untilDate(text: string, now: Date): number {
  return /[a-z]{3}/i.test(text) ? Date.parse(text) - now.getTime() : Number.NaN
}

/** AWS's "full jitter": anything from 0 to the doubling bound, so that parallel jobs do not come back together. */
export function jitter(count: number, random: Random): number {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** count)
  return Math.round((random.bytes(4).readUInt32BE() / 0xffffffff) * bound)
}

/** Milliseconds in words: `0.4 s`, and from a minute on as inputs are written, `1h30m`. */
export function span(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(Math.ceil(ms / 1000))
}
