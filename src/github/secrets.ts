import { Octokit } from '@octokit/core'
import { throttling } from '@octokit/plugin-throttling'
import Bottleneck from 'bottleneck/light.js'
import { ActionError, hasCode } from '../errors.ts'
import { Again, Budget, type RetryPolicy, withRetries } from '../net/retry.ts'
import type { BasicPorts } from '../ports.ts'
import {
  explainGithub,
  isPassing,
  isRateLimit,
  noOrganizationSecret,
  tooManyRepositories,
  unreadable,
  waitOf,
} from './errors.ts'
import { createFetch } from './fetch.ts'
import { RateLimit, RateLimited } from './rate-limit.ts'
import {
  type PublicKey,
  readJson,
  readPublicKey,
  readRepositoryPage,
  readSecretState,
  type SecretState,
} from './records.ts'
import { explainRedirect, isRedirect } from './redirect.ts'
import { seal } from './sealed-box.ts'
import { type Target, targetName } from './target.ts'

export interface GithubOptions {
  token: string
  /** `GITHUB_API_URL`; on GitHub Enterprise Server it ends in `/api/v3`. */
  apiUrl: string
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** Milliseconds for one attempt. */
  timeoutMs: number
  retries: number
  userAgent: string
  /** How many writes to expect: more than `MANY_WRITES` are paced. */
  writes: number
}

/** What is read of the list of repositories that may use an organization secret: a hundred pages. */
const MOST_REPOSITORIES = 10_000
const PAGE = 100

/**
 * GitHub asks for a second between writes when there are many, and counts a write as 5 of 900 points a minute: up to
 * this many at once stay well below that.
 */
export const MANY_WRITES = 100
const PACE_MS = 1000
/** The least that a run may lose to failures, and to rate limits: GitHub asks for a minute or more at a time. */
const LEAST_BUDGET_MS = 300_000
/** On top of that for each write: where many are made, GitHub's limits may well ask for as long again as they take. */
const PATIENCE_PER_WRITE_MS = 1000

const ThrottledOctokit = Octokit.plugin(throttling)
/** Our own retries wait, in the same way for every kind of failure and both servers. */
const NO_WAITING = () => false

/** The Actions secrets of repositories, environments and organizations. At most ten requests run at once. */
export class GithubSecrets {
  readonly apiUrl: string
  readonly #octokit: Octokit
  readonly #policy: RetryPolicy
  readonly #limit: RateLimit
  readonly #ports: BasicPorts
  readonly #keys = new Map<string, Promise<PublicKey>>()

