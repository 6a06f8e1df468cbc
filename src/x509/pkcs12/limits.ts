/** What a hostile file may cost. Every bound is far above what any program writes. */
import { malformed, passwordNotTried, tooMuch } from './errors.ts'

export const MAX_FILE_BYTES = 1024 * 1024
/** NSS and GnuTLS write 600,000, the most that is known. */
const MAX_ITERATIONS = 1_000_000
/**
 * All derivations of one file together, so that many bags cannot add up to what one may not ask for. In rounds, see
 * {@link HASH_WEIGHT}; GnuTLS needs 7,800,000 for 3DES and two CA certificates.
 */
const MAX_ROUNDS = 8_000_000
/** The same, including everything that was tried in vain before: other encodings of the password, and it without a line break. */
const MAX_ROUNDS_TRIED = 9_200_000
const MAX_BAGS = 1000
const MAX_KEYS = 100
const MAX_BAG_DEPTH = 8
const MAX_SALT_BYTES = 4096
/** RFC 7914: `openssl pkcs8 -scrypt` takes 16 MiB; this is N = 65,536 with r = 8, and what comes with it. */
const MAX_SCRYPT_BYTES = 65 * 1024 * 1024
/** What it fills before and after; `openssl pkcs8 -scrypt` 1 KiB. OpenSSL copies it several times. */
const MAX_SCRYPT_BLOCK_BYTES = 1024 * 1024
const MAX_SCRYPT_PASSES = 16

/**
 * A round: one iteration of a derivation that calls into OpenSSL for each, PKCS#12's own and PBKDF1, about a
 * microsecond. Those of PBKDF2 are in digests.ts; `npm run bench:p12` measures what comes of it.
 */
export const HASH_WEIGHT = 1

/** What one derivation costs, in rounds. */
export interface Work {
  iterations: number
  /** How many times over it runs to get the bytes that are needed. */
  blocks: number
  weight: number
}

/** Counts the work that one file demands, and refuses the file before the work is done. */
export class Budget {
  #rounds = 0
  #bags = 0
  #keys = 0

  /** @returns rounds */
  derivation({ iterations, blocks, weight }: Work): number {
    if (iterations < 1) throw malformed('it asks for less than one iteration')
    if (iterations > MAX_ITERATIONS)
      throw tooMuch('its iteration count would take too long', `${MAX_ITERATIONS} iterations`)
    return this.#charge(iterations * blocks * weight)
  }

  /** @returns rounds */
  scrypt({ N, r, p }: { N: number; r: number; p: number }): number {
    if (!(scryptBytes({ N, r, p }) <= MAX_SCRYPT_BYTES))
      throw tooMuch('scrypt would take too much memory', '65 MiB')
    if (128 * r * p > MAX_SCRYPT_BLOCK_BYTES) throw tooMuch('scrypt would take too large blocks', '1 MiB')
    if (!(p <= MAX_SCRYPT_PASSES)) throw tooMuch('scrypt would take too long', `${MAX_SCRYPT_PASSES} passes`)
    // 64 MiB once take a quarter of a second. Where N is small, filling the blocks at both ends takes most of the time.
    return this.#charge((128 * r * (N + 4) * p) / 256)
  }

  #charge(rounds: number): number {
    this.#rounds += rounds
    if (this.#rounds > MAX_ROUNDS) {
      throw tooMuch(
        'its iteration counts together would take too long',
        `${MAX_ROUNDS} rounds of SHA-1 in all`,
      )
    }
    return rounds
  }

  bag(depth: number): void {
    this.#bags += 1
    if (this.#bags > MAX_BAGS) throw tooMuch('it contains too many entries', String(MAX_BAGS))
    if (depth > MAX_BAG_DEPTH) throw tooMuch('its entries are nested too deeply', String(MAX_BAG_DEPTH))
  }

  key(): void {
    this.#keys += 1
    if (this.#keys > MAX_KEYS) throw tooMuch('it contains too many private keys', String(MAX_KEYS))
  }
}

/** V, B and T of RFC 7914. */
export function scryptBytes({ N, r, p }: { N: number; r: number; p: number }): number {
  return 128 * r * (N + p + 2)
}

/** Counts what is done to open a file, with every password and every encoding of it that is tried. */
export class Effort {
  #rounds = 0

  /** @throws ActionError P12_PASSWORD before more is tried than is worthwhile */
  spend(rounds: number): void {
    this.#rounds += rounds
    if (this.#rounds > MAX_ROUNDS_TRIED) throw passwordNotTried()
  }
}

export function checkSalt(salt: Buffer): Buffer {
  if (salt.length > MAX_SALT_BYTES) throw tooMuch('a salt is too long', `${MAX_SALT_BYTES} bytes`)
  return salt
}

export function checkFileSize(bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw tooMuch('it is too large', '1 MiB')
}
