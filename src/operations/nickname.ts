import type { Random } from '../ports.ts'

/** Fits a common name (X.520: 64 characters), which by default is the nickname. */
const LONGEST = 64
const SUFFIX_LENGTH = 10
const LONGEST_PREFIX = LONGEST - SUFFIX_LENGTH - 1
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

/** Says which run made the certificate, also where the repository's name has to be cut for it. */
export function runPrefix(repository: string, run: string): string {
  const tail = run === '' ? '' : `-${run}`
  return nicknamePrefix(repository.slice(0, LONGEST_PREFIX - tail.length) + tail)
}

/** DigiCert takes letters, numbers, spaces, dashes and underscores; anything else becomes a dash. */
export function nicknamePrefix(text: string): string {
  return text
    .replace(/[^A-Za-z0-9 _-]+/g, '-')
    .slice(0, LONGEST_PREFIX)
    .replace(/^[ -]+|[ -]+$/g, '')
}

/** A nickname nobody else has: 32^10 suffixes, so finding it on the server means that it is ours. */
export function newNickname(prefix: string, random: Random): string {
  const suffix = [...random.bytes(SUFFIX_LENGTH)].map(byte => ALPHABET[byte % ALPHABET.length]).join('')
  return prefix === '' ? suffix : `${prefix}-${suffix}`
}
