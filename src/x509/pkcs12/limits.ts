/** What a hostile file may cost. Every bound is far above what any program writes. */
import { malformed, tooMuch } from './errors.ts'

export const MAX_FILE_BYTES = 1024 * 1024
/** NSS and GnuTLS write 600,000, the most that is known. */
const MAX_ITERATIONS = 1_000_000
/** All derivations of one file together, so that many bags cannot add up to what one may not ask for. */
const MAX_ITERATIONS_TOTAL = 8_000_000
const MAX_BAGS = 1000
const MAX_BAG_DEPTH = 8
const MAX_SALT_BYTES = 4096
/** RFC 7914: scrypt takes 128 · N · r bytes; `openssl pkcs8 -scrypt` 16 MiB. */
const MAX_SCRYPT_BYTES = 64 * 1024 * 1024
const MAX_SCRYPT_PASSES = 16

/** Counts what one file asks for and refuses it before the work is done. */
export class Budget {
  #iterations = 0
  #bags = 0

  /** `blocks`: how many times over the derivation runs to get the bytes that are needed. */
  iterations(count: number, blocks = 1): number {
    if (count < 1) throw malformed('it asks for less than one iteration')
    this.#iterations += count * blocks
    if (count > MAX_ITERATIONS)
      throw tooMuch('its iteration count would take too long', `${MAX_ITERATIONS} iterations`)
    if (this.#iterations > MAX_ITERATIONS_TOTAL) {
      throw tooMuch(
        'its iteration counts together would take too long',
        `${MAX_ITERATIONS_TOTAL} iterations in all`,
      )
    }
    return count
  }

  bag(depth: number): void {
    this.#bags += 1
    if (this.#bags > MAX_BAGS) throw tooMuch('it holds too many entries', String(MAX_BAGS))
    if (depth > MAX_BAG_DEPTH) throw tooMuch('its entries are nested too deeply', String(MAX_BAG_DEPTH))
  }

  scrypt(cost: number, blockSize: number, parallelization: number): void {
    const bytes = 128 * cost * blockSize
    if (!(bytes <= MAX_SCRYPT_BYTES)) throw tooMuch('scrypt would take too much memory', '64 MiB')
    if (!(parallelization <= MAX_SCRYPT_PASSES))
      throw tooMuch('scrypt would take too long', `${MAX_SCRYPT_PASSES} passes`)
    // 128 MiB in one pass would take about as long as 500,000 iterations.
    this.iterations(Math.ceil((bytes * parallelization) / 256))
  }
}

export function checkSalt(salt: Buffer): Buffer {
  if (salt.length > MAX_SALT_BYTES) throw tooMuch('a salt is too long', `${MAX_SALT_BYTES} bytes`)
  return salt
}

export function checkFileSize(bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw tooMuch('it is too large', '1 MiB')
}
