import type { Socket } from 'node:net'
import { ActionError } from '../errors.ts'
import { ProxyFailure, proxyRefused, proxyUnusable } from './errors.ts'
import { STRICT_PARSER } from './exchange.ts'
import { decoded } from './proxy.ts'
import { sortGiven } from './roots.ts'
import { allRoots, startTls, withCode } from './sockets.ts'
import { openTcp } from './tcp.ts'

/**
 * Opens a tunnel to `target` through an HTTP proxy (RFC 9110 §9.3.6). TLS then runs end to end inside it, so the
 * proxy sees neither the API key nor what the client certificate signs.
 * @param caCertificates what an https proxy's own certificate is judged by, besides Node's and the system's
 * @throws ProxyFailure
 */
export async function openTunnel(proxy: URL, target: URL, caCertificates: string[]): Promise<Socket> {
  try {
    const socket = await connectTo(proxy, caCertificates)
    const head = await ask(socket, connectRequest(proxy, target))
    if (head.status >= 200 && head.status < 300) return socket
    socket.destroy()
    throw refused(proxy, head)
  } catch (error) {
    throw error instanceof ProxyFailure || error instanceof ActionError ? error : proxyUnusable(proxy, error)
  }
}

async function connectTo(proxy: URL, caCertificates: string[]): Promise<Socket> {
  const tcp = await openTcp(proxy)
  if (proxy.protocol === 'http:') return tcp
  const { usable, outdated } = sortGiven(caCertificates)
  const roots = allRoots(usable)()
  return await startTls(tcp, proxy, { roots, outdated, identity: undefined, onError: () => undefined })
}

function connectRequest(proxy: URL, target: URL): string {
  const authority = `${target.hostname}:${target.port || (target.protocol === 'http:' ? 80 : 443)}`
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...authorization(proxy), '', '']
  return lines.join('\r\n')
}

function authorization({ username, password }: URL): string[] {
  if (username === '' && password === '') return []
  const credentials = `${decoded(username)}:${decoded(password)}`
  return [`Proxy-Authorization: Basic ${Buffer.from(credentials).toString('base64')}`]
}

/** What is of interest of the response to CONNECT. */
interface Head {
  status: number
  fields: string[]
}

/**
 * Sends the request and reads the head of the response. Not by `node:http`, whose parser waits for a body where the
 * proxy sends `Transfer-Encoding`, and refuses two lengths: of a tunnel, both have to be ignored (RFC 9110 §9.3.6).
 */
function ask(socket: Socket, request: string): Promise<Head> {
  return new Promise((resolve, reject) => {
    let received = ''
    const fail = (error: Error) => {
      reject(error)
      socket.destroy()
    }
    const onData = (bytes: Buffer) => {
      received += bytes.toString('latin1')
      try {
        const head = readHead(received)
        if (head === undefined) return
        socket.off('data', onData).off('end', onClose).off('close', onClose).pause()
        resolve(head)
      } catch (error) {
        fail(error as Error)
      }
    }
    const onClose = () => fail(withCode('ECONNRESET', 'closed before the response to CONNECT'))
    // An idle tunnel that breaks is opened again when it is needed.
    socket.on('error', reject).on('data', onData).on('end', onClose).on('close', onClose)
    socket.write(request)
  })
}

/**
 * The head of the final response, if it is all there. What may follow is dropped: in TLS the client speaks first, so it
 * is not the server's.
 * @throws Error like that of Node's parser
 */
function readHead(received: string): Head | undefined {
  if (!'HTTP/'.startsWith(received.slice(0, 5))) throw withCode('HPE_INVALID_CONSTANT', 'no HTTP')
  const [head = '', ...rest] = received.split(/\r?\n\r?\n/)
  if (received.length > STRICT_PARSER.maxHeaderSize) throw withCode('HPE_HEADER_OVERFLOW', 'head too large')
  if (rest.length === 0) return undefined
  const [line = '', ...fields] = head.split(/\r?\n/)
  const status = Number(/^HTTP\/\d(?:\.\d)? +(\d{3})(?: |$)/.exec(line)?.[1] ?? Number.NaN)
  if (Number.isNaN(status)) throw withCode('HPE_INVALID_STATUS', 'no status')
  const isInterim = status < 200
  return isInterim ? readHead(received.slice(head.length).trimStart()) : { status, fields }
}

/** The proxy responded, but did not open a tunnel. */
function refused(proxy: URL, { status, fields }: Head): ProxyFailure {
  return proxyRefused(proxy, status, schemesOf(fields))
}

/** RFC 9110 §11.7.1: the schemes that the proxy offers, in lower case. Each challenge begins with one. */
function schemesOf(fields: string[]): string[] {
  const challenges = fields.flatMap(field => /^proxy-authenticate:(.*)$/i.exec(field)?.[1] ?? [])
  // Without what is quoted: a realm may contain commas and words of its own.
  const offered = challenges.join(', ').replace(/"[^"]*"/g, '""')
  const found = [...offered.matchAll(/(?:^|,)\s*([a-z]+)(?=\s|,|$)/gi)]
  return [...new Set(found.map(([, scheme = '']) => scheme.toLowerCase()))]
}
