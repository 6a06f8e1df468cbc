import {
  type Answer,
  type ErrorPlace,
  type ErrorShape,
  type ErrorText,
  errorAnswer,
  html,
} from './answers.ts'
import type { ApiRequest, HostKind } from './request.ts'

/** A moment in a request's life. `mid-answer`: the headers and about half of the body are sent. */
export type Moment = 'before-work' | 'after-work' | 'mid-answer'

/** Which requests a fault is for. An omitted field matches everything. */
export interface FaultMatch {
  method?: string
  path?: RegExp | string
  host?: HostKind
  /** let this many matching requests pass first; default 0 */
  skip?: number
  /** how many requests it then hits; default 1, Infinity for all */
  times?: number
}

/** A response in place of the real one. One of `error`, `json`, `html`, `body`, `size`; without any, an error for the status. */
export interface FaultAnswer {
  status: number
  error?: ErrorText
  /** shape of the error body; default as in the settings */
  shape?: ErrorShape
  json?: unknown
  /** `true` for a captive portal's page */
  html?: string | true
  body?: string | Buffer
  /** a JSON string of this many bytes, sent in chunks without a content-length */
  size?: number
  contentType?: string
  headers?: Record<string, string>
  /** `Retry-After` in seconds, or as an HTTP date */
  retryAfter?: number | Date
}

/** What fails. The parts combine: a delay, then work, then a reset. */
export interface FaultEffect {
  /** milliseconds before the work is done */
  delayBefore?: number
  /** milliseconds between the work and its response */
  delayAfter?: number
  /** stop here until the handle's release(); `mid-answer` means a body that stalls */
  hold?: Moment
  /** break the connection with a TCP RST */
  reset?: Moment
  /** close the connection cleanly; `mid-answer` is a truncated body */
  hangUp?: Moment
  /** send the body one byte at a time, with this many milliseconds after each */
  drip?: number
  /** by default, nothing is done and this response is sent */
  answer?: FaultAnswer
  /** the work is done anyway; only its response is replaced by `answer` */
  workDone?: boolean
  /** change the real response: drop a field, swap a certificate */
  rewrite?: (body: Record<string, unknown>) => unknown
  /** headers added to whatever response is sent, e.g. a wrong content-type */
  headers?: Record<string, string>
}

export type Fault = FaultMatch & FaultEffect

export interface FaultHandle {
  /** requests that it has hit so far */
  readonly hits: number
  /** resolves when the first request is held or, without `hold`, hit */
  readonly reached: Promise<void>
  /** lets held requests continue, and those still to come */
  release(): void
  /** removes the fault; also releases */
  remove(): void
}

export interface Faults {
  add(fault: Fault): FaultHandle
  clear(): void
}

/** A fault that a request ran into, for the server to apply. */
export interface ActiveFault extends FaultEffect {
  /** resolves at once unless the fault holds at this moment */
  pause(moment: Moment): Promise<void>
}

interface Armed {
  fault: Fault
  seen: number
  hits: number
  reached: Milestone
  released: Milestone
}

interface Milestone {
  promise: Promise<void>
  resolve(): void
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function milestone(): Milestone {
  let resolve: Milestone['resolve'] = () => undefined
  const promise = new Promise<void>(reached => {
    resolve = reached
  })
  return { promise, resolve }
}

export class FaultBook implements Faults {
  readonly #armed: Armed[] = []

  add(fault: Fault): FaultHandle {
    const armed: Armed = {
      fault,
      seen: 0,
      hits: 0,
      reached: milestone(),
      released: milestone(),
    }
    this.#armed.push(armed)
    return {
      get hits() {
        return armed.hits
      },
      reached: armed.reached.promise,
      release: () => armed.released.resolve(),
      remove: () => this.#remove(armed),
    }
  }

  clear(): void {
    for (const armed of [...this.#armed]) this.#remove(armed)
  }

  /** The first fault, in the order in which they were added, that is due for this request. */
  take(request: Pick<ApiRequest, 'method' | 'path' | 'host'>): ActiveFault | undefined {
    const due = this.#armed.find(armed => matches(armed.fault, request) && isDue(armed))
    if (due === undefined) return undefined
    due.hits += 1
    if (due.fault.hold === undefined) due.reached.resolve()
    return {
      ...due.fault,
      pause: async moment => {
        if (due.fault.hold !== moment) return
        due.reached.resolve()
        await due.released.promise
      },
    }
  }

  #remove(armed: Armed): void {
    armed.released.resolve()
    const index = this.#armed.indexOf(armed)
    if (index >= 0) this.#armed.splice(index, 1)
  }
}

function matches(
  fault: FaultMatch,
  { method, path, host }: Pick<ApiRequest, 'method' | 'path' | 'host'>,
): boolean {
  if (fault.method !== undefined && fault.method !== method) return false
  if (fault.host !== undefined && fault.host !== host) return false
  if (fault.path === undefined) return true
  return typeof fault.path === 'string' ? fault.path === path : path.search(fault.path) >= 0
}

function isDue(armed: Armed): boolean {
  armed.seen += 1
  return armed.seen > (armed.fault.skip ?? 0) && armed.hits < (armed.fault.times ?? 1)
}

const CAPTIVE_PORTAL =
  '<!doctype html>\n<html><head><title>Sign in to the network</title></head><body></body></html>\n'

const CODES: Record<number, ErrorText> = {
  400: { code: 'invalid_request', message: 'The request is not valid.' },
  401: { code: 'invalid_api_key', message: 'The API key is not valid.' },
  403: { code: 'access_denied', message: 'You do not have permission to perform this operation.' },
  404: { code: 'resource_not_found', message: 'The requested resource was not found' },
  429: { code: 'request_limit_exceeded', message: 'Too many requests.' },
  503: { code: 'service_unavailable', message: 'The service is temporarily unavailable.' },
}

export function answerOf(fault: FaultAnswer, usualShape: ErrorShape, place: ErrorPlace): Answer {
  const answer = bodyOf(fault, usualShape, place)
  if (fault.contentType !== undefined) answer.headers['content-type'] = fault.contentType
  if (fault.retryAfter !== undefined) answer.headers['retry-after'] = retryAfter(fault.retryAfter)
  return { ...answer, headers: { ...answer.headers, ...fault.headers } }
}

function bodyOf(fault: FaultAnswer, usualShape: ErrorShape, place: ErrorPlace): Answer {
  const { status } = fault
  if (fault.html !== undefined) return html(status, fault.html === true ? CAPTIVE_PORTAL : fault.html)
  if (fault.body !== undefined) return { status, headers: {}, body: fault.body }
  if (fault.json !== undefined) return jsonText(status, JSON.stringify(fault.json))
  if (fault.size !== undefined) return { ...jsonText(status, '""'), size: fault.size }
  if (status < 400 && fault.error === undefined) return { status, headers: {}, body: '' }
  const error = fault.error ?? CODES[status] ?? { code: 'internal_error', message: 'Internal error.' }
  return errorAnswer(status, error, fault.shape ?? usualShape, place)
}

function jsonText(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/** RFC 9110 §10.2.3: a number of seconds or an IMF-fixdate. */
function retryAfter(value: number | Date): string {
  return typeof value === 'number' ? String(value) : value.toUTCString()
}
