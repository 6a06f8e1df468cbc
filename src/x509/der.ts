/** Reading BER and writing DER: node-forge's ASN.1 with Buffers, and with types that fail loudly. */
import asn1, { type Asn1 } from 'node-forge/lib/asn1.js'
import util from 'node-forge/lib/util.js'

export type { Asn1 }

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class
const TYPE = asn1.Type

/** Deeper than any real file; far from the end of the stack. */
const MAX_DEPTH = 48

// --- reading ---------------------------------------------------------------------------------------------------

/** Reads the one value that `bytes` starts with and says how many bytes it takes; what follows is not looked at. */
export function readPrefix(bytes: Buffer): { value: Asn1; length: number } {
  const buffer = util.createBuffer(bytes.toString('latin1'))
  const options = { strict: true, parseAllBytes: false, decodeBitStrings: false, maxDepth: MAX_DEPTH }
  const value = asn1.fromDer(buffer, options)
  return { value, length: bytes.length - buffer.length() }
}

export function readDer(bytes: Buffer): Asn1 {
  return readPrefix(bytes).value
}

/** The values inside a SEQUENCE, SET or explicit tag. */
export function children(node: Asn1): Asn1[] {
  if (!Array.isArray(node.value)) throw new Error('ASN.1: a constructed value was expected')
  return node.value
}

export function child(node: Asn1, index: number): Asn1 {
  const found = children(node)[index]
  if (found === undefined) throw new Error('ASN.1: a value is missing')
  return found
}

export function isSequence(node: Asn1 | undefined): node is Asn1 {
  return node?.tagClass === UNIVERSAL && node.type === TYPE.SEQUENCE && node.constructed
}

export function isInteger(node: Asn1 | undefined): node is Asn1 {
  return node?.tagClass === UNIVERSAL && node.type === TYPE.INTEGER && !node.constructed
}

export function isOctetString(node: Asn1 | undefined): node is Asn1 {
  return node?.tagClass === UNIVERSAL && node.type === TYPE.OCTETSTRING
}

export function isContext(node: Asn1 | undefined, tag: number): node is Asn1 {
  return node?.tagClass === CONTEXT_SPECIFIC && node.type === tag
}

/** The bytes of an OCTET STRING (or an implicitly tagged one), joined when BER has cut them into pieces (X.690 §8.7.3). */
export function octets(node: Asn1): Buffer {
  if (!Array.isArray(node.value)) return Buffer.from(node.value, 'latin1')
  return Buffer.concat(node.value.map(octets))
}

/** Like {@link octets}, for a place where nothing but an OCTET STRING may stand. */
export function octetString(node: Asn1): Buffer {
  if (!isOctetString(node)) throw new Error('ASN.1: an OCTET STRING was expected')
  return octets(node)
}

export function oid(node: Asn1): string {
  if (
    node.tagClass !== UNIVERSAL ||
    node.type !== TYPE.OID ||
    typeof node.value !== 'string' ||
    node.value === ''
  ) {
    throw new Error('ASN.1: an OBJECT IDENTIFIER was expected')
  }
  return asn1.derToOid(node.value)
}

/** A non-negative INTEGER. One beyond 2^53 comes out inexact, which is enough to refuse it. */
export function integer(node: Asn1): number {
  if (!isInteger(node) || typeof node.value !== 'string') throw new Error('ASN.1: an INTEGER was expected')
  const bytes = Buffer.from(node.value, 'latin1')
  if (bytes.length === 0 || bytes.length > 64 || (bytes[0] ?? 0) >= 0x80) {
    throw new Error('ASN.1: an INTEGER is out of range')
  }
  return Number(BigInt(`0x${bytes.toString('hex')}`))
}

/** A BMPString's text; undefined for another type. */
export function bmpText(node: Asn1): string | undefined {
  return node.type === TYPE.BMPSTRING && typeof node.value === 'string' ? node.value : undefined
}

// --- writing ---------------------------------------------------------------------------------------------------

export function toDer(node: Asn1): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), 'latin1')
}

const primitive = (type: number, bytes: Buffer): Asn1 =>
  asn1.create(UNIVERSAL, type, false, bytes.toString('latin1'))

export const sequence = (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, TYPE.SEQUENCE, true, values)

/** SET OF in DER order: the encodings ascending (X.690 §11.6). */
export function setOf(...values: Asn1[]): Asn1 {
  const sorted = values
    .map(value => ({ value, der: toDer(value) }))
    .sort((a, b) => Buffer.compare(a.der, b.der))
    .map(entry => entry.value)
  return asn1.create(UNIVERSAL, TYPE.SET, true, sorted)
}

/** An explicit context tag: `[tag] value…`. */
export const context = (tag: number, ...values: Asn1[]): Asn1 =>
  asn1.create(CONTEXT_SPECIFIC, tag, true, values)

/** An implicit context tag over an OCTET STRING. */
export const implicitOctets = (tag: number, bytes: Buffer): Asn1 =>
  asn1.create(CONTEXT_SPECIFIC, tag, false, bytes.toString('latin1'))

export const newOid = (text: string): Asn1 =>
  asn1.create(UNIVERSAL, TYPE.OID, false, asn1.oidToDer(text).getBytes())

export function newInteger(value: number): Asn1 {
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
  return primitive(TYPE.INTEGER, positive)
}

export const newNull = (): Asn1 => primitive(TYPE.NULL, Buffer.alloc(0))
export const newOctetString = (bytes: Buffer): Asn1 => primitive(TYPE.OCTETSTRING, bytes)
export const newUtf8 = (text: string): Asn1 => primitive(TYPE.UTF8, Buffer.from(text, 'utf8'))
export const newPrintable = (text: string): Asn1 =>
  primitive(TYPE.PRINTABLESTRING, Buffer.from(text, 'latin1'))
/** forge writes the two bytes of each character of a BMPString itself. */
export const newBmp = (text: string): Asn1 => asn1.create(UNIVERSAL, TYPE.BMPSTRING, false, text)

/** A BIT STRING of whole bytes. */
export const newBitString = (bytes: Buffer): Asn1 =>
  primitive(TYPE.BITSTRING, Buffer.concat([Buffer.alloc(1), bytes]))
