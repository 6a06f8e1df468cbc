// Searches everything that a step shows or leaves behind for everything that nobody may read, in every form that
// tools write. The forms are made here, without src/action/masks.ts, which must not check itself.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import forge from 'node-forge'
import type { StepResult } from './runner.ts'
import { RunnerMasker } from './runner-masker.ts'
import { SYSTEM } from './system.ts'
import { type Printed, printedKey, printedP12, printedText, readable } from './tool-output.ts'

/** Inputs that contain a secret, and where else the action is meant to pass it to later steps. */
const SECRET_INPUTS = ['api-key', 'p12', 'p12-password', 'github-token']
const SECRET_OUTPUTS = ['p12-password', 'p12']
const SECRET_VARIABLES = ['SM_CLIENT_CERT_PASSWORD', 'SM_API_KEY']
/** What the main step leaves only for its own post step, when that has something to disable. */
const SECRET_STATE = ['api-key']
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']
/** A shorter part of a secret reveals nothing, and appears by chance. */
const SHORTEST_PART = 12
const SHORTEST_SECRET = 4

export interface Given {
  inputs: Record<string, string>
  /** What the step got besides the runner's variables. */
  env?: Record<string, string | undefined>
  /** The runner's temporary directory, whose files are searched too. */
  temp?: string
  /** P12s that the step made and put somewhere other than a file. */
  p12s?: Buffer[]
}

export interface Secret {
  name: string
  /** As tools write it, one of: */
  forms: Form[]
}

interface Form {
  name: string
  text: string
  /** `base64` and `hex` are looked for in any alphabet, case and wrapping. */
  kind: 'text' | 'base64' | 'hex' | 'bytes'
}

/** @throws Error that names the place, the secret and its form */
export function expectNothingSecret(result: StepResult, given: Given): void {
  const secrets = secretsOf(result, given)
  const shown = Object.entries(placesOf(result))
  for (const [place, text] of shown) search(place, text, secrets)
  const masks = { name: 'what was masked', forms: result.masks.flatMap(mask => textForm('itself', mask)) }
  // The password's own place is an output; its masks are short enough to appear by chance, and are searched for above.
  for (const [place, text] of shown)
    search(place, text, [{ ...masks, forms: atLeast(masks.forms, SHORTEST_PART) }])
  for (const [file, bytes] of filesOf(given.temp)) search(`file ${file}`, bytes, allowedIn(file, secrets))
}

/** What people can read. The raw log counts as well: what is never printed need not be masked. */
function placesOf(result: StepResult): Record<string, string> {
  const outputs = Object.entries(result.outputs).filter(([name]) => !SECRET_OUTPUTS.includes(name))
  const variables = Object.entries(result.env).filter(([name]) => !SECRET_VARIABLES.includes(name))
  const issuing = result.state.mode === 'issue'
  const state = Object.entries(result.state).filter(
    ([name]) => !/^ca-certificates-\d+$/.test(name) && !(issuing && SECRET_STATE.includes(name)),
  )
  return {
    log: result.log,
    'raw log': result.raw
      .split('\n')
      .filter(line => !line.startsWith('::add-mask::'))
      .join('\n'),
    summary: result.summary,
    annotations: linesOf(result.annotations.map(({ title, message }) => [title, message])),
    state: linesOf(state),
    outputs: linesOf(outputs),
    environment: linesOf(variables),
    path: result.path.join('\n'),
  }
}

const linesOf = (pairs: string[][]): string => pairs.map(pair => pair.join('=')).join('\n')

function filesOf(temp: string | undefined): [string, string][] {
  if (temp === undefined) return []
  return readdirSync(temp, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => {
      const bytes = readIfThere(join(parentPath, name)) ?? Buffer.alloc(0)
      return [name, `${bytes.toString('utf8')}\n${bytes.toString('latin1')}`]
    })
}

/**
 * The P12 is in its own file, and the key where `write-key` puts it: in these, and nowhere else. A part of a P12 may
 * be a certificate, which has its file.
 */
