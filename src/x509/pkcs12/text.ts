/** The P12 as users store it: base64 in one of its many shapes, or a file of bytes or of such text. */

import { readPrefix } from '../der.ts'
import { withoutTrailing } from '../trailing.ts'
import { checkFileSize } from './limits.ts'
import {
  cutBase64,
  emptyFile,
  notAP12,
  notBase64,
  recognizeBytes,
  recognizePem,
  recognizeText,
} from './mistakes.ts'
import { looksLikePfx } from './sealed.ts'

/** Base64 of base64 of base64: more than that is no accident. */
const MAX_LAYERS = 3

/** The armor of `certutil -encode` (which calls a P12 a certificate) and of GnuTLS ("PKCS12"). */
const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/
const BEGINS = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g

/** The bytes of a P12 that is given as text. Throws P12_ENCODING, which names the usual mistake when it sees one. */
export function readP12Text(text: string): Buffer {
  return fromText(text, 1)
}

/** The same for the content of a file, which is the P12 itself or a text that encodes it. */
export function readP12Bytes(bytes: Buffer): Buffer {
  checkTextSize(bytes.length)
  if (bytes.toString('latin1').trim() === '') throw emptyFile()
  return fromBytes(bytes, 0)
}

function fromText(text: string, layer: number): Buffer {
  checkTextSize(text.length)
  const content = unwrap(text)
  const armour = findArmour(content)
  if (armour !== undefined) return fromArmour(armour, content)
  const mistake = recognizeText(content)
  if (mistake !== undefined) throw mistake
  return fromBytes(decodeBase64(content), layer)
}

interface Armour {
  label: string
  body: string
}

function findArmour(text: string): Armour | undefined {
  const begin = BEGIN.exec(text)
  if (begin === null) return undefined
  const [line, label = ''] = begin
  const start = begin.index + line.length
  const end = text.indexOf(`-----END ${label}-----`, start)
  return end < 0 ? undefined : { label, body: text.slice(start, end) }
}

function fromArmour({ label, body }: Armour, text: string): Buffer {
  // Other PEM has headers, which are not base64: its label says what it is.
  if (!body.includes(':')) {
    const bytes = decodeBase64(body)
    if (looksLikePfx(bytes)) return bytes
  }
  const labels = [...text.matchAll(BEGINS)].map(([, other = '']) => other)
  throw recognizePem(label, labels)
}

function fromBytes(bytes: Buffer, layer: number): Buffer {
  if (looksLikePfx(bytes)) return bytes
  const text = asText(bytes)
  if (text !== undefined && layer < MAX_LAYERS) return fromText(text, layer + 1)
  const mistake = recognizeBytes(bytes)
  if (mistake !== undefined) throw mistake
  // It is DER anyway: the decoder can say what is wrong with it.
  if (bytes[0] === 0x30) return bytes
  throw notAP12()
}

/** Several layers of base64 take up to four times the bytes that they stand for. */
function checkTextSize(length: number): void {
  checkFileSize(length / 4)
}

/** Removes what editors, shells, JSON and web pages put around or into the text. */
function unwrap(text: string): string {
  return text
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
    .trim()
    .replace(/^(["'`])(.*)\1$/s, '$2')
    .trim()
    .replace(/^data:[^,]*,/i, '')
    .trim()
}

/**
 * Both alphabets of RFC 4648, with or without padding and line breaks, also those that JSON wrote as "\n". Where white
 * space does not explain itself as line breaks, a form may have been sent, in which a space stands for a plus.
 */
function decodeBase64(text: string): Buffer {
  const lines = text.replace(/%(?:2b|2f|3d|0a|0d)/gi, decodeURIComponent).replace(/[^\S ]|\\[rn]/g, '')
  const plain = () => decodeParts(lines.replaceAll(' ', ''))
  if (!lines.includes(' ')) return plain()
  for (const decode of [plain, () => decodeParts(lines.replaceAll(' ', '+'))]) {
    const bytes = attempt(decode)
    if (bytes !== undefined && looksLikePfx(bytes) && isWhole(bytes)) return bytes
  }
  return plain()
}

/** Several texts one after the other, each padded by itself: a secret that was too long for one piece. */
function decodeParts(digits: string): Buffer {
  return Buffer.concat(digits.split(/(?<==)(?!=)/).map(decodePart))
}

function decodePart(text: string): Buffer {
  const digits = withoutTrailing(text, '=')
  if (!/^[A-Za-z0-9+/_-]*$/.test(digits)) throw notBase64()
  if (digits.length % 4 === 1) throw cutBase64()
  return Buffer.from(digits, 'base64')
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

const isWhole = (bytes: Buffer): boolean => attempt(() => readPrefix(bytes)) !== undefined

/** The text that bytes are: UTF-8, or ASCII in UTF-16 as PowerShell's ">" writes it. */
function asText(bytes: Buffer): string | undefined {
  const text = bytes.includes(0) ? bytes.toString('utf16le') : bytes.toString('utf8')
  const foreign = bytes.includes(0) ? /[^\ufeff\t\r\n\x20-\x7e]/ : /[^\P{Cc}\t\r\n]|\ufffd/u
  return foreign.test(text) ? undefined : text
}