  /** @param fetch as `createFetch` makes one; to make several of these with one connection pool */
  constructor(options: GithubOptions, ports: BasicPorts, fetch = createFetch(options)) {
    const { token, apiUrl, timeoutMs, retries, userAgent, writes } = options
    const { log, clock } = ports
    const limit = new RateLimit(LEAST_BUDGET_MS + writes * PATIENCE_PER_WRITE_MS, ports)
    // Here, because a write may have been in the queue when another one ran into the limit.
    const unhurried: typeof fetch = async (...request) => {
      await limit.pause()
      return await fetch(...request)
    }
    this.apiUrl = apiUrl
    this.#limit = limit
    this.#ports = ports
    this.#policy = { retries, budget: new Budget(Math.max(timeoutMs * retries, LEAST_BUDGET_MS), clock) }
    this.#octokit = new ThrottledOctokit({
      auth: token,
      baseUrl: apiUrl,
      userAgent,
      // Responses are parsed here: octokit would, for one, make a number of a million digits.
      request: { fetch: unhurried, parseSuccessResponseBody: false },
      log: { debug: log.debug, info: log.debug, warn: log.debug, error: log.debug },
      throttle: {
        write: new Bottleneck.Group(writes > MANY_WRITES ? { maxConcurrent: 1, minTime: PACE_MS } : {}),
        onRateLimit: NO_WAITING,
        onSecondaryRateLimit: NO_WAITING,
      },
    })
  }

  /** Undefined when there is no such secret (or no such target: see `proveWritable`). */
  async find(target: Target, name: string): Promise<SecretState | undefined> {
    try {
      return readSecretState(await this.#request('GET', target, name), target)
    } catch (error) {
      if (hasCode(error, 'GITHUB_NOT_FOUND')) return undefined
      throw error
    }
  }

  /**
   * Shows that the token may see and seal secrets here. The key is fetched once for each target.
   * @throws ActionError GITHUB_*
   */
  async proveWritable(target: Target): Promise<void> {
    await this.#publicKey(target)
  }

  /**
   * Writes one secret. An organization secret keeps its visibility and its selected repositories.
   * @throws ActionError GITHUB_*
   */
  async write(target: Target, name: string, value: string): Promise<void> {
    const { key, keyId } = await this.#publicKey(target)
    const encrypted = seal(value, key)
    if (encrypted === undefined) throw unreadable(target, 'a public key that secrets can be encrypted for')
    const sealed = { encrypted_value: encrypted, key_id: keyId }
    const access = target.kind === 'organization' ? await this.#access(target, name) : {}
    await this.#request('PUT', target, name, { ...sealed, ...access })
  }

  #publicKey(target: Target): Promise<PublicKey> {
    const scope = targetName(target).toLowerCase()
    const known = this.#keys.get(scope)
    if (known !== undefined) return known
    const fetched = this.#request('GET', target, 'public-key').then(data => readPublicKey(data, target))
    this.#keys.set(scope, fetched)
    return fetched
  }

  async #access(target: Target, name: string): Promise<Record<string, unknown>> {
    const state = await this.find(target, name)
    if (state === undefined) throw noOrganizationSecret(target, name)
    const { visibility } = state
    if (visibility !== 'selected') return { visibility }
    return { visibility, selected_repository_ids: await this.#selectedRepositories(target, name) }
  }

  /** All of them, or an error: what is written replaces the selection. */
  async #selectedRepositories(target: Target, name: string): Promise<number[]> {
    const ids = new Set<number>()
    for (let page = 1; ; page++) {
      const data = await this.#request('GET', target, `${name}/repositories`, { per_page: PAGE, page })
      const { total, repositories } = readRepositoryPage(data, target, name)
      if (total > MOST_REPOSITORIES) throw tooManyRepositories(target, name, total, MOST_REPOSITORIES)
      const expected = Math.min(total, page * PAGE)
      for (const id of repositories) ids.add(id)
      if (ids.size !== expected)
        throw unreadable(target, `${total} repositories of ${name}, as many as it says there are`)
      if (expected === total) return [...ids]
    }
  }

  /** Every request may be repeated: writing the same secret twice is writing it once. */
  async #request(
    method: 'GET' | 'PUT',
    target: Target,
    path: string,
    parameters: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { route, names, permission } = routeOf(target)
    const attempt = { target: targetName(target), permission, apiUrl: this.apiUrl }
    const once = async () => {
      try {
        const response = await this.#octokit.request(`${method} ${route}/${path}`, {
          ...names,
          ...parameters,
        })
        if (isRedirect(response)) throw explainRedirect(response, attempt)
        if (method === 'PUT') return confirmed(response, target)
        return await readJson(response, target)
      } catch (error) {
        throw setbackOf(error, explainGithub(error, attempt), this.#ports.clock.now())
      }
    }
    return await this.#limit.within(attempt.target, () => withRetries(this.#policy, this.#ports, once))
  }
}

/** What to throw for a failure: some may be retried. */
function setbackOf(error: unknown, reason: unknown, now: Date): unknown {
  if (!(reason instanceof ActionError)) return reason
  if (isRateLimit(error)) return new RateLimited(reason, waitOf(error, now))
  return isPassing(error) ? new Again(reason, waitOf(error, now)) : reason
}

/** 201 for a new secret, 204 for one that was there. A web page with 200 has written nothing. */
const WRITTEN = [201, 204]

function confirmed({ status }: { status: number }, target: Target): Record<string, unknown> {
  if (WRITTEN.includes(status)) return {}
  throw unreadable(target, 'a confirmation')
}

interface Route {
  route: string
  names: Record<string, string>
  /** What the token needs, as GitHub's settings call it. */
  permission: string
}

function routeOf(target: Target): Route {
  const { owner } = target
  if (target.kind === 'organization') {
    return {
      route: '/orgs/{org}/actions/secrets',
      names: { org: owner },
      permission: '"Secrets: write" of the organization',
    }
  }
  const names = { owner, repo: target.repo }
  if (target.kind === 'repository') {
    return {
      route: '/repos/{owner}/{repo}/actions/secrets',
      names,
      permission: '"Secrets: write" of the repository',
    }
  }
  return {
    route: '/repos/{owner}/{repo}/environments/{environment_name}/secrets',
    names: { ...names, environment_name: target.environment },
    permission: '"Environments: write" of the repository',
  }
}
