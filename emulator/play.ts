// One request and its response, with whatever a fault does between the two: the same for every server embedded here.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './answers.ts'
import { drip, streamJson, streamPieces } from './bodies.ts'
import type { Clock } from './clock.ts'
import type { ActiveFault, FaultAnswer, Moment } from './faults.ts'

/** What a server's log keeps of every request. */
interface Entry {
  status: number | undefined
  faulted: boolean
}

export interface Scene<E extends Entry> {
  entry: E
  /** the log; a reset empties it */
  requests: readonly E[]
  fault: ActiveFault | undefined
  /** under TLS and HTTP */
  socket: Socket
  response: ServerResponse
  /** aborts when the emulator closes */
  closing: AbortSignal
}

export interface Work {
  clock: Clock
  /** milliseconds before anything is done */
  latency: number
  /** what the server does and responds without a fault */
  handle(): Answer | Promise<Answer>
  /** the response for a fault, in the server's own format */
  instead(answer: FaultAnswer): Answer
}

const MAX_REQUEST_BODY = 1024 * 1024
// A RST makes the receiver drop what it has not read yet, so what should arrive needs a moment to be read.
const TIME_TO_READ = 30

/** The requested address. By hand, because as a reference `//a/b` would be the path /b on a host a. */
export function urlOf(incoming: IncomingMessage): URL {
  return new URL(`https://emulator.invalid${incoming.url ?? '/'}`)
}

/** @throws Error when it is larger than any valid request */
export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_REQUEST_BODY) throw new Error('request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Does the work and delivers its response. Rejects when the emulator closes, or was reset meanwhile. */
export async function play<E extends Entry>(scene: Scene<E>, work: Work): Promise<void> {
  const { entry, fault } = scene
  entry.faulted = fault !== undefined
  await wait(scene, work.latency + (fault?.delayBefore ?? 0))
  await fault?.pause('before-work')
  // A reset releases what is held. In the world after it, this request does not exist.
  if (fault !== undefined && !scene.requests.includes(entry)) throw new Error('reset meanwhile')
  if (breakConnection(scene, 'before-work')) return
  const answer = await answerTo(work, fault)
  await wait(scene, fault?.delayAfter ?? 0)
  await fault?.pause('after-work')
  if (breakConnection(scene, 'after-work')) return
  if (await deliver(scene, answer)) entry.status = answer.status
}

async function answerTo(work: Work, fault: ActiveFault | undefined): Promise<Answer> {
  const instead = fault?.answer === undefined ? undefined : work.instead(fault.answer)
  const skipped = instead !== undefined && fault?.workDone !== true
  const done = skipped ? instead : rewritten(await work.handle(), fault)
  const answer = instead ?? done
  const date = work.clock.now().toUTCString()
  return { ...answer, headers: { date, ...answer.headers, ...fault?.headers } }
}

function rewritten(answer: Answer, fault: ActiveFault | undefined): Answer {
  if (fault?.rewrite === undefined) return answer
  const body: unknown = JSON.parse(answer.body.toString())
  return { ...answer, body: JSON.stringify(fault.rewrite(body as Record<string, unknown>)) }
}

type Delivery = Omit<Scene<Entry>, 'entry' | 'requests'>

/** @returns whether the connection is gone and with it the rest of the exchange */
function breakConnection({ fault, socket }: Delivery, moment: Moment): boolean {
  if (fault?.reset === moment) socket.resetAndDestroy()
  else if (fault?.hangUp === moment) socket.destroySoon()
  else return false
  return true
}

/** @returns whether the whole response was sent */
async function deliver(delivery: Delivery, answer: Answer): Promise<boolean> {
  const { fault, response, closing } = delivery
  if (answer.size !== undefined) {
    response.writeHead(answer.status, answer.headers)
    await streamJson(answer.size, response)
    return true
  }
  if (answer.pieces !== undefined) return await deliverPieces(delivery, answer, answer.pieces)
  const body = Buffer.from(answer.body)
  const length = answer.status === 204 ? {} : { 'content-length': body.length }
  response.writeHead(answer.status, { ...length, ...answer.headers })
  if (fault?.drip !== undefined) await drip(body, fault.drip, response, closing)
  const cut = breaksInside(fault) ? Math.floor(body.length / 2) : body.length
  if (fault?.drip === undefined) response.write(body.subarray(0, cut))
  if (cut < body.length) {
    await wait(delivery, TIME_TO_READ)
    await fault?.pause('mid-answer')
    if (breakConnection(delivery, 'mid-answer')) return false
  }
  response.end(fault?.drip === undefined ? body.subarray(cut) : undefined)
  return true
}

/** A fault in the middle comes after some MiB. */
const MOST_BEFORE_FAULT = 64

async function deliverPieces(
  delivery: Delivery,
  { status, headers }: Answer,
  pieces: Iterable<string>,
): Promise<boolean> {
  const { fault, response } = delivery
  response.writeHead(status, headers)
  if (!breaksInside(fault)) {
    await streamPieces(pieces, response)
    return true
  }
  await streamPieces(pieces, response, MOST_BEFORE_FAULT)
  await fault?.pause('mid-answer')
  return !breakConnection(delivery, 'mid-answer')
}

function breaksInside(fault: ActiveFault | undefined): boolean {
  return [fault?.hold, fault?.reset, fault?.hangUp].includes('mid-answer')
}

async function wait({ closing }: Pick<Delivery, 'closing'>, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: closing })
}
