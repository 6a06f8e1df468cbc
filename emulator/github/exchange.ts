import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, ErrorPlace } from '../answers.ts'
import { drip, streamJson } from '../bodies.ts'
import { type ActiveFault, answerOf, type FaultAnswer, type FaultBook, type Moment } from '../faults.ts'
import { defaultSettings } from '../settings.ts'
import { errorAnswer } from './answers.ts'
import { type GithubRequest, handle } from './handlers.ts'
import type { GithubWorld } from './world.ts'

/** One request as it arrived and how it ended. The token itself is not kept. */
export interface GithubLog {
  method: string
  /** with the base path, without the query */
  path: string
  /** of the answer that went out; undefined while open, and when the connection was broken instead */
  status: number | undefined
  /** whether a fault had a hand in it */
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

const MAX_REQUEST_BODY = 1024 * 1024
// A RST makes the receiver drop what it has not read yet, so what should arrive needs a moment to be read.
const TIME_TO_READ = 30

/** One request and its answer, with whatever a fault does between the two. Never rejects. */
export async function exchange(
  context: GithubExchange,
  socket: Socket,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { limiter } = context.world
  limiter.enter()
  try {
    const request = await readRequest(incoming)
    const { method, path } = request
    const entry: GithubLog = { method, path, status: undefined, faulted: false, at: new Date() }
    context.requests.push(entry)
    await play(context, socket, request, entry, response)
    context.onRequest(entry)
  } catch {
    // The client went away, or the emulator is closing: nobody is left to tell.
    socket.destroy()
  } finally {
    limiter.leave()
  }
}

async function readRequest(incoming: IncomingMessage): Promise<GithubRequest> {
  const url = new URL(incoming.url ?? '/', 'https://emulator.invalid')
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    authorization: incoming.headers.authorization,
    body: await readBody(incoming),
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_REQUEST_BODY) throw new Error('request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function play(
  context: GithubExchange,
  socket: Socket,
  request: GithubRequest,
  entry: GithubLog,
  response: ServerResponse,
): Promise<void> {
  const fault = context.faults.take({ ...request, host: 'api' })
  entry.faulted = fault !== undefined
  await wait(context, fault?.delayBefore)
  await fault?.pause('before-work')
  if (breakConnection(socket, fault, 'before-work')) return
  const answer = work(context.world, request, fault)
  await wait(context, fault?.delayAfter)
  await fault?.pause('after-work')
  if (breakConnection(socket, fault, 'after-work')) return
  if (await deliver(context, socket, answer, fault, response)) entry.status = answer.status
}

function work(world: GithubWorld, request: GithubRequest, fault: ActiveFault | undefined): Answer {
  const place = { path: request.path, time: world.clock.now() }
  const instead = fault?.answer === undefined ? undefined : faultAnswer(fault.answer, place)
  const skipped = instead !== undefined && fault?.workDone !== true
  const done = skipped ? instead : rewritten(handle(world, request), fault)
  const answer = instead ?? done
  const date = world.clock.now().toUTCString()
  return { ...answer, headers: { date, ...answer.headers, ...fault?.headers } }
}

/** Like DigiCert ONE's, but for an error's body, which is GitHub's. */
function faultAnswer(fault: FaultAnswer, place: ErrorPlace): Answer {
  const { status, error } = fault
  const answer = answerOf(fault, defaultSettings, place)
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

function rewritten(answer: Answer, fault: ActiveFault | undefined): Answer {
  if (fault?.rewrite === undefined) return answer
  const body: unknown = JSON.parse(answer.body.toString())
  return { ...answer, body: JSON.stringify(fault.rewrite(body as Record<string, unknown>)) }
}

/** @returns whether the connection is gone and with it the rest of the exchange */
function breakConnection(socket: Socket, fault: ActiveFault | undefined, moment: Moment): boolean {
  if (fault?.reset === moment) socket.resetAndDestroy()
  else if (fault?.hangUp === moment) socket.destroySoon()
  else return false
  return true
}

/** @returns whether the whole answer went out */
async function deliver(
  context: GithubExchange,
  socket: Socket,
  answer: Answer,
  fault: ActiveFault | undefined,
  response: ServerResponse,
): Promise<boolean> {
  if (answer.size !== undefined) {
    response.writeHead(answer.status, answer.headers)
    await streamJson(answer.size, response)
    return true
  }
  const body = Buffer.from(answer.body)
  const length = answer.status === 204 ? {} : { 'content-length': body.length }
  response.writeHead(answer.status, { ...length, ...answer.headers })
  if (fault?.drip !== undefined) await drip(body, fault.drip, response, context.closing)
  const cut = breaksInside(fault) ? Math.floor(body.length / 2) : body.length
  if (fault?.drip === undefined) response.write(body.subarray(0, cut))
  if (cut < body.length) {
    await wait(context, TIME_TO_READ)
    await fault?.pause('mid-answer')
    if (breakConnection(socket, fault, 'mid-answer')) return false
  }
  response.end(fault?.drip === undefined ? body.subarray(cut) : undefined)
  return true
}

function breaksInside(fault: ActiveFault | undefined): boolean {
  return [fault?.hold, fault?.reset, fault?.hangUp].includes('mid-answer')
}

async function wait({ closing }: GithubExchange, milliseconds = 0): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: closing })
}
