import { ActionError } from '../errors.ts'
import {
  Endpoint,
  type EndpointOptions,
  ExchangeError,
  type HttpRequest,
  type HttpResponse,
} from '../net/endpoint.ts'
import { isLasting } from '../net/errors.ts'
import { type HttpAnswer, isSuccess, isTransient } from '../net/exchange.ts'
import { isTooLarge } from '../net/native-codes.ts'
import { Again, askedWait, type RetryPolicy, Setback, serverAheadMs, withRetries } from '../net/retry.ts'
import type { BasicPorts } from '../ports.ts'
import {
  explainExchange,
  explainNoJson,
  explainRefusal,
  type FailedRequest,
  invalidResponse,
  isRateLimited,
  type ServerError,
} from './errors.ts'
import { isWebPage } from './front-ends.ts'
import { readJson } from './json.ts'
import { parseServerError } from './records.ts'

/** What an endpoint makes of failures that mean something else there than elsewhere; undefined for the usual. */
export interface Exceptions {
  ofAnswer(response: HttpResponse, reason: ActionError): Error | undefined
  ofFailure(error: ExchangeError, origin: string): Error | undefined
}

/** A request that got no response. */
export class NoAnswer extends Setback {
  override readonly name = 'NoAnswer'
  readonly #error: ExchangeError

  constructor(reason: ActionError, error: ExchangeError) {
    super(reason)
    this.#error = error
  }

  /** False only when it is certain that the server never saw the request. */
  get mayHaveArrived(): boolean {
    return this.#error.mayHaveArrived
  }

  /** What to throw for a request that may be repeated: some failures would only happen again at the next attempt. */
  get repeatable(): Error {
    return isLasting(this.#error) ? this.reason : new Again(this.reason)
  }
}

export interface Refusal {
  reason: ActionError
  said: ServerError
  /** Milliseconds that the server asks to wait, if it does. */
  waitMs: number | undefined
}

/** Makes something of a body as it arrives. */
export interface BodyReader<T> {
  /**
   * @returns false once it has what it wants
   * @throws SyntaxError for what is not JSON
   */
  write(piece: Buffer): boolean
  /** The body is complete, or no more of it is wanted. */
  end(): T
}

/** A success, and what was made of its body. */
export interface ReadResponse<T> extends Pick<HttpResponse, 'status' | 'headers'> {
  value: T
}

/** How much to keep of what is not JSON: enough to tell what it is instead. */
const BEGINNING = 20_000

/** An endpoint that speaks JSON: decides what a response or its absence means, and retries where that helps. */
export class JsonEndpoint extends Endpoint {
  readonly #timeoutMs: number
  readonly #policy: RetryPolicy
  readonly #ports: BasicPorts
  readonly #exceptions: Exceptions | undefined

  constructor(
    origin: string,
    options: EndpointOptions & { policy: RetryPolicy },
    ports: BasicPorts,
    exceptions?: Exceptions,
  ) {
    super(origin, options)
    this.#timeoutMs = options.timeoutMs
    this.#policy = options.policy
    this.#ports = ports
    this.#exceptions = exceptions
  }

  /**
   * Sends a request that may be repeated freely, until it succeeds or the server clearly refuses.
   * @param exceptions those of this request; by default the endpoint's
   * @throws ActionError
   */
  async ask(
    request: HttpRequest,
    exceptions: Pick<Exceptions, 'ofAnswer'> | undefined = this.#exceptions,
  ): Promise<HttpResponse> {
    return await this.#askUntilClear(request, exceptions, throwRepeatable)
  }

  /**
   * Like `ask`, for what can be done without: a host that does not respond at all is asked only once.
   * @throws ActionError
   */
  async askIfReachable(request: HttpRequest): Promise<HttpResponse> {
    return await this.#askUntilClear(request, this.#exceptions, throwReason)
  }

  /**
   * Like `ask`, with a body of any length, which is read as it arrives.
   * @param newReader for each attempt; what an earlier one has read is not complete
   * @throws ActionError
   */
  async askAndRead<T>(
    request: HttpRequest,
    exceptions: Pick<Exceptions, 'ofAnswer'>,
    newReader: () => BodyReader<T>,
  ): Promise<ReadResponse<T>> {
    return await withRetries(this.#policy, this.#ports, async () => {
      const read = (answer: HttpAnswer) => this.#read(answer, request, newReader())
      const response = await this.#judged(this.exchange(request, read)).catch(throwRepeatable)
      if ('value' in response) return response
      throw this.#refused(response, request, exceptions)
    })
  }

