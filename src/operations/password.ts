import type { Random } from '../ports.ts'

/** The warning for a password that works only without what stands before or after it in the secret. */
export function describeStray(secret: string, password: string): string {
  const marked = !secret.startsWith(password)
  const broken = !secret.endsWith(password)
  const begins = marked ? ['begins with a byte order mark'] : []
  const ends = broken ? ['ends in a line break'] : []
  const [is, it, what] =
    marked && broken
      ? ['are', 'them', 'both']
      : ['is', 'it', marked ? 'the byte order mark' : 'the line break']
  return `The secret behind 'p12-password' ${[...begins, ...ends].join(' and ')} that ${is} not part of the password. The password is used without ${it} here. Store the secret again without ${what}: other tools will refuse it.`
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const LENGTH = 40

/**
 * A random password of 40 letters and digits (238 bits). No other characters: jsign splits on `|`, and cmd, YAML and
 * shells each have special ones of their own.
 */
export function newPassword(random: Random): string {
  let password = ''
  while (password.length < LENGTH) {
    // Bytes from 248 on would make the first letters likelier than the last.
    for (const byte of random.bytes(LENGTH)) if (byte < 248) password += ALPHABET[byte % ALPHABET.length]
  }
  return password.slice(0, LENGTH)
}