function allowedIn(file: string, secrets: Secret[]): Secret[] {
  const own: Record<string, RegExp> = { 'client.p12': /^(the P12|p12)/, 'client.key': /^the key of/ }
  return secrets
    .filter(({ name }) => !own[file]?.test(name))
    .map(({ name, forms }) => ({
      name,
      forms: atLeast(forms, SHORTEST_PART).filter(form => !/^the P12.*: bytes/.test(`${name}: ${form.name}`)),
    }))
}

function search(place: string, text: string, secrets: Secret[]): void {
  const views = viewsOf(text)
  for (const { name, forms } of secrets) {
    for (const form of forms) {
      const view = views[form.kind].find(candidate => candidate.includes(form.text))
      if (view !== undefined)
        throw new Error(`${place} shows ${name} (${form.name}): ${excerpt(view, form.text)}`)
    }
  }
}

/** The text as is, decoded (workflow commands, entities), and without what wraps or separates encodings. */
function viewsOf(text: string): Record<Form['kind'], string[]> {
  const meant = text
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
    .replace(/%0D|%0A|%25/gi, code => decodeURIComponent(code))
  const joined = meant.replace(/\s|\\[rn]/g, '')
  return {
    text: [text, meant],
    base64: [joined.replaceAll('-', '+').replaceAll('_', '/')],
    hex: [joined.toLowerCase().replaceAll(':', '')],
    bytes: [text],
  }
}

/** Every secret that the step was given or made, each in all its forms. */
export function secretsOf(result: StepResult, { inputs, env = {}, p12s = [] }: Given): Secret[] {
  const password = result.outputs['p12-password'] ?? ''
  const given = inputs['p12-password'] ?? ''
  const files = [result.outputs['p12-file'], inputs['p12-file']].map(path => readIfThere(path ?? ''))
  const made = [...p12s, ...files].filter(bytes => bytes !== undefined)
  return [
    ...SECRET_INPUTS.map(name => secretText(name, inputs[name] ?? '')),
    secretText('the password', password),
    ...PROXIES.flatMap(name => proxySecrets(env[name] ?? '')),
    ...made.flatMap(bytes => p12Secrets('the P12', bytes, [password, given])),
    ...p12Secrets('the P12 in p12', Buffer.from(inputs.p12 ?? '', 'base64'), [given]),
  ]
}

function proxySecrets(proxy: string): Secret[] {
  if (!URL.canParse(proxy)) return []
  const { username, password } = new URL(proxy)
  const plain = decodedURI(password)
  return [
    secretText('the password of the proxy', password),
    secretText('the password of the proxy, decoded', plain),
    secretText('the credentials of the proxy', plain === '' ? '' : `${decodedURI(username)}:${plain}`),
  ]
}

