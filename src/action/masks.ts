import { setSecret } from '@actions/core'
import type { Mask } from '../operations/request.ts'

/** What operations mask with. */
export const mask: Mask = { text: maskText, bytes: maskBytes, privateKey: maskPrivateKey }

/** A mask this short would blank out ordinary words all over the log. */
const SHORTEST_SECRET = 4
/** A line or an encoding of a secret; the last line of a PEM block may be two characters long. */
const SHORTEST_PART = 8
const PEM_ARMOUR = /-----[^-]+-----/g

/** @returns false when the secret is too short to be masked without making the log unreadable */
export function maskText(secret: string): boolean {
  const whole = secret.trim()
  if (whole.length < SHORTEST_SECRET) return whole === ''
  maskAll([whole, secret], SHORTEST_SECRET)
  maskAll(secret.split(/[\r\n]+/), SHORTEST_PART)
  const bytes = Buffer.from(whole)
  maskAll(
    [bytes.toString('base64'), Buffer.from(secret).toString('base64'), bytes.toString('base64url')],
    SHORTEST_PART,
  )
  maskAll(
    [bytes.toString('hex'), encodeURIComponent(whole), JSON.stringify(whole).slice(1, -1)],
    SHORTEST_PART,
  )
  return true
}

/** Masks a long secret as it is and line by line; for base64, whose other forms `maskBytes` covers. */
export function maskLines(secret: string): void {
  const bare = secret.replace(PEM_ARMOUR, '')
  maskAll([secret, ...bare.split(/\s+/)], SHORTEST_PART)
}

/** Masks bytes as tools print them: base64 in one piece and in lines, and hex. */
export function maskBytes(secret: Buffer): void {
  const base64 = secret.toString('base64')
  maskAll(
    [base64, secret.toString('base64url'), secret.toString('hex'), secret.toString('hex').toUpperCase()],
    SHORTEST_PART,
  )
  for (const width of [64, 76]) maskAll(base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [], SHORTEST_PART)
}

/** Masks a private key: every line of its PEM, and what is inside. */
export function maskPrivateKey(pem: string): void {
  const body = pem.replace(PEM_ARMOUR, '').trim()
  maskAll(body.split(/[\r\n]+/), SHORTEST_PART)
  maskBytes(Buffer.from(body, 'base64'))
  maskAll([Buffer.from(pem).toString('base64'), JSON.stringify(pem).slice(1, -1)], SHORTEST_PART)
}

/** Trimmed, because the runner compares exactly and a stray space or line break would unmask the rest. */
function maskAll(values: string[], shortest: number): void {
  for (const value of new Set(values.map(part => part.trim()))) if (value.length >= shortest) setSecret(value)
}
