// Searches everything that a step shows to people for everything that nobody may read.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import forge from 'node-forge'
import type { StepResult } from './runner.ts'

/** Inputs that hold a secret, and where else the action is meant to hand it to later steps. */
const SECRET_INPUTS = ['api-key', 'p12', 'p12-password']
const SECRET_OUTPUTS = ['p12-password']
const SECRET_VARIABLES = ['SM_CLIENT_CERT_PASSWORD', 'SM_API_KEY']
/** A part of a secret that is shorter says nothing, and turns up by chance. */
const SHORTEST_PART = 12

export function expectNothingSecret(result: StepResult, inputs: Record<string, string>): void {
  const secrets = secretsOf(result, inputs)
  for (const [place, text] of Object.entries(placesOf(result))) {
    for (const [name, form] of secrets) {
      if (text.includes(form)) throw new Error(`${place} shows ${name}: ${excerpt(text, form)}`)
    }
  }
}

/** What people can read. The raw log counts as well: what is never printed need not be masked. */
function placesOf(result: StepResult): Record<string, string> {
  const outputs = Object.entries(result.outputs).filter(([name]) => !SECRET_OUTPUTS.includes(name))
  const variables = Object.entries(result.env).filter(([name]) => !SECRET_VARIABLES.includes(name))
  return {
    log: result.log,
    'raw log': result.raw
      .split('\n')
      .filter(line => !line.startsWith('::add-mask::'))
      .join('\n'),
    summary: result.summary,
    annotations: JSON.stringify(result.annotations),
    state: JSON.stringify(result.state),
    outputs: JSON.stringify(outputs),
    environment: JSON.stringify(variables),
  }
}

function secretsOf(result: StepResult, inputs: Record<string, string>): [string, string][] {
  const texts = SECRET_INPUTS.flatMap(name => formsOfText(name, inputs[name] ?? ''))
  const password = result.outputs['p12-password'] ?? ''
  return [...texts, ...formsOfText('the password', password), ...formsOfP12(result, password)]
}

function formsOfText(name: string, secret: string): [string, string][] {
  const text = secret.trim()
  if (text.length < 4) return []
  const bytes = Buffer.from(text)
  // The armour around base64 is no secret, and is the same around public certificates.
  const lines = text
    .replace(/-----[^-]+-----/g, '')
    .split(/\s+/)
    .filter(line => line.length >= SHORTEST_PART)
  const forms = {
    itself: text,
    base64: bytes.toString('base64'),
    base64url: bytes.toString('base64url'),
    hex: bytes.toString('hex'),
    URL: encodeURIComponent(text),
    JSON: JSON.stringify(text).slice(1, -1),
  }
  return [
    ...Object.entries(forms).map(([form, value]): [string, string] => [`${name} (${form})`, value]),
    ...lines.map((line): [string, string] => [`a line of ${name}`, line]),
  ]
}

/** The file that the step wrote, and the key in it. */
function formsOfP12(result: StepResult, password: string): [string, string][] {
  const path = result.outputs['p12-file'] ?? ''
  const bytes = path === '' ? undefined : readIfThere(path)
  if (bytes === undefined) return []
  return [...formsOfBytes('the P12', bytes), ...formsOfKey(readKey(bytes, password))]
}

function formsOfKey(key: KeyObject | undefined): [string, string][] {
  if (key === undefined) return []
  const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const lines = pem.split('\n').filter(line => line.length >= SHORTEST_PART && !line.startsWith('-----'))
  const { d = '' } = key.export({ format: 'jwk' })
  return [
    ...formsOfBytes('the key', key.export({ type: 'pkcs8', format: 'der' })),
    ...lines.map((line): [string, string] => ['a line of the key', line]),
    ['the JWK of the key', d],
  ]
}

function formsOfBytes(name: string, bytes: Buffer): [string, string][] {
  const base64 = bytes.toString('base64')
  const lines = [64, 76].flatMap(width => base64.match(new RegExp(`.{${width}}`, 'g')) ?? [])
  return [
    [`${name} (base64)`, base64],
    [`${name} (base64url)`, bytes.toString('base64url')],
    [`${name} (hex)`, bytes.toString('hex')],
    ...lines.map((line): [string, string] => [`a line of ${name}`, line]),
  ]
}

/** By another library than the action's own reader; an EC key is beyond it. */
export function readKey(p12: Buffer, password: string): KeyObject | undefined {
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
    return readFileSync(path)
  } catch {
    return undefined
  }
}

/** The main step masks its secret inputs before it prints anything else: whatever happens next cannot show them. */
export function expectMaskedFirst({ raw }: StepResult, inputs: Record<string, string>): void {
  const lines = raw.split('\n')
  const end = lines.findIndex(line => !line.startsWith('::add-mask::'))
  const said = lines.slice(end).some(line => line !== '')
  const masked = lines.slice(0, end).map(line => decodeURIComponent(line.slice('::add-mask::'.length)))
  const given = [inputs['api-key'] ?? '', inputs['p12-password'] ?? ''].map(text => text.trim())
  const missing = given.filter(text => text.length >= 4 && !masked.includes(text))
  if (said && missing.length > 0)
    throw new Error(`${missing.length} secret input(s) not masked before: ${lines[end]}`)
}

function excerpt(text: string, form: string): string {
  const at = text.indexOf(form)
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))
}
