/**
 * The structure of a P12 as strictly as OpenSSL reads it, which refuses a whole file for one attribute that is not what
 * its type says. What is opened here is read more leniently; then a file is not passed on as is.
 */
import { type Asn1, children, isInteger, isSet, octets, oid } from '../der.ts'
import { OID } from './oids.ts'

type Shape = (node: Asn1) => boolean

interface Field {
  shape: Shape
  /** An optional one is missing where something else begins. */
  begins: (node: Asn1) => boolean
  optional: boolean
}

const CONSTRUCTED = 0x20
const UNIVERSAL = 0xc0
const [BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT, ENUMERATED] = [1, 2, 3, 4, 5, 6, 10]
const [SEQUENCE, SET, IA5_STRING, UNIVERSAL_STRING, BMP_STRING] = [0x30, 0x31, 0x16, 0x1c, 0x1e]
const CONTEXT_0 = 0xa0

// --- values ------------------------------------------------------------------------------------------------------

const isConstructed = ({ tag }: Asn1): boolean => (tag & CONSTRUCTED) !== 0

/** Whether the content of a value is what its type asks for; SEQUENCEs, SETs and tags of other classes are not looked into. */
function isAny(node: Asn1): boolean {
  if ((node.tag & UNIVERSAL) !== 0) return true
  const number = node.tag & ~CONSTRUCTED
  if (number === (SEQUENCE & ~CONSTRUCTED) || number === (SET & ~CONSTRUCTED)) return isConstructed(node)
  const check = PRIMITIVE[number]
  if (check !== undefined) return !isConstructed(node) && check(octets(node))
  return (STRINGS[number] ?? (() => true))(octets(node))
}

const PRIMITIVE: Record<number, (content: Buffer) => boolean> = {
  [BOOLEAN as number]: content => content.length === 1,
  [INTEGER as number]: isNumber,
  [ENUMERATED as number]: isNumber,
  [NULL as number]: content => content.length === 0,
  [OBJECT as number]: isObject,
}

const STRINGS: Record<number, (content: Buffer) => boolean> = {
  [BIT_STRING as number]: content => content.length > 0 && (content[0] ?? 0) < 8,
  [BMP_STRING as number]: content => content.length % 2 === 0,
  [UNIVERSAL_STRING as number]: content => content.length % 4 === 0,
}

/** Not empty, and no longer than it must be. */
function isNumber(content: Buffer): boolean {
  const [first = 0, second = 0] = content
  const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)
  return content.length === 1 || (content.length > 1 && !padded)
}

/** The last arc is complete, and no arc begins with a zero. */
function isObject(content: Buffer): boolean {
  const ends = (at: number): boolean => at < 0 || (content[at] ?? 0) < 0x80
  return (
    ends(content.length - 1) &&
    content.length > 0 &&
    !content.some((octet, at) => octet === 0x80 && ends(at - 1))
  )
}

const tagged =
  (tag: number): Shape =>
  node =>
    node.tag === tag && isAny(node)

const integer = tagged(INTEGER as number)
const object = tagged(OBJECT as number)
const octetString: Shape = node => (node.tag & ~CONSTRUCTED) === OCTET_STRING

// --- structures --------------------------------------------------------------------------------------------------

const field = (shape: Shape): Field => ({ shape, begins: () => true, optional: false })
const optional = (shape: Shape, begins: Field['begins'] = () => true): Field => ({
  shape,
  begins,
  optional: true,
})

function sequence(...fields: Field[]): Shape {
  return node => {
    if (node.tag !== SEQUENCE) return false
    const rest = [...children(node)]
    const fits = fields.every(({ shape, begins, optional: mayMiss }) => {
      const [next] = rest
      if (next === undefined || !begins(next)) return mayMiss
      rest.shift()
      return shape(next)
    })
    return fits && rest.length === 0
  }
}

const listOf =
  (tag: number, shape: Shape): Shape =>
  node =>
    node.tag === tag && children(node).every(shape)

