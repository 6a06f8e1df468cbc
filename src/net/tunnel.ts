import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { bare } from './address.ts'
import { type ProxyFailure, proxyRefused, proxyUnusable } from './errors.ts'
import { STRICT_PARSER } from './exchange.ts'
import { watchForOutdatedCa } from './objections.ts'
import { decoded } from './proxy.ts'
import { sortGiven } from './roots.ts'
import { allRoots, type Roots } from './sockets.ts'
import { TLS } from './tls.ts'

/**
 * Opens a tunnel to `target` through an HTTP proxy (RFC 9110 §9.3.6). TLS then runs end to end inside it, so the
 * proxy sees neither the API key nor what the client certificate signs.
 * @param caCertificates what an https proxy's own certificate is judged by, besides Node's and the system's
 * @throws ProxyFailure
 */
export function openTunnel(proxy: URL, target: URL, caCertificates: string[]): Promise<Socket> {
  const { usable, outdated } = sortGiven(caCertificates)
  const request = connectRequest(proxy, target, allRoots(usable))
  return new Promise((resolve, reject) => {
    let aboutCa = (error: Error) => error
    request.once('socket', socket => {
      if (socket instanceof TLSSocket) aboutCa = watchForOutdatedCa(socket, outdated)
    })
    request.once('connect', (response, socket) => {
      // An idle tunnel that breaks is opened again when it is needed.
      socket.on('error', () => undefined)
      const { statusCode = 0 } = response
      if (statusCode >= 200 && statusCode < 300) return resolve(socket)
      socket.destroy()
      reject(refused(proxy, response))
    })
    request.once('response', response => {
      response.destroy()
      reject(refused(proxy, response))
    })
    request.once('error', error => reject(proxyUnusable(proxy, aboutCa(error))))
    request.end()
  })
}

function connectRequest(proxy: URL, target: URL, roots: () => Roots) {
  const host = bare(proxy.hostname)
  const authority = `${target.hostname}:${target.port || (target.protocol === 'http:' ? 80 : 443)}`
  const options = {
    host,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
    ...STRICT_PARSER,
  }
  if (proxy.protocol === 'http:') return httpRequest({ ...options, port: proxy.port || 80 })
  return httpsRequest({
    ...options,
    port: proxy.port || 443,
    // Otherwise Node takes the name from the Host header, which is the target's.
    servername: isIP(host) === 0 ? host : '',
    ...TLS,
    ...roots(),
  })
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '' && proxy.password === '') return {}
  const credentials = `${decoded(proxy.username)}:${decoded(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** The proxy answered, but not with a tunnel. */
function refused(proxy: URL, response: IncomingMessage): ProxyFailure {
  return proxyRefused(proxy, response.statusCode ?? 0, schemesOf(response))
}

/** RFC 9110 §11.7.1: the schemes that the proxy offers, in lower case. Each challenge begins with one. */
function schemesOf({ headers }: IncomingMessage): string[] {
  // Without what is quoted: a realm may hold commas and words of its own.
  const offered = [headers['proxy-authenticate'] ?? '']
    .flat()
    .join(', ')
    .replace(/"[^"]*"/g, '""')
  const found = [...offered.matchAll(/(?:^|,)\s*([a-z]+)(?=\s|,|$)/gi)]
  return [...new Set(found.map(([, scheme = '']) => scheme.toLowerCase()))]
}
