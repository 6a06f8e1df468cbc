import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

const CHUNK = 64 * 1024

/** A JSON string of this many bytes, made while it is sent. */
export async function streamJson(size: number, response: ServerResponse): Promise<void> {
  await pipeline(Readable.from(jsonString(size)), response)
}

/** @param most after this many of `CHUNK` it stops short; then somebody else ends the response, or not */
export async function streamPieces(
  pieces: Iterable<string>,
  response: ServerResponse,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  await pipeline(Readable.from(together(pieces, most)), response, { end: most === Number.POSITIVE_INFINITY })
}

/** Small ones in one. */
function* together(pieces: Iterable<string>, most: number): Generator<string> {
  let waiting = ''
  let count = 0
  for (const piece of pieces) {
    waiting += piece
    if (waiting.length < CHUNK) continue
    if (count++ === most) return
    yield waiting
    waiting = ''
  }
  yield waiting
}

function* jsonString(size: number): Generator<string> {
  const chunk = 'x'.repeat(CHUNK)
  yield '"'
  for (let left = size - 2; left > 0; left -= chunk.length) yield chunk.slice(0, Math.min(left, chunk.length))
  yield '"'
}

/** One byte at a time: never silent for longer than `ms`, and never finished. */
export async function drip(
  body: Buffer,
  ms: number,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) throw new Error('there is no reader left')
    response.write(Buffer.of(byte))
    await sleep(ms, undefined, { signal })
  }
}
