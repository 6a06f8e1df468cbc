/** One HTTP request over a connection that an agent keeps, and its whole answer. */
import { type Agent, type IncomingMessage, request as send } from 'node:http'
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

/** The code of a native error that stands for an answer beyond `maxBytes`. */
export const TOO_LARGE = 'ERR_ANSWER_TOO_LARGE'

/**
 * Sends the request and reads the whole answer. Redirects are not followed.
 * @param timeout gives up on both; its reason is what is thrown then
 */
export function exchange(
  { host, hostname, port }: URL,
  agent: Agent,
  { method, path, headers, body, maxBytes }: HttpRequest,
  timeout: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = send({ agent, hostname, port, method, path, headers: { host, ...headers } })
    const giveUp = (error: unknown) => {
      reject(error)
      outgoing.destroy()
    }
    timeout.addEventListener('abort', () => giveUp(timeout.reason), { once: true })
    outgoing.on('error', reject)
    outgoing.on('response', incoming => {
      const { statusCode: status = 0, headers } = incoming
      readAtMost(incoming, maxBytes).then(text => resolve({ status, headers, body: text }), giveUp)
    })
    outgoing.end(body)
  })
}

async function readAtMost(body: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw withCode(TOO_LARGE, 'answer too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
