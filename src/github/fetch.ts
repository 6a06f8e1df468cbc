import type { Socket } from 'node:net'
import { getCACertificates } from 'node:tls'
import { Agent, buildConnector, fetch as undiciFetch } from 'undici'

export interface FetchOptions {
  /** Opens a TCP connection through the proxy; without one, connections are direct. */
  tunnel: ((target: URL) => Promise<Socket>) | undefined
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** For one attempt, from connecting to the end of the answer. */
  timeoutMs: number
}

/** A `fetch` that goes through the proxy and trusts what the inputs say. TLS verification has no off switch. */
export function createFetch({ tunnel, caCertificates, timeoutMs }: FetchOptions): typeof fetch {
  const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...caCertificates]
  const direct = buildConnector({ ca, rejectUnauthorized: true, timeout: timeoutMs })
  const dispatcher = new Agent({ connect: tunnel === undefined ? direct : through(tunnel, direct) })
  const withTimeout = (url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher, signal: AbortSignal.timeout(timeoutMs) })
  return withTimeout as unknown as typeof fetch
}

/** TLS inside the tunnel, and plain HTTP (a test server's) as it is. */
function through(
  tunnel: (target: URL) => Promise<Socket>,
  startTls: buildConnector.connector,
): buildConnector.connector {
  return (options, done) => {
    const { protocol, host = options.hostname } = options
    tunnel(new URL(`${protocol}//${host}`)).then(
      httpSocket =>
        protocol === 'https:' ? startTls({ ...options, httpSocket }, done) : done(null, httpSocket),
      (error: Error) => done(error, null),
    )
  }
}
