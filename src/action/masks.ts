import { EOL } from 'node:os'
import type { Mask } from '../ports.ts'

/** What operations mask with. */
export const mask: Mask = { text: maskText, bytes: maskBytes, privateKey: maskPrivateKey }

/** A mask this short would blank out ordinary words all over the log. */
const SHORTEST_SECRET = 4
/** A line or an encoding of a secret; the last line of a PEM block may be two characters long. */
const SHORTEST_PART = 8
const PEM_ARMOUR = /-----[^-]+-----/g
/** Words and rules that logs are made of: one character over and over, and what YAML writes for nothing. */
const ORDINARY = /^(?:(.)\1*|true|false|null|none|undefined)$/isu

/** @returns false when the secret is too short, or too ordinary, to be masked without making the log unreadable */
export function maskText(secret: string): boolean {
  const whole = secret.trim()
  if (!isMaskable(whole, SHORTEST_SECRET)) return whole === ''
  maskAll([whole, secret], SHORTEST_SECRET)
  const bytes = Buffer.from(whole)
  maskBytes(bytes)
  maskBytes(Buffer.from(`${whole}\n`)) // what `echo` adds
  maskAll([Buffer.from(secret).toString('base64'), ...written(whole)], SHORTEST_PART)
  return true
}

/** As a form, a URL and JSON write it. */
function written(text: string): string[] {
  const form = new URLSearchParams({ '': text }).toString().slice(1)
  return [form, encodeURIComponent(text.toWellFormed()), JSON.stringify(text).slice(1, -1)]
}

/** Masks a long secret as it is and line by line; for base64, whose other forms `maskBytes` covers. */
export function maskLines(secret: string): void {
  if (secret.includes('-----BEGIN')) maskPem(secret)
  else maskAll([secret, ...secret.split(/\s+/)], SHORTEST_PART)
}

const PEM_BLOCK = /-----BEGIN ([^-]+)-----(.*?)(?:-----END \1-----|$)/gs
const BASE64 = /^[A-Za-z0-9+/=]+$/

/** What is inside the blocks, and not the words around it and in the headers of a key, of which other lines are made. */
function maskPem(text: string): void {
  for (const [, label = '', body = ''] of text.matchAll(PEM_BLOCK)) {
    const lines = body.split(/(?:\s|\\[rn])+/).filter(line => BASE64.test(line))
    maskAll(lines, SHORTEST_PART)
    if (label.includes('PRIVATE KEY')) maskPrivateKey(lines.join('\n'))
  }
}

/** Masks bytes as tools print them: base64 in one piece and in lines, and hex. */
export function maskBytes(secret: Buffer): void {
  maskInOnePiece(secret)
  const base64 = secret.toString('base64')
  for (const width of [64, 76]) maskAll(base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [], SHORTEST_PART)
}

/** Masks bytes as a whole, in four commands: for a file that may be anything, whose lines somebody may have chosen. */
export function maskInOnePiece(secret: Buffer): void {
  const hex = secret.toString('hex')
  const encoded = [secret.toString('base64'), secret.toString('base64url'), hex, hex.toUpperCase()]
  maskAll(encoded, SHORTEST_PART)
}

/** Masks a private key: every line of its PEM, and what is inside. */
export function maskPrivateKey(pem: string): void {
  const body = pem.replace(PEM_ARMOUR, '').trim()
  maskAll(body.split(/[\r\n]+/), SHORTEST_PART)
  maskBytes(Buffer.from(body, 'base64'))
  maskAll([Buffer.from(pem).toString('base64'), JSON.stringify(pem).slice(1, -1)], SHORTEST_PART)
}

/**
 * Line by line, because the runner masks each line of a value as well, however short: a lone `=` or `}` would then
 * vanish from the whole log. Trimmed, because it compares exactly, and a stray space would unmask the rest.
 */
function maskAll(values: string[], shortest: number): void {
  const lines = values.flatMap(value => value.split(/[\r\n]+/)).map(line => line.trim())
  const commands = [...new Set(lines)].filter(line => isMaskable(line, shortest)).map(addMask)
  // In one write, which `setSecret` of @actions/core cannot: a P12 has hundreds of lines.
  if (commands.length > 0) process.stdout.write(commands.join(''))
}

function addMask(line: string): string {
  return `::add-mask::${line.replaceAll('%', '%25')}${EOL}`
}

function isMaskable(text: string, shortest: number): boolean {
  return text.length >= shortest && !ORDINARY.test(text)
}
