import { type ActionError, hasCode } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../net/endpoint.ts'
import type { Clock } from '../ports.ts'
import { isNoVerdict } from './front-ends.ts'
import { IdSet } from './id-set.ts'
import { type Page, parsePage } from './json.ts'
import type { Exceptions, JsonEndpoint } from './json-endpoint.ts'
import { ListDeadline } from './list-deadline.ts'
import { nextPage } from './paging.ts'
import {
  type Keypair,
  parseKeypair,
  parseSigningCertificate,
  type SigningCertificate,
} from './signing-records.ts'

const API = '/signingmanager/api/v1'
const KEYPAIRS = `${API}/keypairs`
const CERTIFICATES = `${API}/certificates`
const PAGE_SIZE = 100
/** A page of certificates, each with its chain. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024

/** The signing service does not let this key, or key and certificate together, see what was asked for. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused'
  readonly status: number
  readonly reason: ActionError

  constructor(status: number, reason: ActionError) {
    super(reason.message, { cause: reason })
    this.status = status
    this.reason = reason
  }
}

/** There is no signing service at that address. */
export class SigningAbsent extends Error {
  override readonly name = 'SigningAbsent'

  constructor(reason: ActionError) {
    super(reason.message, { cause: reason })
  }
}

/** The signing service does not know that id. */
class IdUnknown extends Error {
  override readonly name = 'IdUnknown'
}

type Refusals = Pick<Exceptions, 'ofAnswer'>

const signingRefusals: Refusals = {
  ofAnswer(response: HttpResponse, reason: ActionError) {
    if (isNoVerdict(response)) return undefined
    const { status } = response
    return isAbsence(reason) ? new SigningAbsent(reason) : new SigningRefused(status, reason)
  },
}

const idRefusals: Refusals = {
  ofAnswer(response: HttpResponse, reason: ActionError) {
    return response.status === 404 ? new IdUnknown() : signingRefusals.ofAnswer(response, reason)
  },
}

/** A redirect, an address that is not there, or a web page: another service responds. */
function isAbsence(error: unknown): error is ActionError {
  return hasCode(error, 'WRONG_HOST')
}

export interface SigningAccess {
  endpoint: JsonEndpoint
  /** What every request carries, the API key included. */
  headers: Record<string, string>
  clock: Clock
}

/** Software Trust and KeyLocker, as far as they can be read. Nothing here signs, and nothing changes anything. */
export class SoftwareTrust {
  readonly #endpoint: JsonEndpoint
  readonly #headers: Record<string, string>
  readonly #clock: Clock

  constructor({ endpoint, headers, clock }: SigningAccess) {
    this.#endpoint = endpoint
    this.#headers = headers
    this.#clock = clock
  }

  /** The keypair of exactly this alias: the server's filter may match more than that. */
  async keypairNamed(alias: string): Promise<Keypair | undefined> {
    const found = this.#list(`${KEYPAIRS}?alias=${encodeURIComponent(alias)}`, parseKeypair)
    for await (const { records } of found) {
      const exact = records.find(({ exactAlias }) => exactAlias === alias)
      if (exact !== undefined) return exact
    }
    return undefined
  }

  /** `GET /keypairs/{id}`, which may say more than a list does; undefined when the service does not know it. */
  async keypair(id: string): Promise<Keypair | undefined> {
    try {
      const { response, request } = await this.#ask(`${KEYPAIRS}/${encodeURIComponent(id)}`, idRefusals)
      return this.#parse(response, request, parseKeypair)
    } catch (error) {
      if (error instanceof IdUnknown) return undefined
      throw error
    }
  }

  /** The certificates of exactly this alias. */
  async certificatesNamed(alias: string): Promise<SigningCertificate[]> {
    const found = this.#list(`${CERTIFICATES}?alias=${encodeURIComponent(alias)}`, parseSigningCertificate)
    for await (const { records } of found) {
      const exact = records.filter(({ exactAlias }) => exactAlias === alias)
      if (exact.length > 0) return exact
    }
    return []
  }

  async certificate(id: string): Promise<SigningCertificate | undefined> {
    const found = this.#list(`${CERTIFICATES}?id=${encodeURIComponent(id)}`, parseSigningCertificate)
    for await (const { records } of found) {
      const exact = records.find(record => record.id === id)
      if (exact !== undefined) return exact
    }
    return undefined
  }

  /** All keypairs that may be seen, page by page. */
  keypairs(): AsyncGenerator<Page<Keypair>> {
    return this.#list(`${KEYPAIRS}?limit=${PAGE_SIZE}&offset=0`, parseKeypair)
  }

  /** All code-signing certificates that may be seen, page by page. */
  certificates(): AsyncGenerator<Page<SigningCertificate>> {
    return this.#list(`${CERTIFICATES}?limit=${PAGE_SIZE}&offset=0`, parseSigningCertificate)
  }

  async *#list<T>(first: string, parse: (item: unknown) => T & { id: string }): AsyncGenerator<Page<T>> {
    const seen = new IdSet()
    const deadline = new ListDeadline(this.#endpoint.origin, this.#clock)
    let entries = 0
    for (let path: string | undefined = first; path !== undefined; ) {
      const { response, request } = await this.#ask(path)
      const page = this.#parse(response, request, value => parsePage(value, parse, 'a list'))
      const fresh = page.records.filter(({ id }) => seen.add(id))
      entries += fresh.length
      yield page
      // A page that brings nothing new is the last, whatever it promises.
      path = fresh.length > 0 ? nextPage(path, page, response, this.#endpoint.origin) : undefined
      if (path !== undefined) deadline.check(entries)
    }
  }

  async #ask(
    path: string,
    refusals = signingRefusals,
  ): Promise<{ response: HttpResponse; request: HttpRequest }> {
    const request: HttpRequest = { method: 'GET', path, headers: this.#headers, maxBytes: MAX_PAGE_BYTES }
    return { response: await this.#endpoint.ask(request, refusals), request }
  }

  #parse<T>(response: HttpResponse, request: HttpRequest, parse: (value: unknown) => T): T {
    try {
      return this.#endpoint.parse(response, request, parse)
    } catch (error) {
      throw isAbsence(error) ? new SigningAbsent(error) : error
    }
  }
}
