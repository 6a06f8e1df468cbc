/** CA certificates in every form in which CAs, browsers and tools provide them. */
import type { X509Certificate } from 'node:crypto'
import { type Asn1, child, children, isContext, oid, readDer, readPrefix, toDer } from './der.ts'
import { KeyRefused } from './key-limits.ts'
import { readCertificate } from './pem.ts'

/** What was found in place of CA certificates, to complete a sentence, and how to convert it. */
export class NoBundle extends Error {
  override readonly name = 'NoBundle'
  readonly fix: string

  constructor(problem: string, fix = GIVE, cause?: unknown) {
    super(problem, { cause })
    this.fix = fix
  }
}

const GIVE =
  'Provide the CA certificates as PEM text (-----BEGIN CERTIFICATE----- …), as base64 of such a file, or as a path to it.'

/** Base64 of base64: more than that is no accident. */
const MAX_LAYERS = 2

/**
 * The CA certificates of a text: PEM of any kind, or base64 of a file that `readBundle` reads.
 * @throws NoBundle, KeyRefused
 */
export function readBundleText(text: string): X509Certificate[] {
  return fromText(text, 0)
}

/**
 * The CA certificates of a file: DER, PKCS#7, or text in UTF-8 or UTF-16.
 * @throws NoBundle, KeyRefused
 */
export function readBundle(bytes: Buffer): X509Certificate[] {
  return fromBytes(bytes, 0)
}

/** Whether a text is content and not a path to it, even if the content is wrong. */
export function isBundleText(text: string): boolean {
  if (text.includes('-----BEGIN') || /[\r\n]/.test(text.trim())) return true
  const bytes = base64In(unwrap(text))
  return bytes !== undefined && (bytes[0] === SEQUENCE || isBundleText(asText(bytes) ?? ''))
}

function fromText(text: string, layer: number): X509Certificate[] {
  const content = unwrap(text)
  if (content.includes('-----BEGIN')) return fromPem(content)
  const bytes = layer < MAX_LAYERS ? base64In(content) : undefined
  if (bytes === undefined) throw new NoBundle('contains no certificate')
  return fromBytes(bytes, layer + 1)
}

function fromBytes(bytes: Buffer, layer: number): X509Certificate[] {
  if (bytes[0] === SEQUENCE) return fromDer(bytes)
  const text = asText(bytes)
  if (text !== undefined) return fromText(text, layer)
  throw new NoBundle('contains bytes that are not a certificate')
}