/** `[0] EXPLICIT`, which has one value. */
function explicit(shape: Shape): Shape {
  return node => {
    const [value, ...more] = node.tag === CONTEXT_0 ? children(node) : []
    return value !== undefined && more.length === 0 && shape(value)
  }
}

/** A type, and then what that type asks for. */
function typed(values: Record<string, Shape>, otherwise: Shape, ...more: Field[]): Shape {
  return node => {
    const [type] = node.tag === SEQUENCE ? children(node) : []
    if (type === undefined || !object(type)) return false
    return sequence(field(object), field(values[oid(type)] ?? otherwise), ...more)(node)
  }
}

const attribute = sequence(field(object), field(listOf(SET, isAny)))
const algorithm = sequence(field(object), optional(isAny))
const digestInfo = sequence(field(algorithm), field(octetString))

const pbkdf2 = sequence(field(isAny), field(integer), optional(integer, isInteger), optional(algorithm))
const derivation: Shape = node => algorithm(node) && (!isOf(OID.pbkdf2, node) || parameterFits(pbkdf2, node))
const pbes2 = sequence(field(derivation), field(algorithm))
const encryption: Shape = node => algorithm(node) && (!isOf(OID.pbes2, node) || parameterFits(pbes2, node))
const encrypted = sequence(field(encryption), field(octetString))

function isOf(type: string, node: Asn1): boolean {
  const [id] = children(node)
  return id !== undefined && oid(id) === type
}

function parameterFits(shape: Shape, node: Asn1): boolean {
  const [, parameters] = children(node)
  return parameters !== undefined && shape(parameters)
}

const isImplicitOctets = ({ tag }: Asn1): boolean => (tag & ~CONSTRUCTED) === 0x80

const encryptedData = sequence(
  field(integer),
  field(
    sequence(
      field(object),
      field(encryption),
      optional(() => true, isImplicitOctets),
    ),
  ),
)

/** Other types that OpenSSL can read do not occur here. */
const contentInfo = typed(
  { [OID.data]: explicit(octetString), [OID.encryptedData]: explicit(encryptedData) },
  explicit(isAny),
)

const attributes = optional(node => listOf(SET, attribute)(node) && namesFit(children(node)), isSet)

/** Of the names of a bag, the first of each type, and of that the first value, if there is one. */
function namesFit(all: Asn1[]): boolean {
  return Object.entries(NAMES).every(([type, isName]) => {
    const found = all.map(children).find(([id]) => id !== undefined && oid(id) === type)
    const [first] = found?.[1] === undefined ? [] : children(found[1])
    return first === undefined || isName(first)
  })
}

const NAMES: Record<string, Shape> = {
  [OID.friendlyName]: ({ tag }) => (tag & ~CONSTRUCTED) === BMP_STRING,
  [OID.localKeyId]: octetString,
}

const bagValue = explicit(
  typed(
    {
      [OID.x509Certificate]: explicit(octetString),
      [OID.x509Crl]: explicit(octetString),
      [OID.sdsiCertificate]: explicit(tagged(IA5_STRING)),
    },
    explicit(isAny),
  ),
)

/** PrivateKeyInfo without the public key of RFC 5958, which OpenSSL 3.0 does not know. */
export const isPrivateKeyInfo = sequence(
  field(integer),
  field(algorithm),
  field(octetString),
  optional(listOf(CONTEXT_0, attribute), ({ tag }) => tag === CONTEXT_0),
)

export const isSafeContents: Shape = node => listOf(SEQUENCE, bag)(node)

const bag = typed(
  {
    [OID.keyBag]: explicit(isPrivateKeyInfo),
    [OID.shroudedKeyBag]: explicit(encrypted),
    [OID.certBag]: bagValue,
    [OID.crlBag]: bagValue,
    [OID.secretBag]: bagValue,
    [OID.safeContentsBag]: explicit(isSafeContents),
  },
  explicit(isAny),
  attributes,
)

export const isAuthenticatedSafe = listOf(SEQUENCE, contentInfo)

const macData = sequence(field(digestInfo), field(octetString), optional(integer))

export const isPfx = sequence(field(integer), field(contentInfo), optional(macData))
