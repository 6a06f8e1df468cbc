// Software Trust as a function from a path to a response, behind the real client.
import { expect } from '@jest/globals'
import { JsonEndpoint } from '../../src/digicert/json-endpoint.ts'
import { SoftwareTrust } from '../../src/digicert/software-trust.ts'
import type { HttpRequest, HttpResponse } from '../../src/net/endpoint.ts'
import { Budget } from '../../src/net/retry.ts'
import { fakePorts } from './ports.ts'

type Json = Record<string, unknown>

/** What there is, in the server's own shapes, and how it responds. */
export interface SigningWorld {
  keypairs: Json[]
  certificates: Json[]
  /** True when the filter `alias` matches a part of an alias, ignoring case. */
  loose: boolean
  /** Entries on a page, whatever was requested. */
  pageSize: number
  /** Fields that the lists of keypairs omit. */
  omitted: string[]
  /** Responds instead of all this. */
  answer(path: string): { status: number; body: string } | undefined
}

export interface FakeSigning {
  trust: SoftwareTrust
  /** Paths with their queries, in order. */
  requests: string[]
}

export function fakeSigning(changes: Partial<SigningWorld> = {}): FakeSigning {
  const world: SigningWorld = {
    keypairs: [],
    certificates: [],
    loose: false,
    pageSize: 100,
    omitted: [],
    answer: () => undefined,
    ...changes,
  }
  const requests: string[] = []
  const endpoint = new Answering(request => {
    expect(request.method).toBe('GET')
    requests.push(request.path)
    const { status, body } = world.answer(request.path) ?? respond(request.path, world)
    const headers = { 'content-type': body.startsWith('<') ? 'text/html' : 'application/json' }
    return { status, headers, body }
  })
  return { trust: new SoftwareTrust({ endpoint, headers: {}, clock: fakePorts().clock }), requests }
}

class Answering extends JsonEndpoint {
  readonly #respond: (request: HttpRequest) => HttpResponse

  constructor(respond: (request: HttpRequest) => HttpResponse) {
    const { clock, random, log } = fakePorts()
    const policy = { retries: 0, budget: new Budget(60_000, clock) }
    super(
      'https://clientauth.one.example',
      { caCertificates: [], timeoutMs: 1_000, policy },
      { clock, random, log },
    )
    this.#respond = respond
  }

  override async request(request: HttpRequest): Promise<HttpResponse> {
    return this.#respond(request)
  }
}

function respond(path: string, world: SigningWorld): { status: number; body: string } {
  const url = new URL(path, 'https://clientauth.one.example')
  const [, list, id] =
    /^\/signingmanager\/api\/v1\/(keypairs|certificates)(?:\/([^/]+))?$/.exec(url.pathname) ?? []
  if (list !== 'keypairs' && list !== 'certificates') return { status: 404, body: '{}' }
  const all = world[list]
  if (id !== undefined) {
    const found = all.find(entry => entry.id === id)
    const unknown = { error: { status: 'invalid_input_field', message: 'Unknown id' } }
    return { status: found === undefined ? 404 : 200, body: JSON.stringify(found ?? unknown) }
  }
  const matches = all.filter(entry => isMatch(entry, url.searchParams, world.loose))
  const offset = Number(url.searchParams.get('offset') ?? 0)
  const items = matches.slice(offset, offset + world.pageSize).map(entry => without(entry, world.omitted))
  return {
    status: 200,
    body: JSON.stringify({ total: matches.length, offset, limit: world.pageSize, items }),
  }
}

function isMatch(entry: Json, query: URLSearchParams, loose: boolean): boolean {
  const [alias, id] = [query.get('alias'), query.get('id')]
  if (id !== null && entry.id !== id) return false
  if (alias === null) return true
  const own = String(entry.alias)
  return loose ? own.toLowerCase().includes(alias.toLowerCase()) : own === alias
}

function without(entry: Json, omitted: string[]): Json {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !omitted.includes(key)))
}
