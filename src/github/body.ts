import { TOO_LARGE } from '../net/native-codes.ts'

/** Far more than any response about secrets contains. A hundred repositories on one page take 600 kB. */
const MAX_BYTES = 2 * 1024 * 1024
/** Of a refusal, only its message counts; a page of HTML in its place may be long. */
const MAX_REFUSAL_BYTES = 64 * 1024

/** What is read of a response: its parts as they come out of the decompression. */
export interface Incoming {
  status: number
  headers: Pick<Headers, 'get'>
  body: AsyncIterable<Uint8Array> | null
}

/**
 * The whole body of a success, the beginning of anything else. What counts are the bytes that come out of the
 * decompression: a megabyte that was compressed may be a gigabyte.
 * @throws Error with the code of `isTooLarge`
 */
export async function readBody({ status, headers, body }: Incoming): Promise<Buffer> {
  const isSuccess = status >= 200 && status < 300
  const limit = isSuccess ? MAX_BYTES : MAX_REFUSAL_BYTES
  const parts: Uint8Array[] = []
  // Compressed twice, what comes out may be next to nothing and still take hours.
  if (isNested(headers.get('content-encoding'))) throw tooLarge()
  let length = 0
  // Leaving the loop stops the decompression, and closes the connection.
  for await (const part of body ?? []) {
    parts.push(part)
    length += part.length
    if (length <= limit) continue
    if (isSuccess) throw tooLarge()
    break
  }
  return Buffer.concat(parts).subarray(0, limit)
}

function isNested(codings: string | null): boolean {
  return codings?.includes(',') === true
}

function tooLarge(): Error {
  return Object.assign(new Error('larger than any response about secrets'), { code: TOO_LARGE })
}