/** Removes what editors, YAML, shells and JSON put around or into the text. */
function unwrap(text: string): string {
  return text
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
    .trim()
    .replace(/^(["'`])(.*)\1$/s, '$2')
    .replace(/(?:\\+r)?\\+n|\\+r/g, '\n')
    .trim()
}

/** Far shorter than any certificate, but long enough that no name is mistaken for one. */
const SHORTEST_BASE64 = 100

/** Each text of several is padded by itself, and Node stops reading at the first padding. */
function base64In(text: string): Buffer | undefined {
  const digits = text.replace(/^data:[^,]*,/i, '').replace(/\s/g, '')
  if (digits.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_=-]+$/.test(digits)) return undefined
  return Buffer.concat(digits.split(/(?<==)(?!=)/).map(part => Buffer.from(part, 'base64')))
}

/** UTF-8, or UTF-16 in either order, as PowerShell and Notepad write it. */
function asText(bytes: Buffer): string | undefined {
  const text = decode(bytes)
  return /[^\P{Cc}\t\n\v\f\r]|\ufffd/u.test(text) ? undefined : text
}

function decode(bytes: Buffer): string {
  const even = bytes.subarray(0, bytes.length & ~1)
  if ((bytes[0] === 0xfe && bytes[1] === 0xff) || bytes[0] === 0)
    return Buffer.from(even).swap16().toString('utf16le')
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || bytes[1] === 0) return even.toString('utf16le')
  return bytes.toString('utf8')
}

// --- PEM -------------------------------------------------------------------------------------------------------

const BEGIN = /-----BEGIN ([A-Z0-9 #]+)-----/g

/** What is not a certificate, such as a revocation list, is skipped; a private key does not belong here. */
function fromPem(text: string): X509Certificate[] {
  const blocks = [...text.matchAll(BEGIN)].map(({ 0: line, 1: label = '', index }) => ({
    label,
    start: index + line.length,
  }))
  if (blocks.some(({ label }) => label.includes('PRIVATE KEY'))) throw privateKey()
  const found = blocks.flatMap(({ label, start }) => {
    const read = READERS[label]
    return read === undefined ? [] : read(base64Of(text, label, start))
  })
  if (found.length === 0) throw otherPem(blocks.map(({ label }) => label).join())
  return found
}

function base64Of(text: string, label: string, start: number): Buffer {
  const end = text.indexOf(`-----END ${label}-----`, start)
  const body = text.slice(start, end).replace(/\s/g, '')
  if (end < 0 || !/^[A-Za-z0-9+/]+=*$/.test(body)) throw unreadable()
  return Buffer.from(body, 'base64')
}

const READERS: Record<string, (der: Buffer) => X509Certificate[]> = {
  CERTIFICATE: der => [certificate(der)],
  'X509 CERTIFICATE': der => [certificate(der)],
  'TRUSTED CERTIFICATE': der => [trustedCertificate(der)],
  PKCS7: fromPkcs7,
  'PKCS #7 SIGNED DATA': fromPkcs7,
  CMS: fromPkcs7,
}

function privateKey(): NoBundle {
  return new NoBundle(
    'contains a private key, which is not needed to trust a server',
    'Provide the CA certificates alone: openssl x509 -in file.pem -out ca.pem writes the first certificate of a PEM file. Keep the key secret, and replace it if others could read it here.',
  )
}

function otherPem(labels: string): NoBundle {
  if (labels.includes('REQUEST'))
    return new NoBundle('contains a certificate signing request in place of a CA certificate')
  if (labels.includes('PUBLIC KEY')) return new NoBundle('contains a public key in place of a CA certificate')
  return new NoBundle('contains PEM text, but no certificate')
}

// --- DER -------------------------------------------------------------------------------------------------------

const SEQUENCE = 0x30

/** One certificate, or several, one after the other; or PKCS#7. */
function fromDer(bytes: Buffer): X509Certificate[] {
  const kind = parsed(bytes)
  if (isPkcs7(kind)) return fromPkcs7(bytes)
  if (startsWithInteger(kind)) throw keyFile(kind)
  const certificates: X509Certificate[] = []
  for (let rest = bytes; rest[0] === SEQUENCE; ) {
    const length = lengthOf(rest)
    certificates.push(certificate(rest.subarray(0, length)))
    rest = rest.subarray(length)
  }
  return certificates
}

const INTEGER = 0x02
const OID = 0x06

function startsWithInteger({ value }: Asn1): boolean {
  return Array.isArray(value) && value[0]?.tag === INTEGER
}

/** SEQUENCE { INTEGER 3: a P12; 0 or 1: a private key. */
function keyFile(kind: Asn1): NoBundle {
  const version = child(kind, 0).value
  if (Array.isArray(version) || version[0] !== 3) return privateKey()
  return new NoBundle(
    'is a P12 in place of CA certificates',
    'Write its CA certificates to a file: openssl pkcs12 -in file.p12 -cacerts -nokeys -out ca.pem',
  )
}

function parsed(der: Buffer): Asn1 {
  try {
    return readDer(der)
  } catch (cause) {
    throw unreadable(cause)
  }
}

function lengthOf(der: Buffer): number {
  try {
    return readPrefix(der).length
  } catch (cause) {
    throw unreadable(cause)
  }
}

function certificate(der: Buffer): X509Certificate {
  try {
    return readCertificate(der)
  } catch (cause) {
    throw cause instanceof KeyRefused ? cause : unreadable(cause)
  }
}

function unreadable(cause?: unknown): NoBundle {
  return new NoBundle(
    'contains a certificate that cannot be read',
    'Export the CA certificate again as PEM (base64 X.509).',
    cause,
  )
}

// --- PKCS#7 (RFC 2315 §9.1) --------------------------------------------------------------------------------------

const SIGNED_DATA = '1.2.840.113549.1.7.2'

function isPkcs7({ value }: Asn1): boolean {
  return Array.isArray(value) && value[0]?.tag === OID
}

/** ContentInfo { contentType, [0] SignedData { version, digestAlgorithms, contentInfo, certificates [0], … } } */
function fromPkcs7(der: Buffer): X509Certificate[] {
  const found = certificatesOf(parsed(der))
  if (found.length === 0) {
    throw new NoBundle(
      'is a PKCS#7 file without certificates',
      'Export the CA certificates again; openssl pkcs7 -inform der -print_certs -in ca.p7b shows what a file contains.',
    )
  }
  return found.map(found => certificate(toDer(found)))
}

function certificatesOf(contentInfo: Asn1): Asn1[] {
  try {
    if (oid(child(contentInfo, 0)) !== SIGNED_DATA) return []
    const [, , , ...rest] = children(child(child(contentInfo, 1), 0))
    const set = rest.find(node => isContext(node, 0))
    // Of the choices only a certificate is a SEQUENCE without a tag of its own.
    return set === undefined ? [] : children(set).filter(({ tag }) => tag === SEQUENCE)
  } catch (cause) {
    throw unreadable(cause)
  }
}

// --- OpenSSL's TRUSTED CERTIFICATE ---------------------------------------------------------------------------------

/** serverAuth, and any purpose: as an extended key usage (RFC 5280 §4.2.1.12). */
const FOR_SERVERS = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0']

/** A certificate and, after it, what `openssl x509 -addtrust` and `-addreject` have noted: SEQUENCE { trust, reject [0], … }. */
function trustedCertificate(der: Buffer): X509Certificate {
  const length = lengthOf(der)
  const notes = der.subarray(length)
  if (notes.length > 0 && !isTrustedForServers(parsed(notes))) {
    throw new NoBundle(
      'contains a TRUSTED CERTIFICATE whose own settings say that it must not be trusted for servers',
      'If this CA is to be trusted, write it without these settings: openssl x509 -in ca.pem -out plain.pem',
    )
  }
  return certificate(der.subarray(0, length))
}

function isTrustedForServers(notes: Asn1): boolean {
  const named = (list: Asn1 | undefined) => (list === undefined ? [] : children(list).map(oid))
  const has = (list: string[]) => FOR_SERVERS.some(purpose => list.includes(purpose))
  const trust = children(notes).find(({ tag }) => tag === SEQUENCE)
  const reject = children(notes).find(node => isContext(node, 0))
  return !has(named(reject)) && (trust === undefined || has(named(trust)))
}
