/**
 * What the runner is told to mask, and why it is so little. The runner searches every later line of the job for every value
 * that it knows, and of each value that it is told it also keeps base64 from the first, second and third byte on, and
 * the forms of URLs, JSON, XML, expressions and PowerShell. A mask therefore costs four or five values, so:
 *
 * 1. A form that the runner makes by itself is not sent, nor is one that other masks cover from end to end.
 * 2. An API key, a password, a token: the secret itself, its base64 in one piece and wrapped, hex, and what JavaScript
 *    writes in another way than the runner. Secrets of the workflow are no exception: an input does not tell where it
 *    comes from.
 * 3. A private key: every line of its PEM, and in one piece base64url, hex and the base64 of the PEM. A short key (an EC
 *    key) also as `base64` wraps it; of an RSA key that alone would cost a hundred values.
 * 4. A P12: one piece, because no line of it is a secret while its key is encrypted under a masked password. Otherwise
 *    all that tools print of it, as far as {@link MOST_OF_A_P12}.
 */
import { EOL } from 'node:os'
import type { Mask } from '../ports.ts'
import { isSealed } from '../x509/pkcs12/sealed.ts'

/** What operations mask with. */
export const mask: Mask = { text: maskText, bytes: maskP12, privateKey: maskPrivateKey }

/** A mask this short would blank out ordinary words all over the log. */
const SHORTEST_SECRET = 4
/** A line or an encoding of a secret; the last line of a PEM block may be two characters long. */
const SHORTEST_PART = 8
/** Columns of OpenSSL's base64 and PEM, and of `base64`. */
const WIDTHS = [64, 76]
/** Characters of base64 up to which an open P12 is masked line by line: the author of the file chooses its size. */
const MOST_OF_A_P12 = 16_384
/** Bytes of a key that is masked in every wrapping; an EC key has 67 to 241, an RSA key of 2048 bits some 1,218. */
const SHORT_KEY = 256
const PEM_ARMOUR = /-----[^-]+-----/g
/** Words and rules that logs are made of: one character over and over, and what YAML writes for nothing. */
const ORDINARY = /^(?:(.)\1*|true|false|null|none|undefined)$/isu

/** @returns false when the secret is too short, or too ordinary, to be masked without making the log unreadable */
export function maskText(secret: string): boolean {
  const whole = secret.trim()
  if (!isMaskable(whole, SHORTEST_SECRET)) return whole === ''
  const forms = [...written(whole), ...encoded(secret)]
  send([...maskable([whole], SHORTEST_SECRET), ...maskable(forms, SHORTEST_PART)])
  return true
}

/**
 * As a form, a URL and JSON write it, where the runner writes it in another way. Of a text of several lines it knows each
 * by itself alone.
 */
