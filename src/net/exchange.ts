/** One HTTP request over a connection that an agent keeps, and its whole answer. */
import { type Agent, type IncomingMessage, request as send } from 'node:http'
import { IDLE, TOO_LARGE } from './native-codes.ts'
import { withCode } from './sockets.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT'
  /** Path and query, starting with `/`. */
  path: string
  headers: Record<string, string>
  body?: string
  /** The longest answer that is read, in bytes. */
  maxBytes: number
}

export interface HttpResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** An answer that is still arriving: its body can be read once, in one way; that fails beyond the request's `maxBytes`. */
export interface HttpAnswer extends Pick<HttpResponse, 'status' | 'headers'> {
  chunks: AsyncIterable<Buffer>
  /** The whole body as UTF-8. */
  text(): Promise<string>
}

export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300
}

/** Worth asking again; 408, 429 and all that says "not now". */
export function isTransient({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** Where a request goes, and for how long. */
export interface Course {
  url: URL
  agent: Agent
  /** Gives up on request and answer; its reason is what is thrown then. */
  timeout: AbortSignal
  /** Milliseconds in which something has to arrive; undefined leaves it to `timeout`. */
  idleMs?: number
}

/** Whatever NODE_OPTIONS says of HTTP: headers of 16 KiB at most, and nothing that RFC 9112 forbids. */
export const STRICT_PARSER = { maxHeaderSize: 16_384, insecureHTTPParser: false }
/** A server sends one or two before its answer (RFC 9110 §15.2). */
const MOST_INTERIM_ANSWERS = 20

/**
 * Sends the request and hands the answer to `read`. Redirects are not followed.
 */
export function exchange<T>(
  { url: { host, hostname, port }, agent, timeout, idleMs }: Course,
  { method, path, headers, body, maxBytes }: HttpRequest,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    timeout.throwIfAborted()
    const target = { hostname, port, method, path, headers: { host, ...headers } }
    const outgoing = send({ agent, ...target, ...STRICT_PARSER })
    const giveUp = (error: unknown) => {
      reject(error)
      outgoing.destroy()
    }
    timeout.addEventListener('abort', () => giveUp(timeout.reason), { once: true })
    if (idleMs !== undefined) {
      outgoing.setTimeout(idleMs, () => giveUp(withCode(IDLE, 'nothing arrived for too long')))
    }
    let interim = 0
    outgoing.on('information', () => {
      interim += 1
      if (interim > MOST_INTERIM_ANSWERS) giveUp(tooLarge())
    })
    outgoing.on('error', reject)
    outgoing.on('response', incoming => {
      const { statusCode: status = 0, headers } = incoming
      const chunks = chunksOf(incoming, maxBytes)
      read({ status, headers, chunks, text: () => textOf(incoming, maxBytes) }).then(resolve, giveUp)
    })
    outgoing.end(body)
  })
}

async function* chunksOf(body: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge()
    yield chunk
  }
}

/** By events: an iteration would load more of Node's streams. */
function textOf(body: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    body.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > maxBytes) body.destroy(tooLarge())
      else chunks.push(chunk)
    })
    body.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    body.once('error', reject)
  })
}

function tooLarge(): Error {
  return withCode(TOO_LARGE, 'response too large')
}
