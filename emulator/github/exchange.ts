import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer, ErrorPlace } from '../answers.ts'
import { answerOf, type FaultAnswer, type FaultBook } from '../faults.ts'
import { play, readBody, urlOf } from '../play.ts'
import { defaultSettings } from '../settings.ts'
import { errorAnswer } from './answers.ts'
import { type GithubRequest, handle } from './handlers.ts'
import type { GithubWorld } from './world.ts'

/** One request as it arrived, and its result. The token itself is not kept. */
export interface GithubLog {
  method: string
  /** with the base path, without the query */
  path: string
  /** of the response that was sent; undefined while open, and when the connection was broken instead */
  status: number | undefined
  /** whether a fault affected it */
  faulted: boolean
  /** by the machine's clock */
  at: Date
}

export interface GithubExchange {
  world: GithubWorld
  faults: FaultBook
  requests: GithubLog[]
  onRequest(entry: GithubLog): void
  /** aborts when the emulator closes */
  closing: AbortSignal
}

/** One request and its response, with whatever a fault does between the two. Never rejects. */
export async function exchange(
  context: GithubExchange,
  socket: Socket,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, requests, closing } = context
  world.limiter.enter()
  try {
    const request = await readRequest(incoming)
    const { method, path } = request
    const entry: GithubLog = { method, path, status: undefined, faulted: false, at: new Date() }
    requests.push(entry)
    const fault = context.faults.take({ ...request, host: 'api' })
    await play(
      { entry, requests, fault, socket, response, closing },
      {
        clock: world.clock,
        latency: 0,
        handle: () => handle(world, request),
        instead: answer => faultAnswer(answer, { path, time: world.clock.now() }),
      },
    )
    context.onRequest(entry)
  } catch {
    // The client went away, or the emulator is closing: there is nobody left to respond to.
    socket.destroy()
  } finally {
    world.limiter.leave()
  }
}

async function readRequest(incoming: IncomingMessage): Promise<GithubRequest> {
  const url = urlOf(incoming)
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    body: await readBody(incoming),
  }
}

/** Like DigiCert ONE's, but for an error's body, which is GitHub's. */
function faultAnswer(fault: FaultAnswer, place: ErrorPlace): Answer {
  const { status, error } = fault
  const answer = answerOf(fault, defaultSettings.errorShape, place)
  const bare = [fault.html, fault.body, fault.json, fault.size].every(part => part === undefined)
  if (!bare || status < 400) return answer
  const { body } = errorAnswer(status, error?.message ?? MESSAGES[status] ?? 'Server Error')
  return { ...answer, body }
}

const MESSAGES: Record<number, string> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  422: 'Validation Failed',
  429: 'API rate limit exceeded',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