function decodedURI(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function secretText(name: string, secret: string): Secret {
  const text = secret.trim()
  if (text.length < SHORTEST_SECRET) return { name, forms: [] }
  const lines = text.replace(/-----[^-]+-----/g, '').split(/\s+/)
  const forms = [
    ...textForm('itself', text),
    ...textForm('URL component', encodeURIComponent(text)),
    ...textForm('URL form', new URLSearchParams([['', text]]).toString().slice(1)),
    ...textForm('JSON', JSON.stringify(text).slice(1, -1)),
    ...textForm(
      'HTML',
      text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`),
    ),
    ...lines.flatMap(line => atLeast(textForm('a line', line), SHORTEST_PART)),
    ...encoded('UTF-8', Buffer.from(text)),
    ...encoded('UTF-16', Buffer.from(text, 'utf16le')),
  ]
  return { name, forms }
}

function p12Secrets(name: string, bytes: Buffer, passwords: string[]): Secret[] {
  if (bytes.length < 100) return []
  const keys = passwords.map(password => readKey(bytes, password)).filter(key => key !== undefined)
  const p12 = { name, forms: [...encoded('whole', bytes), ...parts(bytes)] }
  return [p12, ...keys.slice(0, 1).map(key => secretKey(`the key of ${name}`, key))]
}

/** PKCS#8, PKCS#1 or SEC 1, and every number that is private. Not the modulus: certificates contain it, too. */
export function secretKey(name: string, key: KeyObject): Secret {
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const jwk = key.export({ format: 'jwk' }) as Record<string, string>
  const own = { rsa: 'pkcs1' as const, ec: 'sec1' as const }[String(key.asymmetricKeyType)]
  const numbers = ['d', 'p', 'q', 'dp', 'dq', 'qi'].flatMap(parameter => {
    const bytes = Buffer.from(jwk[parameter] ?? '', 'base64url')
    if (bytes.length === 0) return []
    const raw: Form = { name: `${parameter} as it is`, text: bytes.toString('latin1'), kind: 'bytes' }
    return [...encoded(parameter, bytes), ...parts(bytes), raw]
  })
  const forms = [
    ...textForm('PEM', pem),
    ...textForm('PEM in JSON', JSON.stringify(pem).slice(1, -1)),
    ...encoded('PEM', Buffer.from(pem)),
    ...encoded('PKCS#8', key.export({ type: 'pkcs8', format: 'der' })),
    ...(own === undefined ? [] : encoded(own, key.export({ type: own as 'pkcs1', format: 'der' }))),
    ...numbers,
  ]
  return { name, forms }
}

const textForm = (name: string, text: string): Form[] => (text === '' ? [] : [{ name, text, kind: 'text' }])
const atLeast = (forms: Form[], length: number): Form[] => forms.filter(({ text }) => text.length >= length)

/** Base64 at each of the three offsets that bytes can have in a longer text (`user:secret`, JSON), and hex. */
function encoded(name: string, bytes: Buffer): Form[] {
  const base64 = [0, 1, 2].map(offset => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // The first and the last character also contain bits of the neighbors.
    const text = shifted.slice(
      offset === 0 ? 0 : offset + 1,
      (bytes.length + offset) % 3 === 0 ? undefined : -1,
    )
    return { name: `${name}, base64 at ${offset}`, text, kind: 'base64' as const }
  })
  return atLeast(
    [...base64, { name: `${name}, hex`, text: bytes.toString('hex'), kind: 'hex' }],
    SHORTEST_PART,
  )
}

/** Any 24 bytes in a row, as base64 or hex: a line out of something longer. */
function parts(bytes: Buffer): Form[] {
  const forms: Form[] = []
  for (let at = 0; at + 24 <= bytes.length; at += 24) {
    const part = bytes.subarray(at, at + 24)
    if (new Set(part).size > 12) forms.push(...encoded(`bytes from ${at}`, part))
  }
  return forms
}

const keys = new Map<string, KeyObject | undefined>()

/** Without the action's own reader. */
export function readKey(p12: Buffer, password: string): KeyObject | undefined {
  const known = `${p12.toString('base64')} ${password}`
  if (!keys.has(known)) keys.set(known, openKey(p12, password))
  return keys.get(known)
}

/** The OID of a pkcs8ShroudedKeyBag (RFC 7292 §4.2.2), in DER. */
const SHROUDED_KEY_BAG = Buffer.from('060b2a864886f70d010c0a0102', 'hex')

/**
 * OpenSSL derives in native code: node-forge takes seconds for the 600,000 iterations that some programs write. It is only
 * used where no such bag is visible, or one with a cipher that OpenSSL no longer has.
 */
function openKey(p12: Buffer, password: string): KeyObject | undefined {
  const at = p12.indexOf(SHROUDED_KEY_BAG)
  if (at < 0) return openWithForge(p12, password)
  try {
    const key = contentOf(p12.subarray(at + SHROUDED_KEY_BAG.length))
    return createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase: password })
  } catch (error) {
    const wrongPassword = (error as NodeJS.ErrnoException).code === 'ERR_OSSL_BAD_DECRYPT'
    return wrongPassword ? undefined : openWithForge(p12, password)
  }
}

/** What is in the explicit tag at the start of these bytes. */
function contentOf(der: Buffer): Buffer {
  const length = der[1] ?? 0
  return der.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f))
}

/** It does not support EC keys. */
function openWithForge(p12: Buffer, password: string): KeyObject | undefined {
  try {
    const pfx = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(p12.toString('latin1')), password)
    const type = forge.pki.oids.pkcs8ShroudedKeyBag as string
    const key = pfx.getBags({ bagType: type })[type]?.[0]?.key
    return key == null ? undefined : createPrivateKey(forge.pki.privateKeyToPem(key))
  } catch {
    return undefined
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return path === '' ? undefined : readFileSync(SYSTEM.locate(path))
  } catch {
    return undefined
  }
}

/**
 * Whatever a later step of the job prints of the secrets, in the forms that tools use, the runner's masks hide it.
 * Called after a main step, when the job's masker knows its masks.
 */
export function expectHiddenLater(
  result: StepResult,
  { inputs, p12s = [] }: Given,
  masker: RunnerMasker,
): void {
  // A step that was stopped before it printed anything did not get to mask either.
  if (result.raw === '') return
  const password = result.outputs['p12-password'] ?? ''
  const texts: [string, string][] = TEXT_INPUTS.map(name => [
    name,
    isMasked(name, result) ? (inputs[name] ?? '') : '',
  ])
  // A step cannot mask what it could not open, or did not get to open.
  const stored = result.exitCode === 0 ? p12s : []
  const p12 = [readIfThere(result.outputs['p12-file'] ?? ''), ...stored].filter(bytes => bytes !== undefined)
  const keys = p12.map(bytes => readKey(bytes, password || (inputs['p12-password'] ?? '')))
  const printed: [string, Printed[]][] = [
    ...texts.map(([name, text]): [string, Printed[]] => [name, printedLine(text)]),
    ['the password', isMasked('p12-password', result) ? printedLine(password) : []],
    ['the P12', p12.flatMap(printedP12)],
    ['the private key', keys.flatMap(key => (key === undefined ? [] : printedKey(key)))],
  ]
  for (const [name, forms] of printed) {
    const [shown] = readable(forms, masker)
    if (shown !== undefined)
      throw new Error(`a later step shows ${name} (${shown.how}): ${JSON.stringify(shown.parts)}`)
  }
}

/** Secret inputs of one line, as users should have them. */
const TEXT_INPUTS = ['api-key', 'p12-password', 'github-token']

/** What can be masked at all: the step warns about anything else. */
function isMasked(input: string, { annotations }: StepResult): boolean {
  return !annotations.some(({ message }) => message.startsWith(`'${input}' is too short`))
}

function printedLine(text: string): Printed[] {
  const line = text.trim()
  return line === '' || /[\r\n]/.test(line) ? [] : printedText(line.toWellFormed())
}

/**
 * A step masks its secret inputs before it prints anything else: whatever happens next cannot show them. Nor is any
 * mask, or a line of one (the runner masks each), so short that it hides ordinary words.
 */
export function expectMaskedFirst({ raw, masks }: StepResult, { inputs, env = {} }: Given): void {
  const lines = raw.split('\n')
  const end = lines.findIndex(line => !line.startsWith('::add-mask::'))
  const said = lines.slice(end).some(line => line !== '')
  const first = new RunnerMasker()
  for (const mask of masks.slice(0, end)) first.addMask(mask)
  const proxies = PROXIES.flatMap(name => proxySecrets(env[name] ?? '')).flatMap(({ forms }) =>
    forms.slice(0, 1),
  )
  const given = SECRET_INPUTS.flatMap(name => linesGiven(name, inputs[name] ?? ''))
  const wanted = [
    ...given.map(text => text.trim()).filter(text => text.length >= 8),
    ...proxies.map(({ text }) => text),
  ]
  const missing = wanted.filter(text => first.mask(text) !== '***')
  if (said && missing.length > 0)
    throw new Error(`${missing.length} secret input(s) not masked before: ${lines[end]}`)
  const short = masks
    .flatMap(mask => mask.split(/[\r\n]/))
    .filter(line => line.trim().length < SHORTEST_SECRET)
  if (short.length > 0) throw new Error(`masks that hide ordinary words: ${JSON.stringify(short)}`)
}

/** A P12 counts as one line: the wrapping of its base64 is not secret. Of PEM, what is inside the blocks. */
function linesGiven(input: string, text: string): string[] {
  if (input === 'p12' && /^MI[A-Za-z0-9+/=\s]+$/.test(text)) return [text.replace(/\s/g, '')]
  return text.replace(/-----[^-]+-----/g, '').split(/[\r\n]+/)
}

function excerpt(text: string, form: string): string {
  const at = text.indexOf(form)
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))
}
