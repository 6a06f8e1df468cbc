import { getCACertificates } from 'node:tls'
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici'

export interface FetchOptions {
  /** An HTTP proxy, with its credentials in the URL. */
  proxy: URL | undefined
  /** PEM, trusted in addition to Node's and the operating system's trust anchors. */
  caCertificates: string[]
  /** For one attempt, from connecting to the end of the answer. */
  timeoutMs: number
}

/** A `fetch` that goes through the proxy and trusts what the inputs say. TLS verification has no off switch. */
export function createFetch({ proxy, caCertificates, timeoutMs }: FetchOptions): typeof fetch {
  const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...caCertificates]
  const tls = { ca, rejectUnauthorized: true, timeout: timeoutMs }
  const dispatcher =
    proxy === undefined
      ? new Agent({ connect: tls })
      : new ProxyAgent({ uri: proxy.href, requestTls: tls, proxyTls: tls })
  const withTimeout = (url: string, init: object) =>
    undiciFetch(url, { ...init, dispatcher, signal: AbortSignal.timeout(timeoutMs) })
  return withTimeout as unknown as typeof fetch
}
