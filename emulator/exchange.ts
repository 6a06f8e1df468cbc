import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { answerOf, type FaultBook } from './faults.ts'
import { errorShapeOf, handle } from './handlers.ts'
import type { LoggedRequest } from './log.ts'
import { judgeClientCertificate } from './mtls.ts'
import { play, readBody, urlOf } from './play.ts'
import type { ApiRequest, HostKind } from './request.ts'
import type { World } from './world.ts'

/** A TCP connection as the front accepted it, below the TLS and HTTP on it. */
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

/** One request and its response, with whatever a fault does between the two. Never rejects. */
export async function exchange(
  context: ExchangeContext,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, requests, closing } = context
  const { socket } = context.connection
  try {
    const request = await readRequest(incoming, context.host)
    const entry = log(context, incoming, request)
    const fault = context.faults.take(request)
    await play(
      { entry, requests, fault, socket, response, closing },
      {
        clock: world.clock,
        latency: world.settings.latency,
        handle: () => handle(world, request),
        instead: answer =>
          answerOf(answer, errorShapeOf(world, request), { path: request.path, time: world.clock.now() }),
      },
    )
    context.onRequest(entry)
  } catch {
    // The client went away, or the emulator is closing: there is nobody left to respond to.
    socket.destroy()
  }
}

async function readRequest(incoming: IncomingMessage, host: HostKind): Promise<ApiRequest> {
  const url = urlOf(incoming)
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
