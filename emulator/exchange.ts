import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { Answer } from './answers.ts'
import { drip, streamJson } from './bodies.ts'
import { type ActiveFault, answerOf, type FaultBook, type Moment } from './faults.ts'
import { handle } from './handlers.ts'
import type { LoggedRequest } from './log.ts'
import { judgeClientCertificate } from './mtls.ts'
import type { ApiRequest, HostKind } from './request.ts'
import type { World } from './world.ts'

/** A TCP connection as the front accepted it, under the TLS and HTTP that run on it. */
export interface Connection {
  id: number
  socket: Socket
}

export interface ExchangeContext {
  world: World
  faults: FaultBook
  requests: LoggedRequest[]
  host: HostKind
  connection: Connection
  onRequest(entry: LoggedRequest): void
  /** aborts when the emulator closes */
  closing: AbortSignal
}

const MAX_REQUEST_BODY = 1024 * 1024
// A RST makes the receiver drop what it has not read yet, so what should arrive needs a moment to be read.
const TIME_TO_READ = 30

/** One request and its answer, with whatever a fault does between the two. Never rejects. */
export async function exchange(
  context: ExchangeContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = await readRequest(incoming, context.host)
    const entry = log(context, incoming, request)
    await play(context, request, entry, response)
    context.onRequest(entry)
  } catch {
    // The client went away, or the emulator is closing: nobody is left to tell.
    context.connection.socket.destroy()
  }
}

async function readRequest(incoming: IncomingMessage, host: HostKind): Promise<ApiRequest> {
  // By hand, because as a reference `//a/b` would be the path /b on a host a.
  const url = new URL(`https://emulator.invalid${incoming.url ?? '/'}`)
  const socket = incoming.socket as TLSSocket
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    host,
    apiKey: incoming.headersDistinct['x-api-key']?.[0],
    contentType: incoming.headers['content-type'],
    clientCertificate: host === 'clientauth' ? socket.getPeerX509Certificate()?.raw : undefined,
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

function log(context: ExchangeContext, incoming: IncomingMessage, request: ApiRequest): LoggedRequest {
  const { world, host } = context
  const judgement =
    host === 'clientauth' ? judgeClientCertificate(world, request.clientCertificate) : undefined
  const key = request.apiKey
  const entry: LoggedRequest = {
    method: request.method,
    path: request.path,
    search: request.query.size === 0 ? '' : `?${request.query}`,
    host,
    headers: { ...incoming.headers, ...(key === undefined ? {} : { 'x-api-key': '(present)' }) },
    hasApiKey: key !== undefined,
    apiKeyUserId: key === undefined ? undefined : world.store.userByKey(key)?.id,
    userAgent: incoming.headers['user-agent'],
    body: request.body,
    clientCertificateSerial: serialOf(incoming.socket as TLSSocket),
    verdict: judgement?.verdict,
    connection: context.connection.id,
    status: undefined,
    faulted: false,
    receivedAt: new Date(),
  }
  context.requests.push(entry)
  return entry
}

function serialOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.serialNumber.replace(/^0+(?=.)/, '')
}

async function play(
  context: ExchangeContext,
  request: ApiRequest,
  entry: LoggedRequest,
  response: ServerResponse,
): Promise<void> {
  const fault = context.faults.take(request)
  entry.faulted = fault !== undefined
  await wait(context, context.world.settings.latency + (fault?.delayBefore ?? 0))
  await fault?.pause('before-work')
  // A reset lets go of what is held. In the world after it, nobody has asked for this.
  if (fault !== undefined && !context.requests.includes(entry)) throw new Error('reset meanwhile')
  if (breakConnection(context, fault, 'before-work')) return
  const answer = await work(context, request, fault)
  await wait(context, fault?.delayAfter ?? 0)
  await fault?.pause('after-work')
  if (breakConnection(context, fault, 'after-work')) return
  if (await deliver(context, answer, fault, response)) entry.status = answer.status
}

async function work(
  context: ExchangeContext,
  request: ApiRequest,
  fault: ActiveFault | undefined,
): Promise<Answer> {
  const { world } = context
  const place = { path: request.path, time: world.clock.now() }
  const instead = fault?.answer === undefined ? undefined : answerOf(fault.answer, world.settings, place)
  const skipped = instead !== undefined && fault?.workDone !== true
  const done = skipped ? instead : rewritten(await handle(world, request), fault)
  const answer = instead ?? done
  const date = world.clock.now().toUTCString()
  return { ...answer, headers: { date, ...answer.headers, ...fault?.headers } }
}

function rewritten(answer: Answer, fault: ActiveFault | undefined): Answer {
  if (fault?.rewrite === undefined) return answer
  const body: unknown = JSON.parse(answer.body.toString())
  return { ...answer, body: JSON.stringify(fault.rewrite(body as Record<string, unknown>)) }
}

/** @returns whether the connection is gone and with it the rest of the exchange */
function breakConnection(context: ExchangeContext, fault: ActiveFault | undefined, moment: Moment): boolean {
  if (fault?.reset === moment) context.connection.socket.resetAndDestroy()
  else if (fault?.hangUp === moment) context.connection.socket.destroySoon()
  else return false
  return true
}

/** @returns whether the whole answer went out */
async function deliver(
  context: ExchangeContext,
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
    if (breakConnection(context, fault, 'mid-answer')) return false
  }
  response.end(fault?.drip === undefined ? body.subarray(cut) : undefined)
  return true
}

function breaksInside(fault: ActiveFault | undefined): boolean {
  return [fault?.hold, fault?.reset, fault?.hangUp].includes('mid-answer')
}

async function wait({ closing }: ExchangeContext, milliseconds: number): Promise<void> {
  if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: closing })
}
