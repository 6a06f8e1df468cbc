/** Reading BER and writing DER (X.690), with types that fail loudly. */

/** One value: its identifier octet, and its content, which is other values when it is constructed. */
export interface Asn1 {
  /** Class, the bit for "constructed", and number, as they are encoded: 0x30 for a SEQUENCE. */
  tag: number
  value: Buffer | Asn1[]
}

const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  context: 0x80,
}
const CONSTRUCTED = 0x20
/** A tag number that does not fit into one octet, which nothing in a P12 needs. */
const LONG_TAG = 0x1f
/** In place of a length: the value continues to the end-of-contents octets, two zeros. */
const INDEFINITE = 0x80
const MAX_LENGTH_OCTETS = 4

/** Deeper than any real file; far from the limit of the stack. */
const MAX_DEPTH = 48
/** A P12 of a thousand entries has fewer; each costs a hundred times the memory of its bytes. */
const MAX_VALUES = 50_000
/** The longest known have some 20. */
const MAX_OID_OCTETS = 64

// --- reading ---------------------------------------------------------------------------------------------------

/** Reads the one value that `bytes` starts with and says how many bytes it takes; what follows is ignored. */
export function readPrefix(bytes: Buffer): { value: Asn1; length: number } {
  const reader: Reader = { bytes, at: 0, values: 0 }
  const value = readValue(reader, bytes.length, 0)
  if (value === undefined) throw new Error('ASN.1: nothing ends here')
  return { value, length: reader.at }
}

export function readDer(bytes: Buffer): Asn1 {
  return readPrefix(bytes).value
}

/**
 * Whether the bytes are one value and nothing after it, in the only way that DER allows: shortest lengths and numbers,
 * none indefinite, strings in one piece (X.690 §10). What an OCTET STRING contains is not checked.
 */
export function isDer(bytes: Buffer): boolean {
  try {
    const value = readDer(bytes)
    return toDer(value).equals(bytes) && isStrict(value)
  } catch {
    return false
  }
}

const IN_PIECES = new Set([TAG.octetString, TAG.bitString].map(tag => tag | CONSTRUCTED))

function isStrict({ tag, value }: Asn1): boolean {
  if (Array.isArray(value)) return !IN_PIECES.has(tag) && value.every(isStrict)
  if (tag !== TAG.integer) return true
  const [first = 0, second = 0] = value
  return (
    value.length === 1 ||
    (value.length > 1 && !(first === 0 && second < 0x80) && !(first === 0xff && second >= 0x80))
  )
}

interface Reader {
  bytes: Buffer
  at: number
  /** How many were read. */
  values: number
}

/** The value at the reader's place, which lies before `end`; undefined for the end-of-contents octets. */
function readValue(reader: Reader, end: number, depth: number): Asn1 | undefined {
  if (depth > MAX_DEPTH) throw new Error('ASN.1: nested too deeply')
  if (++reader.values > MAX_VALUES) throw new Error('ASN.1: too many values')
  const tag = next(reader, end)
  const length = readLength(reader, end)
  if (tag === 0 && length === 0) return undefined
  if ((tag & LONG_TAG) === LONG_TAG) throw new Error('ASN.1: a tag is too large')
  const constructed = (tag & CONSTRUCTED) !== 0
  if (length === undefined) {
    if (!constructed) throw new Error('ASN.1: a primitive value has no length')
    return { tag, value: readUntilEnd(reader, end, depth) }
  }
  const stop = reader.at + length
  if (stop > end) throw new Error('ASN.1: a value is cut off')
  if (constructed) return { tag, value: readUntil(stop, reader, depth) }
  const value = reader.bytes.subarray(reader.at, stop)
  reader.at = stop
  return { tag, value }
}

function readUntil(stop: number, reader: Reader, depth: number): Asn1[] {
  const values: Asn1[] = []
  while (reader.at < stop) {
    const value = readValue(reader, stop, depth + 1)
    if (value === undefined) throw new Error('ASN.1: an end without a beginning')
    values.push(value)
  }
  return values
}

function readUntilEnd(reader: Reader, end: number, depth: number): Asn1[] {
  const values: Asn1[] = []
  for (;;) {
    const value = readValue(reader, end, depth + 1)
    if (value === undefined) return values
    values.push(value)
  }
}

/** Undefined for an indefinite length. */
function readLength(reader: Reader, end: number): number | undefined {
  const first = next(reader, end)
  if (first < INDEFINITE) return first
  if (first === INDEFINITE) return undefined
  const count = first - INDEFINITE
  if (count > MAX_LENGTH_OCTETS) throw new Error('ASN.1: a length is too large')
  let length = 0
  for (let octet = 0; octet < count; octet++) length = length * 256 + next(reader, end)
  return length
}

function next(reader: Reader, end: number): number {
  const octet = reader.at < end ? reader.bytes[reader.at++] : undefined
  if (octet === undefined) throw new Error('ASN.1: the end came too early')
  return octet
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
  return node?.tag === TAG.sequence
}

export function isSet(node: Asn1 | undefined): node is Asn1 {
  return node?.tag === TAG.set
}

export function isOid(node: Asn1 | undefined): node is Asn1 {
  return node?.tag === TAG.oid
}

export function isInteger(node: Asn1 | undefined): node is Asn1 {
  return node?.tag === TAG.integer
}

/** In one piece, or in those that BER cuts it into. */
export function isOctetString(node: Asn1 | undefined): node is Asn1 {
  return node !== undefined && (node.tag & ~CONSTRUCTED) === TAG.octetString
}

export function isContext(node: Asn1 | undefined, number: number): node is Asn1 {
  return node !== undefined && (node.tag & ~CONSTRUCTED) === TAG.context + number
}