  async #askUntilClear(
    request: HttpRequest,
    exceptions: Pick<Exceptions, 'ofAnswer'> | undefined,
    throwNoAnswer: (error: unknown) => never,
  ): Promise<HttpResponse> {
    return await withRetries(this.#policy, this.#ports, async () => {
      const response = await this.once(request).catch(throwNoAnswer)
      if (isSuccess(response)) return response
      throw this.#refused(response, request, exceptions)
    })
  }

  #refused(
    response: HttpResponse,
    request: HttpRequest,
    exceptions: Pick<Exceptions, 'ofAnswer'> | undefined,
  ): Error {
    const { reason, said, waitMs } = this.refusal(response, request)
    if (isTransient(response) || isRateLimited(response.status, said)) return new Again(reason, waitMs)
    return exceptions?.ofAnswer(response, reason) ?? reason
  }

  async #read<T>(
    answer: HttpAnswer,
    request: HttpRequest,
    reader: BodyReader<T>,
  ): Promise<ReadResponse<T> | HttpResponse> {
    const { status, headers } = answer
    if (!isSuccess(answer)) return { status, headers, body: await answer.text() }
    let beginning = Buffer.alloc(0)
    try {
      await answer.pieces(piece => {
        if (beginning.length < BEGINNING) beginning = Buffer.concat([beginning, piece.subarray(0, BEGINNING)])
        return reader.write(piece)
      })
      return { status, headers, value: reader.end() }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      throw explainNoJson({ status, headers, body: beginning.toString('utf8') }, this.#failed(request))
    }
  }

  /**
   * Sends a request once.
   * @throws NoAnswer
   */
  async once(request: HttpRequest): Promise<HttpResponse> {
    return await this.#judged(this.request(request))
  }

  async #judged<T>(sent: Promise<T>): Promise<T> {
    try {
      return await sent
    } catch (error) {
      throw error instanceof ExchangeError ? this.#judge(error) : error
    }
  }

  /** Why the server did not do it, in words, and how many milliseconds it asks to wait. */
  refusal(response: HttpResponse, request: HttpRequest): Refusal {
    const said = serverError(response)
    const { headers } = response
    const now = this.#ports.clock.now()
    const failed = { ...this.#failed(request), serverAheadMs: serverAheadMs(headers, now) }
    return { said, reason: explainRefusal(response, said, failed), waitMs: askedWait(headers, now) }
  }

  /** @throws ActionError RESPONSE_INVALID, WRONG_HOST */
  parse<T>(response: HttpResponse, request: HttpRequest, read: (value: unknown) => T): T {
    let value: unknown
    try {
      value = readJson(response.body)
    } catch (error) {
      throw error instanceof ActionError ? error : explainNoJson(response, this.#failed(request))
    }
    return read(value)
  }

  /** @throws ActionError WRONG_HOST when a login page or the like responds in the server's place */
  refuseWebPage(response: HttpResponse, request: HttpRequest): void {
    if (isWebPage(response)) throw explainNoJson(response, this.#failed(request))
  }

  #judge(error: ExchangeError): Error {
    const exception = this.#exceptions?.ofFailure(error, this.origin)
    if (exception !== undefined) return exception
    const reason = isTooLarge(error)
      ? invalidResponse('a response far larger than any valid one', error)
      : explainExchange(error, this.origin, this.#timeoutMs)
    return new NoAnswer(reason, error)
  }

  #failed({ method, path, headers }: HttpRequest): FailedRequest {
    const withKey = headers['x-api-key'] !== undefined
    return { method, path: path.split('?')[0] ?? path, origin: this.origin, withKey }
  }
}

function throwRepeatable(error: unknown): never {
  throw error instanceof NoAnswer ? error.repeatable : error
}

function throwReason(error: unknown): never {
  throw error instanceof NoAnswer ? error.reason : error
}

function serverError({ body }: HttpResponse): ServerError {
  try {
    return parseServerError(readJson(body))
  } catch {
    return { code: '', message: '' }
  }
}
