import type { Socket } from 'node:net'
import { ActionError } from '../errors.ts'
import type { HttpRequest, Identity } from '../net/endpoint.ts'
import { isSuccess, isTransient } from '../net/exchange.ts'
import { Again, Budget, type RetryPolicy, Setback, timeBudget } from '../net/retry.ts'
import { beginRoute } from '../net/route.ts'
import type { BasicPorts } from '../ports.ts'
import { certificateRefusals } from './clientauth.ts'
import { explainNoEffect, isNicknameTaken, isRateLimited } from './errors.ts'
import { type Gathering, Kept, type WantedRecords } from './gathering.ts'
import type { Hosts } from './hosts.ts'
import { type BodyReader, JsonEndpoint, NoAnswer } from './json-endpoint.ts'
import type { ReadPage, readList } from './list.ts'
import { UserIdWanted, userIdWanted, withUserId } from './paging.ts'
import {
  type CertificateRecord,
  parseCertificateRecord,
  parseUser,
  readEnabled,
  type User,
} from './records.ts'
import type { SigningAccess } from './software-trust.ts'

const CERTIFICATES = '/account/api/v1/client-auth-certificate'
const CURRENT_USER = '/account/api/v1/user/me'
const MAX_ANSWER_BYTES = 1024 * 1024
const EVERY = () => true

export interface ClientOptions {
  hosts: Hosts
  /** Without an API key, only `verify` works. */
  apiKey: string | undefined
  caCertificates: string[]
  timeoutMs: number
  retries: number
  /** `User-Agent`: the action and its version. */
  userAgent: string
}

export interface ClientPorts extends BasicPorts {
  /** What reads lists, which most steps do without: loaded when the first one is asked for. */
  loadList(): Promise<{ readList: typeof readList }>
}

export interface CertificateRequest {
  /** PKCS#10 in PEM. */
  csr: string
  nickname: string
  /** When the certificate is to expire; sent without milliseconds. */
  end: Date
}

/** The request for a certificate may or may not have been carried out: the code that catches this must find out. */
export class Unsettled extends Setback {
  override readonly name = 'Unsettled'
}

/** The nickname is already in use: nothing was issued. */
export class NicknameTaken extends Setback {
  override readonly name = 'NicknameTaken'
}

/** What was begun before there was a client: a connection to the host of the first request. */
export interface BegunConnection {
  host: keyof Hosts
  /** Undefined where there is more to it than TCP, behind a proxy: it begins with the client then. */
  tcp: Promise<Socket> | undefined
}

/** DigiCert ONE's account API, as one service user sees it. */
export class DigicertOne {
  readonly hosts: Hosts
  /** For operations of several requests: the same attempts as for one, and time from the same budget. */
  readonly retryPolicy: RetryPolicy
  readonly #options: ClientOptions
  readonly #ports: ClientPorts
  readonly #api: JsonEndpoint
  /** On its way to the clientauth host as far as that is possible without a certificate. */
  #reached: Promise<Socket> | undefined
  /** The connection that shows a certificate, until that is verified. */
  #clientauth: JsonEndpoint | undefined
  /** The last one that did. */
  #verified: JsonEndpoint | undefined
  /** Whose list is requested, once the server has asked for it. */
  #listedUser: string | undefined

