/** Changes to the structure of a P12: its tree of values is taken apart, changed in one place, and reassembled. */
import { chopped, indefinite, tlv } from './p12-der.ts'

/** `inner`: the values inside, also inside an OCTET STRING that contains one; `raw` takes precedence. */
interface Value {
  tag: number
  body: Buffer
  inner?: Value[]
  raw?: Buffer
}

export type TreeChange =
  | 'delete'
  | 'duplicate'
  | 'swap'
  | 'replace'
  | 'huge number'
  | 'nest'
  | 'indefinite'
  | 'never ends'
  | 'chop'
  | 'repeat'
  | 'wrong length'
  | 'drop MAC'

export const TREE_CHANGES: TreeChange[] = [
  'delete',
  'duplicate',
  'swap',
  'replace',
  'huge number',
  'nest',
  'indefinite',
  'never ends',
  'chop',
  'repeat',
  'wrong length',
  'drop MAC',
]

/** `at` and `other`, from 0 to 1, choose the values; bytes that are not DER are returned unchanged. */
export function restructure(bytes: Buffer, change: TreeChange, at: number, other: number): Buffer {
  const roots = parse(bytes)
  if (roots === undefined) return bytes
  const places = roots.flatMap(listPlaces)
  const place = places[Math.floor(at * places.length)]
  const second = places[Math.floor(other * places.length)]
  if (change === 'drop MAC') roots[0]?.inner?.splice(2)
  else if (place !== undefined && second !== undefined) apply(change, place, second, other)
  return Buffer.concat(roots.map(write))
}

interface Place {
  siblings: Value[]
  value: Value
}

function listPlaces(root: Value): Place[] {
  const siblings = root.inner ?? []
  return siblings.flatMap(value => [{ siblings, value }, ...listPlaces(value)])
}

function apply(change: TreeChange, { siblings, value }: Place, second: Place, dose: number): void {
  const index = siblings.indexOf(value)
  const encoded = write(value)
  if (change === 'delete') siblings.splice(index, 1)
  else if (change === 'duplicate') siblings.splice(index, 0, value)
  else if (change === 'repeat') siblings.splice(index, 0, ...Array(Math.floor(dose * 2000)).fill(value))
  else if (change === 'replace') value.raw = write(second.value)
  else if (change === 'swap') [value.raw, second.value.raw] = [write(second.value), encoded]
  else if (change === 'huge number') value.raw = tlv(0x02, Buffer.alloc(1 + Math.floor(dose * 40), 0x7f))
  else if (change === 'nest') value.raw = nest(encoded, Math.floor(dose * 100))
  else if (change === 'indefinite') value.raw = indefinite(value.tag | 0x20, content(value))
  else if (change === 'never ends')
    value.raw = Buffer.concat([Buffer.from([value.tag | 0x20, 0x80]), content(value)])
  else if (change === 'chop') value.raw = chopped(content(value), 1 + Math.floor(dose * 50), value.tag | 0x20)
  else if (change === 'wrong length') value.raw = wrongLength(encoded, dose)
}

function nest(encoded: Buffer, depth: number): Buffer {
  let nested = encoded
  for (let level = 0; level < depth; level++) nested = tlv(0x30, nested)
  return nested
}

/** A length of up to seven bytes in place of the right one. */
function wrongLength(encoded: Buffer, dose: number): Buffer {
  const count = Math.floor(dose * 8)
  const header = Buffer.from([encoded[0] ?? 0, 0x80 | count, ...Array(count).fill(0x7f)])
  return Buffer.concat([header, encoded.subarray(2)])
}

const content = (value: Value): Buffer =>
  value.inner === undefined ? value.body : Buffer.concat(value.inner.map(write))

const write = (value: Value): Buffer => value.raw ?? tlv(value.tag, content(value))

/** Undefined unless the bytes are whole values of definite length. */
function parse(bytes: Buffer): Value[] | undefined {
  const values: Value[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0x80] = bytes.subarray(at, at + 2)
    const more = first > 0x80 ? first & 0x7f : 0
    if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) return undefined
    const start = at + 2 + more
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
    if (start + length > bytes.length) return undefined
    values.push(readValue(tag, bytes.subarray(start, start + length)))
    at = start + length
  }
  return values
}

function readValue(tag: number, body: Buffer): Value {
  const holds = (tag & 0x20) !== 0 || (tag === 0x04 && body[0] === 0x30)
  const inner = holds ? parse(body) : undefined
  return inner === undefined ? { tag, body } : { tag, body, inner }
}