/** The bytes of an OCTET STRING (or an implicitly tagged one), joined when BER has cut them into pieces (X.690 §8.7.3). */
export function octets(node: Asn1): Buffer {
  return Array.isArray(node.value) ? Buffer.concat(node.value.map(octets)) : node.value
}

/** Like {@link octets}, for a place where nothing but an OCTET STRING may stand. */
export function octetString(node: Asn1): Buffer {
  if (!isOctetString(node)) throw new Error('ASN.1: an OCTET STRING was expected')
  return octets(node)
}

/** In the dotted notation (X.690 §8.19); one that is longer than any real one is cut. */
export function oid(node: Asn1): string {
  if (node.tag !== TAG.oid || Array.isArray(node.value) || node.value.length === 0) {
    throw new Error('ASN.1: an OBJECT IDENTIFIER was expected')
  }
  const arcs: number[] = []
  let arc = 0
  for (const octet of node.value.subarray(0, MAX_OID_OCTETS)) {
    arc = arc * 128 + (octet & 0x7f)
    if (octet >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const cut = node.value.length > MAX_OID_OCTETS
  const [first, ...rest] = arcs
  // A single arc that never ends.
  if (first === undefined) return '…'
  const root = Math.min(2, Math.floor(first / 40))
  return `${[root, first - root * 40, ...rest].join('.')}${cut ? '…' : ''}`
}

/** A non-negative INTEGER. One beyond 2^53 comes out inexact, which is enough to refuse it. */
export function integer(node: Asn1): number {
  if (!isInteger(node) || Array.isArray(node.value)) throw new Error('ASN.1: an INTEGER was expected')
  const bytes = node.value
  if (bytes.length === 0 || bytes.length > 64 || (bytes[0] ?? 0) >= 0x80) {
    throw new Error('ASN.1: an INTEGER is out of range')
  }
  return bytes.reduce((number, octet) => number * 256 + octet, 0)
}

/** How many bits a non-negative INTEGER has. */
export function bitLength(node: Asn1 | undefined): number {
  if (!isInteger(node) || Array.isArray(node.value)) throw new Error('ASN.1: an INTEGER was expected')
  const bytes = node.value
  if (bytes.length === 0 || (bytes[0] ?? 0) >= 0x80) throw new Error('ASN.1: an INTEGER is out of range')
  const first = bytes.findIndex(octet => octet !== 0)
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}

/** The bytes of a BIT STRING that has whole bytes, in one piece. */
export function bitString({ tag, value }: Asn1): Buffer {
  if (tag !== TAG.bitString || Array.isArray(value) || value[0] !== 0)
    throw new Error('ASN.1: a BIT STRING was expected')
  return value.subarray(1)
}

/** A BMPString's text (UTF-16, big-endian); undefined for another type. */
export function bmpText(node: Asn1): string | undefined {
  if (node.tag !== TAG.bmpString || Array.isArray(node.value) || node.value.length % 2 !== 0) return undefined
  return Buffer.from(node.value).swap16().toString('utf16le')
}

// --- writing ---------------------------------------------------------------------------------------------------

export function toDer({ tag, value }: Asn1): Buffer {
  const content = Array.isArray(value) ? Buffer.concat(value.map(toDer)) : value
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content])
}

function lengthOctets(length: number): number[] {
  if (length < INDEFINITE) return [length]
  const octets = [...bigEndian(length)]
  return [INDEFINITE + octets.length, ...octets]
}

function bigEndian(number: number): Buffer {
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

export const sequence = (...values: Asn1[]): Asn1 => ({ tag: TAG.sequence, value: values })

/** SET OF in DER order: the encodings ascending (X.690 §11.6). */
export function setOf(...values: Asn1[]): Asn1 {
  const sorted = values
    .map(value => ({ value, der: toDer(value) }))
    .sort((a, b) => Buffer.compare(a.der, b.der))
    .map(entry => entry.value)
  return { tag: TAG.set, value: sorted }
}

/** An explicit context tag: `[number] value…`. */
export const context = (number: number, ...values: Asn1[]): Asn1 => ({
  tag: TAG.context + CONSTRUCTED + number,
  value: values,
})

/** An implicit context tag over an OCTET STRING. */
export const implicitOctets = (number: number, bytes: Buffer): Asn1 => ({
  tag: TAG.context + number,
  value: bytes,
})

export function newOid(text: string): Asn1 {
  const [root = 0, second = 0, ...rest] = text.split('.').map(Number)
  return { tag: TAG.oid, value: Buffer.from([root * 40 + second, ...rest].flatMap(base128)) }
}

/** Seven bits in each octet, the eighth set in all but the last. */
function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
    octets.unshift(128 + (left % 128))
  return octets
}

export function newInteger(value: number): Asn1 {
  const bytes = bigEndian(value)
  const positive = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
  return { tag: TAG.integer, value: positive }
}

export const newNull = (): Asn1 => ({ tag: TAG.null, value: Buffer.alloc(0) })
export const newOctetString = (bytes: Buffer): Asn1 => ({ tag: TAG.octetString, value: bytes })
export const newUtf8 = (text: string): Asn1 => ({ tag: TAG.utf8String, value: Buffer.from(text, 'utf8') })
export const newPrintable = (text: string): Asn1 => ({
  tag: TAG.printableString,
  value: Buffer.from(text, 'latin1'),
})
export const newBmp = (text: string): Asn1 => ({
  tag: TAG.bmpString,
  value: Buffer.from(text, 'utf16le').swap16(),
})

/** A BIT STRING of whole bytes. */
export const newBitString = (bytes: Buffer): Asn1 => ({
  tag: TAG.bitString,
  value: Buffer.concat([Buffer.alloc(1), bytes]),
})
