/** One HTTP request over a connection that an agent keeps, and its whole response. */
import { type Agent, type IncomingMessage, request as send } from 'node:http'
import type { Deadline } from './deadline.ts'
import { IDLE, TOO_LARGE } from './native-codes.ts'
import { withCode } from './sockets.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT'
  /** Path and query, starting with `/`. */
  path: string
  headers: Record<string, string>
  body?: string
  /** The longest response that is read, in bytes; for one that is read in pieces, their reader limits it. */
  maxBytes: number
}

export interface HttpResponse {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A response that is still arriving: its body can be read once, in one way. */
export interface HttpAnswer extends Pick<HttpResponse, 'status' | 'headers'> {
  /** Fails beyond the request's `maxBytes`, as `text` does. */
  chunks: AsyncIterable<Buffer>
  /** The whole body as UTF-8. */
  text(): Promise<string>
  /**
   * A body of any length, whose pieces need not be kept. The request's time starts over with each MiB.
   * @param take returns false once it has what it wants
   */
  pieces(take: (piece: Buffer) => boolean): Promise<void>
}

export function isSuccess({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status >= 200 && status < 300
}

/** Worth a retry: 408, 429 and everything that means "not now". */
export function isTransient({ status }: Pick<HttpResponse, 'status'>): boolean {
  return status === 408 || status === 429 || status >= 500
}

/** Where a request goes, and for how long. */
export interface Course {
  url: URL
  agent: Agent
  /** Gives up on request and response; its reason is what is thrown then. */
  deadline: Deadline
  /** Milliseconds in which something has to arrive; undefined leaves it to `deadline`. */
  idleMs?: number
}

/** Regardless of what NODE_OPTIONS says of HTTP: headers of 16 KiB at most, and nothing that RFC 9112 forbids. */
export const STRICT_PARSER = { maxHeaderSize: 16_384, insecureHTTPParser: false }
/** A server sends one or two before its final response (RFC 9110 §15.2). */
const MOST_INTERIM_ANSWERS = 20

/**
 * Sends the request and passes the response to `read`. Redirects are not followed.
 */
export function exchange<T>(
  { url: { host, hostname, port }, agent, deadline, idleMs }: Course,
  { method, path, headers, body, maxBytes }: HttpRequest,
  read: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    deadline.throwIfPassed()
    const target = { hostname, port, method, path, headers: { host, ...headers } }
    const outgoing = send({ agent, ...target, ...STRICT_PARSER })
    const giveUp = (error: unknown) => {
      reject(error)
      outgoing.destroy()
    }
    deadline.onPass(giveUp)
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
      const answer: HttpAnswer = {
        ...{ status, headers, chunks: chunksOf(incoming, maxBytes) },
        text: () => textOf(incoming, maxBytes),
        pieces: take => readPieces(incoming, take, deadline),
      }
      // From here on the body reports what goes wrong, unless its reader has given up on it first.
      outgoing.off('error', reject).on('error', () => undefined)
      read(answer).then(resolve, giveUp)
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

/** A server that sends less than this within a request's time is as good as silent. */
const EXTENDED_BY = 1024 * 1024
/** The rest of a short response is waited for, so that its connection can serve the next request. */
const WORTH_READING = 256 * 1024
const WORTH_WAITING_MS = 250

function readPieces(
  body: IncomingMessage,
  take: (piece: Buffer) => boolean,
  deadline: Deadline,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isWanted = true
    let unread = 0
    let sinceExtended = 0
    let patience: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(patience)
      resolve()
    }
    const stop = () => {
      finish()
      body.destroy()
    }
    const receive = (piece: Buffer) => {
      isWanted = take(piece)
      if (!isWanted) patience = setTimeout(stop, WORTH_WAITING_MS)
      sinceExtended += piece.length
      if (sinceExtended < EXTENDED_BY) return
      sinceExtended = 0
      deadline.extend()
    }
    const skip = (piece: Buffer) => {
      unread += piece.length
      if (unread > WORTH_READING) stop()
    }
    body.on('data', (piece: Buffer) => {
      try {
        if (isWanted) receive(piece)
        else skip(piece)
      } catch (error) {
        reject(error)
        body.destroy()
      }
    })
    body.once('end', finish)
    body.on('error', error => (isWanted ? reject(error) : finish()))
  })
}

function tooLarge(): Error {
  return withCode(TOO_LARGE, 'response too large')
}
