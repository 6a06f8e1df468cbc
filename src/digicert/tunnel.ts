import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { decoded } from './proxy.ts'
import { bare, type Roots, withCode } from './sockets.ts'

/** The code of a native error that stands for a proxy which opened no tunnel; its message says why. */
export const PROXY_FAILED = 'ERR_PROXY_FAILED'

/**
 * Opens a tunnel to `target` through an HTTP proxy (RFC 9110 §9.3.6). TLS then runs end to end inside it, so the
 * proxy sees neither the API key nor what the client certificate signs.
 * @throws Error with code PROXY_FAILED
 */
export function openTunnel(proxy: URL, target: URL, roots: Roots): Promise<Socket> {
  const authority = `${target.hostname}:${target.port || 443}`
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: bare(proxy.hostname),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
    // For an https proxy; NODE_TLS_REJECT_UNAUTHORIZED does not switch this off.
    rejectUnauthorized: true,
    ...roots,
  })
  return new Promise((resolve, reject) => {
    request.once('connect', (response, socket) => {
      // An idle tunnel that breaks is opened again when it is needed.
      socket.on('error', () => undefined)
      if (response.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(refused(response.statusCode))
    })
    request.once('response', response => {
      response.destroy()
      reject(refused(response.statusCode))
    })
    request.once('error', error => reject(unusable(proxy, error)))
    request.end()
  })
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {}
  const credentials = `${decoded(proxy.username)}:${decoded(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** The proxy answered, but not with a tunnel. */
function refused(status: number | undefined): Error {
  return withCode(PROXY_FAILED, `it answered with status ${status}`)
}

/** There was no talking to the proxy. */
function unusable(proxy: URL, cause: Error & { code?: string }): Error {
  return withCode(PROXY_FAILED, `${proxy.host} could not be used: ${cause.code ?? 'no reason given'}`)
}
