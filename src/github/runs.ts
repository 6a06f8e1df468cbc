import { Agent } from 'node:http'
import { Deadline } from '../net/deadline.ts'
import { Endpoint } from '../net/endpoint.ts'
import { exchange, type HttpRequest, type HttpResponse, isSuccess } from '../net/exchange.ts'
import { Again, Budget, type RetryPolicy, withRetries } from '../net/retry.ts'
import type { BasicPorts } from '../ports.ts'
import { isPassing, isRateLimit, waitOf } from './errors.ts'
import { RateLimit, RateLimited } from './rate-limit.ts'
import { type AskedRun, explainRun, Refused, Unreached, unreadableRun } from './run-errors.ts'

export interface RunsOptions {
  token: string
  /** `GITHUB_API_URL`; on GitHub Enterprise Server it ends in `/api/v3`. */
  apiUrl: string
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** Milliseconds for one attempt. */
  timeoutMs: number
  retries: number
  userAgent: string
}

/** What GitHub says of a workflow run. Dates only where it gives them. */
export interface WorkflowRun {
  /** The latest attempt; all earlier ones are over, because only a completed run can be run again. */
  attempt: number
  /** Of the latest attempt: `queued`, `in_progress`, `completed` and several more. */
  status: string
  /** When its first attempt was created. */
  createdAt: Date | undefined
  /** When anything last changed about it. */
  updatedAt: Date | undefined
}

/** A run takes some 20 kB. */
const MAX_BYTES = 1024 * 1024
/** The least that a run may lose to failures, and to rate limits: GitHub asks for a minute or more at a time. */
const LEAST_BUDGET_MS = 300_000

/** One connection to GitHub, on which requests follow each other. */
interface Connection {
  request(request: HttpRequest): Promise<HttpResponse>
  close(): Promise<void>
}

/** The workflow runs of repositories, over as many connections as there are requests at once. */
export class GithubRuns {
  readonly #options: RunsOptions
  readonly #ports: BasicPorts
  readonly #policy: RetryPolicy
  readonly #limit: RateLimit
  readonly #connections: Connection[] = []
  readonly #idle: Connection[] = []

  constructor(options: RunsOptions, ports: BasicPorts) {
    const { timeoutMs, retries } = options
    this.#options = options
    this.#ports = ports
    this.#policy = {
      retries,
      budget: new Budget(Math.max(timeoutMs * retries, LEAST_BUDGET_MS), ports.clock),
    }
    this.#limit = new RateLimit(LEAST_BUDGET_MS, ports)
  }

  /**
   * `GET /repos/{owner}/{repo}/actions/runs/{run_id}`.
   * @param repository `owner/repo`
   * @returns undefined when the repository has no such run
   * @throws ActionError GITHUB_* and what the network says
   */
  async find(repository: string, id: string): Promise<WorkflowRun | undefined> {
    const { apiUrl } = this.#options
    const asked: AskedRun = { repository, id, apiUrl }
    const once = async () => {
      await this.#limit.pause()
      try {
        const response = await this.#send(this.#requestFor(asked))
        if (response.status === 404) return undefined
        if (!isSuccess(response)) throw new Refused(response)
        return readRun(response, asked)
      } catch (error) {
        throw this.#setbackOf(error, asked)
      }
    }
    const what = `run ${id} of ${repository}`
    return await this.#limit.within(what, () => withRetries(this.#policy, this.#ports, once))
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map(connection => connection.close()))
  }

  /** What to throw for a failure: some may be retried. */
  #setbackOf(error: unknown, asked: AskedRun): unknown {
    const reason = explainRun(error, asked)
    if (reason === undefined) return error
    const wait = waitOf(error, this.#ports.clock.now())
    if (isRateLimit(error)) return new RateLimited(reason, wait)
    return isPassing(error) ? new Again(reason, wait) : reason
  }

  #requestFor({ repository, id, apiUrl }: AskedRun): HttpRequest {
    const { token, userAgent } = this.#options
    const { pathname } = new URL(apiUrl)
    return {
      method: 'GET',
      path: `${pathname === '/' ? '' : pathname}/repos/${repository}/actions/runs/${id}`,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': userAgent,
      },
      maxBytes: MAX_BYTES,
    }
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const connection = this.#idle.pop() ?? this.#connect()
    try {
      return await connection.request(request)
    } catch (error) {
      throw new Unreached(error)
    } finally {
      this.#idle.push(connection)
    }
  }

  #connect(): Connection {
    const url = new URL(this.#options.apiUrl)
    const made =
      url.protocol === 'http:'
        ? new LocalConnection(url, this.#options.timeoutMs)
        : new Endpoint(url.origin, this.#options)
    this.#connections.push(made)
    return made
  }
}

/** Plain http is for this machine alone, and never goes through a proxy. */
class LocalConnection implements Connection {
  readonly #url: URL
  readonly #timeoutMs: number
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(url: URL, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const course = { url: this.#url, agent: this.#agent, deadline: new Deadline(this.#timeoutMs) }
    return await exchange(course, request, async ({ status, headers, text }) => ({
      status,
      headers,
      body: await text(),
    }))
  }

  async close(): Promise<void> {
    this.#agent.destroy()
  }
}

/** @throws ActionError GITHUB_ERROR when it is not a run, or not the one that was requested */
function readRun({ status: answered, body }: HttpResponse, asked: AskedRun): WorkflowRun {
  if (answered !== 200) throw unreadableRun(asked, `status 200 (it has ${answered})`)
  const { id, run_attempt: attempt, status, ...run } = readObject(body, asked)
  if (id !== Number(asked.id)) throw unreadableRun(asked, 'the id of that run')
  if (typeof attempt !== 'number' || !Number.isSafeInteger(attempt) || attempt < 1)
    throw unreadableRun(asked, 'the number of its attempts')
  if (typeof status !== 'string' || status === '') throw unreadableRun(asked, 'its status')
  return { attempt, status, createdAt: readDate(run.created_at), updatedAt: readDate(run.updated_at) }
}

function readObject(body: string, asked: AskedRun): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // What is not JSON is not an object either.
  }
  throw unreadableRun(asked, 'a JSON object')
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT[\d:.]{5,20}(Z|[+-]\d\d:?\d\d)$/

function readDate(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' && ISO_TIME.test(value) ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