function written(text: string): string[] {
  const form = new URLSearchParams({ '': text }).toString().slice(1)
  const url = encodeURIComponent(text.toWellFormed())
  const json = JSON.stringify(text).slice(1, -1)
  const differ: [RegExp, string][] = [
    [/[ ~*\r\n]/, form],
    [/[!'()*\r\n]/, url],
    [/[\x85\u2028\u2029\r\n]/, json],
  ]
  return differ.flatMap(([pattern, other]) => (pattern.test(text) ? [other] : []))
}

/** Base64 also with the white space around the secret; of a text of one line the runner makes it, padded, by itself. */
function encoded(secret: string): string[] {
  const text = secret.trim()
  const url = Buffer.from(text).toString('base64url')
  const lines = [text, secret].flatMap(inLines).filter(line => line !== base64(text) || /[\r\n]/.test(text))
  return [...lines, ...(/[-_]/.test(url) ? [url] : []), ...inHex(Buffer.from(text))]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/**
 * Base64 without its padding, with which begins also the base64 of the same text and a line break: what `echo` adds
 * has no bit in common with the last character.
 */
function unpadded(text: string): string {
  return base64(text).replace(/=+$/, '')
}

function inHex(bytes: Buffer): string[] {
  const hex = bytes.toString('hex')
  return [hex, hex.toUpperCase()]
}

/** Pieces that cover base64 in one line and in lines of every width; where one would be too short, each of these. */
function inLines(text: string): string[] {
  const whole = unpadded(text)
  const isCut = (at: number) => at > 0 && WIDTHS.some(width => at % width === 0)
  const pieces = whole.replace(/./g, (digit, at) => (isCut(at) ? `\n${digit}` : digit)).split('\n')
  if (pieces.every(({ length }) => length >= SHORTEST_PART)) return pieces
  const lines = [whole, ...inAllWidths(whole)].filter(({ length }) => length >= SHORTEST_PART)
  // A line that is too short by itself may not be with the line break that was encoded with it.
  const ended = ['\n', '\r\n'].flatMap(end => inAllWidths(base64(text + end)))
  return [...lines, ...ended.filter(line => !lines.some(begin => line.startsWith(begin)))]
}

function inAllWidths(text: string): string[] {
  return WIDTHS.flatMap(width => linesOf(text, width))
}

function linesOf(text: string, width: number): string[] {
  return text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []
}

/**
 * Masks the text of the input `p12`, which may be anything: PEM, a password, half a file.
 * @param password of that P12
 */
export function maskP12Text(text: string, password: string): void {
  const bytes = Buffer.from(text, 'base64')
  if (isSecretInside(bytes, password)) maskLines(text)
  else send(maskable([text.replace(/\s/g, ''), bytes.toString('base64')], SHORTEST_PART))
}

function maskLines(secret: string): void {
  if (secret.includes('-----BEGIN')) maskPem(secret)
  else send(maskable([secret, ...secret.split(/\s+/)], SHORTEST_PART))
}

const PEM_BLOCK = /-----BEGIN ([^-]+)-----(.*?)(?:-----END \1-----|$)/gs
const BASE64 = /^[A-Za-z0-9+/=]+$/

/** What is inside the blocks, and not the words around it and in the headers of a key, of which other lines are made. */
function maskPem(text: string): void {
  for (const [, label = '', body = ''] of text.matchAll(PEM_BLOCK)) {
    const lines = body.split(/(?:\s|\\[rn])+/).filter(line => BASE64.test(line))
    send(maskable(lines, SHORTEST_PART))
    if (label.includes('PRIVATE KEY')) maskPrivateKey(lines.join('\n'))
  }
}

/**
 * Masks a P12, or what was given in place of one.
 * @param password that opens it
 */
export function maskP12(der: Buffer, password: string): void {
  if (!isSecretInside(der, password)) {
    send([der.toString('base64')])
    return
  }
  maskInOnePiece(der)
  send(maskable(inAllWidths(der.toString('base64').slice(0, MOST_OF_A_P12)), SHORTEST_PART))
}

function isSecretInside(der: Buffer, password: string): boolean {
  return !isSealed(der) || !isMaskable(password.trim(), SHORTEST_SECRET)
}

/** Masks the bytes of a file, whose lines somebody may have chosen: never more than four masks. */
export function maskP12File(bytes: Buffer, password: string): void {
  if (isSecretInside(bytes, password)) maskInOnePiece(bytes)
  else maskP12(bytes, password)
}

function maskInOnePiece(secret: Buffer): void {
  send(maskable([secret.toString('base64'), secret.toString('base64url'), ...inHex(secret)], SHORTEST_PART))
}

/** Masks a private key: every line of its PEM, and what is inside. */
export function maskPrivateKey(pem: string): void {
  const body = pem.replace(PEM_ARMOUR, '').trim()
  const der = Buffer.from(body, 'base64')
  const widths = der.length <= SHORT_KEY ? WIDTHS : WIDTHS.slice(0, 1)
  const lines = [body, ...widths.flatMap(width => linesOf(der.toString('base64'), width))]
  const whole = [der.toString('base64url'), ...inHex(der), unpadded(pem.trimEnd())]
  send(maskable([...lines, ...whole], SHORTEST_PART))
}

/**
 * Line by line, because the runner masks each line of a value as well, however short: a lone `=` or `}` would then
 * vanish from the whole log. Trimmed, because it compares exactly, and a stray space would unmask the rest.
 */
function maskable(values: string[], shortest: number): string[] {
  const lines = values.flatMap(value => value.split(/[\r\n]+/)).map(line => line.trim())
  return lines.filter(line => isMaskable(line, shortest))
}

/** In one write, which `setSecret` of @actions/core cannot: a key has dozens of lines. */
function send(values: string[]): void {
  if (values.length > 0) process.stdout.write([...new Set(values)].map(addMask).join(''))
}

function addMask(line: string): string {
  return `::add-mask::${line.replaceAll('%', '%25')}${EOL}`
}

function isMaskable(text: string, shortest: number): boolean {
  return text.length >= shortest && !ORDINARY.test(text)
}
