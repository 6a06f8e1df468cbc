import type { Socket } from 'node:net'
import { Agent, buildConnector, type RequestInit, Response, fetch as undiciFetch } from 'undici'
import { proxyFor } from '../net/proxy.ts'
import { knownRoots } from '../net/roots.ts'
import { openRoute } from '../net/route.ts'
import { withinTimeout } from '../net/sockets.ts'
import { TLS } from '../net/tls.ts'

export interface FetchOptions {
  /** The one server that is asked. */
  apiUrl: string
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** For one attempt, from connecting to the end of the answer. */
  timeoutMs: number
}

/** Far more than any answer about secrets has. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** A `fetch` that goes through the proxy and trusts what the inputs say. TLS verification has no off switch. */
export function createFetch({ apiUrl, caCertificates, timeoutMs }: FetchOptions): typeof fetch {
  const ca = [...knownRoots(), ...caCertificates]
  const direct = buildConnector({ ca, ...TLS, timeout: timeoutMs })
  const isProxied = proxyFor(new URL(apiUrl).origin) !== undefined
  const route = (target: URL) => withinTimeout(openRoute(target, caCertificates), timeoutMs)
  const dispatcher = new Agent({
    connect: isProxied ? through(route, direct) : direct,
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  const whole = (url: string, init: RequestInit) =>
    fetchWhole(url, { ...init, dispatcher, signal: AbortSignal.timeout(timeoutMs) })
  return whole as unknown as typeof fetch
}

/** Octokit takes a body that breaks off for an empty one; so it gets the whole of it, or none of the answer. */
async function fetchWhole(url: string, init: RequestInit): Promise<Response> {
  const response = await undiciFetch(url, init)
  const { status, headers } = response
  const body = await response.arrayBuffer()
  return new Response(body.byteLength === 0 ? null : body, { status, headers })
}

/** TLS inside the tunnel, and plain HTTP (a test server's) as it is. */
function through(
  route: (target: URL) => Promise<Socket>,
  startTls: buildConnector.connector,
): buildConnector.connector {
  return (options, done) => {
    const { protocol, host = options.hostname } = options
    route(new URL(`${protocol}//${host}`)).then(
      httpSocket =>
        protocol === 'https:' ? startTls({ ...options, httpSocket }, done) : done(null, httpSocket),
      (error: Error) => done(error, null),
    )
  }
}
