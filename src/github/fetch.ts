import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { buildConnector as Connectors, RequestInit } from 'undici'
import buildConnector from 'undici/lib/core/connect.js'
import Agent from 'undici/lib/dispatcher/agent.js'
import { fetch as undiciFetch } from 'undici/lib/web/fetch/index.js'
import { knownRoots, sortGiven } from '../net/roots.ts'
import { openRoute } from '../net/route.ts'
import { withinTimeout } from '../net/sockets.ts'
import { TLS } from '../net/tls.ts'
import { readBody } from './body.ts'

export interface FetchOptions {
  /** The one server that gets requests. */
  apiUrl: string
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** For one attempt, from connecting to the end of the response. */
  timeoutMs: number
}

/** What may arrive, compressed or not; `readBody` counts what comes out of it. */
const MAX_ARRIVING_BYTES = 4 * 1024 * 1024
/** What is passed on. Anything else that a server sends is not parsed. */
const HEADERS = [
  'content-type',
  'date',
  'location',
  'retry-after',
  'x-accepted-github-permissions',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
]

/**
 * A `fetch` that goes through the proxy and trusts what the inputs say. TLS verification has no off switch, and no
 * redirect is followed: the token, and the key that secrets are encrypted for, are for this one server.
 */
export function createFetch({ apiUrl, caCertificates, timeoutMs }: FetchOptions): typeof fetch {
  // Once: reading all trust anchors takes a tenth of a second, and there may be many connections.
  const ca = [...knownRoots(), ...sortGiven(caCertificates).usable]
  const secureContext = createSecureContext({ ca, ...TLS })
  const { rejectUnauthorized } = TLS
  const connect = buildConnector({ secureContext, rejectUnauthorized, timeout: timeoutMs })
  // Plain http is for this machine alone, and never goes to another one.
  const isLocal = new URL(apiUrl).protocol === 'http:'
  const route = (target: URL) => withinTimeout(openRoute(target, caCertificates), timeoutMs)
  const dispatcher = new Agent({
    connect: isLocal ? connect : through(route, connect),
    maxResponseSize: MAX_ARRIVING_BYTES,
  })
  const whole = (url: string, init: RequestInit) =>
    fetchWhole(url, { ...init, dispatcher, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
  return whole as unknown as typeof fetch
}

/** Octokit takes a body that breaks off for an empty one; so it gets the whole of it, or none of the response. */
async function fetchWhole(url: string, init: RequestInit): Promise<Response> {
  const response = await undiciFetch(url, init)
  const { status } = response
  const headers = HEADERS.flatMap(name => pairs(name, response.headers.get(name)))
  const body = await readBody(response)
  return new Response(body.length === 0 ? null : body, { status, headers })
}

function pairs(name: string, value: string | null): [string, string][] {
  return value === null ? [] : [[name, value]]
}

/** TLS over a connection that we open ourselves. */
function through(
  route: (target: URL) => Promise<Socket>,
  startTls: Connectors.connector,
): Connectors.connector {
  return (options, done) => {
    const { host = options.hostname } = options
    route(new URL(`https://${host}`)).then(
      httpSocket => startTls({ ...options, httpSocket }, done),
      (error: Error) => done(error, null),
    )
  }
}
