import type { Socket } from 'node:net'

const RECORD_HEADER = 5
const HANDSHAKE = 0x16
const SERVER_NAME = 0

/**
 * The server name that a TLS client requests, read from its first record; the bytes are put back for the TLS server. Node
 * cannot request a client certificate in only one of its SNI contexts, so the choice must be made before TLS begins.
 *
 * @returns the name in lower case; '' when there is none; undefined when this is not TLS or the client went away
 */
export async function readServerName(socket: Socket): Promise<string | undefined> {
  const hello = await firstRecord(socket)
  return hello === undefined ? undefined : serverNameIn(hello)
}

async function firstRecord(socket: Socket): Promise<Buffer | undefined> {
  let bytes = Buffer.alloc(0)
  while (!isWholeRecord(bytes)) {
    const chunk = await readSome(socket)
    if (chunk === undefined) return undefined
    bytes = Buffer.concat([bytes, chunk])
    if (bytes[0] !== HANDSHAKE) return undefined
  }
  socket.unshift(bytes)
  return bytes
}

function isWholeRecord(bytes: Buffer): boolean {
  return bytes.length >= RECORD_HEADER && bytes.length >= RECORD_HEADER + uint16(bytes, 3)
}

function readSome(socket: Socket): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    const settle = () => {
      const chunk: unknown = socket.read()
      if (chunk === null && !socket.readableEnded && !socket.destroyed) return
      for (const event of ['readable', 'end', 'close']) socket.off(event, settle)
      resolve(Buffer.isBuffer(chunk) ? chunk : undefined)
    }
    for (const event of ['readable', 'end', 'close']) socket.on(event, settle)
  })
}

/**
 * RFC 8446 §4.1.2 (ClientHello) and RFC 6066 §3 (server_name). A hello with wrong lengths, or one that spans records,
 * reads as one without a name: the TLS server will judge it.
 */
function serverNameIn(record: Buffer): string {
  let at = RECORD_HEADER + 4 + 2 + 32
  at += 1 + byte(record, at)
  at += 2 + uint16(record, at)
  at += 1 + byte(record, at)
  at += 2
  while (at < record.length) {
    if (uint16(record, at) === SERVER_NAME) return firstName(record, at + 4)
    at += 4 + uint16(record, at + 2)
  }
  return ''
}

/** list length (2), name type (1), name length (2), name */
function firstName(record: Buffer, at: number): string {
  const length = uint16(record, at + 3)
  return record.toString('latin1', at + 5, at + 5 + length).toLowerCase()
}

/** Reads zeros past the end, so that no length can lead out of the record. */
function byte(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0
}

function uint16(bytes: Buffer, at: number): number {
  return byte(bytes, at) * 256 + byte(bytes, at + 1)
}