  /**
   * @param begun what continues immediately; without it, no connection is made before it is needed
   * @param policy of another one, whose time is shared
   */
  constructor(options: ClientOptions, ports: ClientPorts, begun?: BegunConnection, policy?: RetryPolicy) {
    const { hosts, retries, timeoutMs } = options
    this.hosts = hosts
    this.retryPolicy = policy ?? { retries, budget: new Budget(timeBudget(timeoutMs, retries), ports.clock) }
    this.#options = options
    this.#ports = ports
    const tcp = begun && beginRoute(hosts[begun.host], options, begun.tcp)
    this.#api = new JsonEndpoint(
      hosts.api,
      { ...options, policy: this.retryPolicy, begun: begun?.host === 'api' ? tcp : undefined },
      ports,
    )
    if (begun?.host === 'clientauth') this.#reached = tcp
    else if (begun !== undefined) this.openApi()
  }

  /** The same service user over a connection of its own: a client has one, on which requests wait for each other. */
  beside(policy: RetryPolicy): DigicertOne {
    return new DigicertOne(this.#options, this.#ports, undefined, policy)
  }

  get hasApiKey(): boolean {
    return this.#options.apiKey !== undefined
  }

  /** Connects to the API host while there is other work to do. */
  openApi(): void {
    void this.#api.open()
  }

  /** Reaches the clientauth host as far as that is possible without a certificate. */
  reachClientauth(): void {
    if (this.#clientauth === undefined) this.#reached ??= beginRoute(this.hosts.clientauth, this.#options)
  }

  /**
   * `POST /account/api/v1/client-auth-certificate`, sent once.
   * @throws Again when it certainly was not carried out, Unsettled when the response was lost, NicknameTaken, or
   * ActionError when the server will not issue one
   */
  async requestCertificate({ csr, nickname, end }: CertificateRequest): Promise<CertificateRecord> {
    const exp = end.toISOString().replace(/\.\d{3}Z$/, 'Z')
    const post = this.#apiRequest('POST', CERTIFICATES, { csr, name: nickname, exp })
    const response = await this.#api.once(post).catch(throwUnsettled)
    if (isSuccess(response)) {
      return unsettledIfUnreadable(() => this.#api.parse(response, post, parseCertificateRecord))
    }
    const { reason, said, waitMs } = this.#api.refusal(response, post)
    if (isNicknameTaken(said)) throw new NicknameTaken(reason)
    // A rate limit is the one failure that promises that nothing was done.
    if (isRateLimited(response.status, said)) throw new Again(reason, waitMs)
    throw isTransient(response) ? new Unsettled(reason, waitMs) : reason
  }

  /**
   * The certificates of the service user, as many of them as are wanted, by default all.
   * @throws ActionError TIMEOUT, among others, for an endless list
   */
  async listCertificates(
    wanted: WantedRecords | WantedRecords['keep'] = EVERY,
  ): Promise<CertificateRecord[]> {
    const { records } = await this.survey(new Kept(typeof wanted === 'function' ? { keep: wanted } : wanted))
    return records
  }

  /**
   * Goes through the certificates of the service user as `readList` does.
   * @returns what was gathered; `gathering` itself stays unchanged
   */
  async survey<G extends Gathering>(gathering: G): Promise<G> {
    const { readList } = await this.#ports.loadList()
    return await readList(gathering, {
      ...{ origin: this.#api.origin, path: CERTIFICATES, clock: this.#ports.clock },
      askForPage: (path, newPage) => this.#askForPage(path, newPage),
    })
  }

  /** A page of the list; with the id of the user whose list it is, where the server requires it. */
  async #askForPage<T>(path: string, newPage: () => BodyReader<T>): Promise<ReadPage<T>> {
    const user = this.#listedUser
    const whose = user === undefined ? path : withUserId(path, user)
    const request = this.#apiRequest('GET', whose)
    try {
      return { request, response: await this.#api.askAndRead(request, userIdWanted, newPage) }
    } catch (error) {
      if (!(error instanceof UserIdWanted)) throw error
      if (user !== undefined) throw error.reason
      this.#listedUser = (await this.currentUser()).id
      return await this.#askForPage(path, newPage)
    }
  }

  /**
   * Resolves when the server has said that the certificate is enabled. Repeating it does no harm.
   * @throws ActionError ACCESS_NOT_EFFECTIVE when the server says otherwise, or does not say
   */
  async enable(id: string): Promise<void> {
    await this.#setEnabled(id, true)
  }

  /**
   * Resolves when the server has said that the certificate is disabled. Repeating it does no harm.
   * @throws ActionError ACCESS_NOT_EFFECTIVE when the server says otherwise, or does not say
   */
  async disable(id: string): Promise<void> {
    await this.#setEnabled(id, false)
  }

  /** A response that says nothing (204, `{}`) is followed by a look at the list. */
  async #setEnabled(id: string, enabled: boolean): Promise<void> {
    const said = (await this.change(id, enabled)) ?? (await this.#isListedEnabled(id))
    if (said !== enabled) throw explainNoEffect({ id, enabled, said }, this.hosts.api)
  }

  /**
   * `PUT …/{id}/enable`, for many at once: what no response says, one look at the list then says of all of them.
   * @returns what the response says the certificate is now; undefined when it does not say
   */
  async change(id: string, enabled: boolean): Promise<boolean | undefined> {
    const request = this.#apiRequest('PUT', `${CERTIFICATES}/${encodeURIComponent(id)}/enable`, { enabled })
    const response = await this.#api.ask(request)
    this.#api.refuseWebPage(response, request)
    return readEnabled(response.body)
  }

  async #isListedEnabled(id: string): Promise<boolean | undefined> {
    const [record] = await this.listCertificates({ keep: record => record.id === id, enough: 1 })
    return record?.enabled
  }

  /** The service user that the API key belongs to. */
  async currentUser(): Promise<User> {
    const request = this.#apiRequest('GET', CURRENT_USER)
    return this.#api.parse(await this.#api.ask(request), request, parseUser)
  }

  /** The same for a step that works without it: a host that gives no response is asked once. */
  async userOfKey(): Promise<User> {
    const request = this.#apiRequest('GET', CURRENT_USER)
    return this.#api.parse(await this.#api.askIfReachable(request), request, parseUser)
  }

  /** Begins the handshake that `verify` needs, while there is other work to do. */
  async openClientauth(identity: Identity): Promise<void> {
    await this.#clientauthFor(identity).open()
  }

  /**
   * Verifies a client certificate: `GET /account/api/v1/user/me` on the clientauth host, without the API key.
   * @returns the user that the certificate authenticates
   * @throws CertificateRefused when the host does not accept it
   */
  async verify(identity: Identity): Promise<User> {
    const endpoint = this.#clientauthFor(identity)
    await this.#verified?.close()
    this.#verified = endpoint
    const request: HttpRequest = {
      method: 'GET',
      path: CURRENT_USER,
      headers: this.#headers(),
      maxBytes: MAX_ANSWER_BYTES,
    }
    try {
      return endpoint.parse(await endpoint.ask(request), request, parseUser)
    } finally {
      // A certificate is judged when a connection is made, so the next verification makes a new one.
      this.#clientauth = undefined
    }
  }

  /**
   * How to reach the signing service: with the API key alone, or with key and certificate together, then on the connection
   * that has verified the certificate.
   */
  signingAccess(identity?: Identity): SigningAccess {
    const endpoint = identity === undefined ? this.#api : this.#verifiedOr(identity)
    return { endpoint, headers: this.#apiHeaders(), clock: this.#ports.clock }
  }

  async close(): Promise<void> {
    this.#reached?.then(socket => socket.destroy()).catch(() => undefined)
    await Promise.all([this.#api.close(), this.#clientauth?.close(), this.#verified?.close()])
  }

  #verifiedOr(identity: Identity): JsonEndpoint {
    return this.#verified?.identity === identity ? this.#verified : this.#clientauthFor(identity)
  }

  #clientauthFor(identity: Identity): JsonEndpoint {
    if (this.#clientauth?.identity === identity) return this.#clientauth
    const options = { ...this.#options, policy: this.retryPolicy, identity, begun: this.#reached }
    this.#reached = undefined
    this.#clientauth = new JsonEndpoint(this.hosts.clientauth, options, this.#ports, certificateRefusals)
    return this.#clientauth
  }

  #headers() {
    return { accept: 'application/json', 'user-agent': this.#options.userAgent }
  }

  #apiHeaders() {
    return { ...this.#headers(), 'x-api-key': this.#options.apiKey ?? '' }
  }

  #apiRequest(method: HttpRequest['method'], path: string, json?: unknown): HttpRequest {
    const headers = this.#apiHeaders()
    const request = { method, path, headers, maxBytes: MAX_ANSWER_BYTES }
    if (json === undefined) return request
    const withType = { ...headers, 'content-type': 'application/json' }
    return { ...request, headers: withType, body: JSON.stringify(json) }
  }
}

function throwUnsettled(error: unknown): never {
  if (!(error instanceof NoAnswer)) throw error
  throw error.mayHaveArrived ? new Unsettled(error.reason) : error.repeatable
}

/** A response to a POST that reports success but cannot be read leaves the question open. */
function unsettledIfUnreadable<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof ActionError ? new Unsettled(error) : error
  }
}
