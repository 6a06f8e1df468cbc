import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { writeError } from '../files.ts'

/** Far more than a command-line program has. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024
const CHUNK_BYTES = 1024 * 1024
/** A link is not followed, and something that is not a file is not waited for. Windows has neither flag. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Copies a file that others may change, into a directory of our own. What is hashed are the bytes that are written, so
 * nothing that happens to `source` meanwhile matters.
 * @returns false when they are not what the digest names, or `source` cannot be read; then there is no `target`
 * @throws ActionError FILE_WRITE
 */
export async function copyIfIntact(source: string, target: string, digest: string): Promise<boolean> {
  const from = await openFile(source)
  if (from === undefined) return false
  try {
    const found = await copy(from, target)
    if (found === digest) return true
  } finally {
    await from.close()
  }
  await rm(target, { force: true })
  return false
}

async function openFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, READ).catch(() => undefined)
  if (file === undefined || (await file.stat()).isFile()) return file
  await file.close()
  return undefined
}

/** @returns the SHA-256 in lower-case hex; undefined when reading failed or there was too much */
async function copy(from: FileHandle, target: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(CHUNK_BYTES)
  const to = await written(open(target, 'wx', 0o700), target)
  try {
    for (let total = 0; total <= MAX_FILE_BYTES; ) {
      const read = await from.read(buffer, 0, CHUNK_BYTES).catch(() => undefined)
      if (read === undefined) return undefined
      const chunk = buffer.subarray(0, read.bytesRead)
      if (chunk.length === 0) return hash.digest('hex')
      hash.update(chunk)
      await written(to.appendFile(chunk), target)
      total += chunk.length
    }
    return undefined
  } finally {
    await to.close()
  }
}

/** @throws ActionError FILE_WRITE */
export async function written<T>(work: Promise<T>, path: string): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw writeError('write', path, cause)
  }
}
