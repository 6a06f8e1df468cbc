import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import Bottleneck from 'bottleneck/light.js'
import { ActionError } from '../errors.ts'
import type { Log } from '../ports.ts'
import { explainGithub, isNotFound } from './failures.ts'
import { seal } from './sealed-box.ts'
import { type Target, targetName } from './target.ts'

export interface GithubOptions {
  token: string
  /** `GITHUB_API_URL`; on GitHub Enterprise Server it ends in `/api/v3`. */
  apiUrl: string
  /** Goes through the proxy and trusts what it should; see `createFetch`. */
  fetch: typeof fetch
  retries: number
  userAgent: string
  /** How many writes to expect: more than `MANY_WRITES` are paced. */
  writes: number
}

/** What GitHub tells of a secret: never its value. */
export interface SecretState {
  updatedAt: Date
  /** Of an organisation secret. */
  visibility: string
}

/**
 * GitHub asks for a second between writes when there are many, and counts a write as 5 of 900 points a minute: up to
 * this many at once stay well below that.
 */
export const MANY_WRITES = 100
const PACE_MS = 1000
/** A rate limit that lasts longer is for the next run. */
const LONGEST_WAIT_SECONDS = 300
const MOST_WAITS = 3

const ThrottledOctokit = Octokit.plugin(retry, throttling)

/** The Actions secrets of repositories, environments and organisations. At most ten requests are under way at once. */
export class GithubSecrets {
  readonly apiUrl: string
  readonly #octokit: Octokit
  readonly #keys = new Map<string, Promise<PublicKey>>()

  constructor({ token, apiUrl, fetch, retries, userAgent, writes }: GithubOptions, log: Log) {
    this.apiUrl = apiUrl
    this.#octokit = new ThrottledOctokit({
      auth: token,
      baseUrl: apiUrl,
      userAgent,
      request: { fetch: withLog(fetch, log), retries },
      log: { debug: log.debug, info: log.debug, warn: log.debug, error: log.debug },
      retry: { retries },
      throttle: {
        write: new Bottleneck.Group(writes > MANY_WRITES ? { maxConcurrent: 1, minTime: PACE_MS } : {}),
        onRateLimit: waitFor(log),
        onSecondaryRateLimit: waitFor(log),
      },
    })
  }

  /** Undefined when there is no such secret (or no such target: see `proveWritable`). */
  async find(target: Target, name: string): Promise<SecretState | undefined> {
    try {
      const data = await this.#request('GET', target, name)
      const updatedAt = new Date(String(data.updated_at))
      if (Number.isNaN(updatedAt.getTime())) throw unreadable(target, 'the time of the last change')
      return { updatedAt, visibility: String(data.visibility ?? '') }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw this.#explain(error, target)
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
   * Writes one secret. An organisation secret keeps its visibility and its selected repositories.
   * @throws ActionError GITHUB_*
   */
  async write(target: Target, name: string, value: string): Promise<void> {
    const { key, keyId } = await this.#publicKey(target)
    const sealed = { encrypted_value: await seal(value, key), key_id: keyId }
    const access = target.kind === 'organization' ? await this.#access(target, name) : {}
    await this.#explained(target, this.#request('PUT', target, name, { ...sealed, ...access }))
  }

  #publicKey(target: Target): Promise<PublicKey> {
    const scope = targetName(target).toLowerCase()
    const known = this.#keys.get(scope)
    if (known !== undefined) return known
    const fetched = this.#explained(target, this.#request('GET', target, 'public-key')).then(
      ({ key, key_id: keyId }) => {
        if (typeof key !== 'string' || keyId === undefined) throw unreadable(target, 'the public key')
        return { key, keyId: String(keyId) }
      },
    )
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

  async #selectedRepositories(target: Target, name: string): Promise<number[]> {
    const ids: number[] = []
    for (let page = 1; ; page++) {
      const path = `${name}/repositories`
      const data = await this.#explained(target, this.#request('GET', target, path, { per_page: 100, page }))
      const repositories: unknown[] = Array.isArray(data.repositories) ? data.repositories : []
      for (const repository of repositories) ids.push(Number((repository as { id?: unknown }).id))
      if (repositories.length < 100) return ids
    }
  }

  async #request(
    method: 'GET' | 'PUT',
    target: Target,
    path: string,
    parameters: Record<string, unknown> = {},
  ): Promise<Record<string, unknown>> {
    const { route, names } = routeOf(target)
    const { data } = await this.#octokit.request(`${method} ${route}/${path}`, { ...names, ...parameters })
    return typeof data === 'object' && data !== null ? data : {}
  }

  async #explained<T>(target: Target, answer: Promise<T>): Promise<T> {
    return await answer.catch(error => {
      throw this.#explain(error, target)
    })
  }

  #explain(error: unknown, target: Target): unknown {
    const { permission } = routeOf(target)
    return explainGithub(error, { target: targetName(target), permission, apiUrl: this.apiUrl })
  }
}

interface PublicKey {
  key: string
  keyId: string
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

/** Octokit asks again by itself; the log shows why it takes longer. */
function withLog(send: typeof fetch, log: Log): typeof fetch {
  return async (input, init) => {
    const what = `${init?.method ?? 'GET'} ${new URL(String(input)).pathname}`
    try {
      const response = await send(input, init)
      if (response.status >= 500) log.info(`GitHub answered ${response.status} to ${what}.`)
      return response
    } catch (error) {
      log.info(`GitHub did not answer to ${what}.`)
      throw error
    }
  }
}

/** @returns a handler that says whether to wait for the end of a rate limit */
function waitFor(log: Log) {
  return (seconds: number, _options: unknown, _octokit: unknown, count: number): boolean => {
    const waits = seconds <= LONGEST_WAIT_SECONDS && count < MOST_WAITS
    log.info(
      `GitHub asks to wait ${seconds} s (rate limit)${waits ? '; doing so' : ', which is longer than this step waits'}.`,
    )
    return waits
  }
}

function unreadable(target: Target, what: string): ActionError {
  return new ActionError('GITHUB_ERROR', {
    what: `GitHub's answer for ${targetName(target)} lacks ${what}.`,
    why: 'A proxy or a captive portal answered instead of GitHub, or GITHUB_API_URL is not the API.',
    fix: 'Check GITHUB_API_URL and the proxy of this runner.',
  })
}

function noOrganizationSecret(target: Target, name: string): ActionError {
  return new ActionError('GITHUB_NOT_FOUND', {
    what: `${targetName(target)} has no secret ${name}.`,
    why: 'It was never made, or it was deleted. Which repositories may read it is for you to decide, so it is not made here.',
    fix: `Make it once, with the visibility that you want, in the organization's settings or by \`gh secret set ${name} --org …\`.`,
  })
}
