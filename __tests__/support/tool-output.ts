// What programs print of a secret when a later step lets them: the runner's masks have to hide it. The forms are made here,
// without src/action/masks.ts, which must not check itself.
import type { KeyObject } from 'node:crypto'
import type { RunnerMasker } from './runner-masker.ts'

export interface Printed {
  how: string
  /** Only the secret in that form: what is around it is not secret. */
  text: string
  /** How many characters in a row reveal something, where these are fewer than {@link TELLING}. */
  least?: number
}

/** Fewer characters in a row than this reveal nothing. */
const TELLING = 8
/** An RSA key as bare base64 of 76 columns would take a hundred values more than its PEM does. */
const SHORT_KEY = 256

/** An API key, a password, a token. */
export function printedText(secret: string): Printed[] {
  const bytes = Buffer.from(secret)
  return [
    { how: 'as it is', text: secret, least: Math.min(TELLING, secret.length) },
    ...(secret.includes("'") ? [] : [{ how: 'in a trace of the shell', text: `'${secret}'` }]),
    { how: 'in JSON', text: JSON.stringify(secret).slice(1, -1) },
    { how: 'in a URL', text: percent(secret, /[A-Za-z0-9._~-]/) },
    { how: 'in a URL, by JavaScript', text: percent(secret, /[A-Za-z0-9._~!'()*-]/) },
    { how: 'in a form', text: percent(secret, /[A-Za-z0-9._* -]/).replaceAll(' ', '+') },
    { how: 'in XML', text: xml(secret) },
    { how: 'in an expression', text: secret.replaceAll("'", "''") },
    { how: 'in base64url', text: bytes.toString('base64url') },
    { how: 'in hex', text: bytes.toString('hex') },
    { how: 'in hex, upper case', text: bytes.toString('hex').toUpperCase() },
    ...['', '\n', '\r\n'].flatMap(end =>
      base64(`${JSON.stringify(end)} after it`, Buffer.from(secret + end)),
    ),
  ]
}

/** The key as `openssl pkcs12 -nodes` and `openssl pkey` print it, and as scripts pass it on. */
export function printedKey(key: KeyObject): Printed[] {
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const der = key.export({ type: 'pkcs8', format: 'der' })
  const body = pem.replace(/-----[^-]+-----\n/g, '')
  const wide = base64('', der).filter(({ how }) => der.length <= SHORT_KEY || !how.includes('76'))
  return [
    { how: 'PEM', text: body },
    { how: 'PEM with CRLF', text: body.replaceAll('\n', '\r\n') },
    { how: 'PEM in JSON', text: JSON.stringify(body).slice(1, -1) },
    { how: 'PEM in base64', text: Buffer.from(pem).toString('base64') },
    {
      how: 'PEM without its last line break, in base64',
      text: Buffer.from(pem.trimEnd()).toString('base64'),
    },
    { how: 'base64url', text: der.toString('base64url') },
    { how: 'hex', text: der.toString('hex') },
    { how: 'hex, upper case', text: der.toString('hex').toUpperCase() },
    ...wide,
  ]
}

/** A P12 whose key is encrypted under a masked password: its lines are not secret. */
export function printedP12(der: Buffer): Printed[] {
  const text = der.toString('base64')
  return [
    { how: 'base64', text },
    { how: 'base64 in JSON', text: JSON.stringify(text).slice(1, -1) },
  ]
}

/** A P12 that everyone can open: up to 12 KiB of it. */
export function printedOpenP12(der: Buffer): Printed[] {
  return [
    ...printedP12(der),
    { how: 'base64url', text: der.toString('base64url') },
    { how: 'hex', text: der.toString('hex') },
    { how: 'hex, upper case', text: der.toString('hex').toUpperCase() },
    ...base64('', der.subarray(0, 12_000)),
  ]
}

/** @returns what can still be read: how it was printed, and the stretches that reveal something */
export function readable(printed: Printed[], masker: RunnerMasker): { how: string; parts: string[] }[] {
  return printed
    .map(form => ({ how: form.how, parts: partsOf(form, masker) }))
    .filter(({ parts }) => parts.length > 0)
}

/** Without the padding of base64, which reveals nothing. */
function partsOf({ text, least = TELLING }: Printed, masker: RunnerMasker): string[] {
  const parts = masker.maskLines(text).split(/\*\*\*|\r?\n|\\[rn]/)
  return parts.map(part => part.replace(/=+$/, '')).filter(part => part.length >= least)
}

function base64(how: string, bytes: Buffer): Printed[] {
  const text = bytes.toString('base64')
  const wrapped = (width: number, end: string) =>
    text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(end) ?? ''
  return [
    { how: `base64 ${how}`, text },
    { how: `base64 in 64 columns ${how}`, text: wrapped(64, '\n') },
    { how: `base64 in 76 columns ${how}`, text: wrapped(76, '\n') },
    { how: `base64 in 76 columns with CRLF ${how}`, text: wrapped(76, '\r\n') },
  ]
}

function percent(text: string, plain: RegExp): string {
  return [...Buffer.from(text)]
    .map(byte => String.fromCharCode(byte))
    .map(byte =>
      plain.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}

function xml(text: string): string {
  const names: Record<string, string> = { '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos', '&': 'amp' }
  return text.replace(/[<>"'&]/g, character => `&${names[character]};`)
}
