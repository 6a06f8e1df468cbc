/** The outer structure of a P12 (RFC 7292 §4): the PFX with its MAC, and the safes in it, still closed. */
import {
  type Asn1,
  child,
  children,
  integer,
  isContext,
  isInteger,
  isOid,
  isSequence,
  octetString,
  octets,
  oid,
  readDer,
  readPrefix,
} from '../der.ts'
import { malformed, unsupported } from './errors.ts'
import { type Budget, checkFileSize } from './limits.ts'
import { OID } from './oids.ts'
import { readScheme, type Scheme } from './pbe.ts'

export interface Pfx {
  /** The bytes of the PFX alone. */
  der: Buffer
  value: Asn1
  /** What the MAC is computed over. */
  authenticatedSafe: Buffer
  macData?: Asn1
  /** It contains nothing beyond what RFC 7292 defines. */
  byTheBook: boolean
}

/** A SafeContents, or what it takes to get it. */
export type Safe = { byTheBook: boolean } & ({ contents: Buffer } | { scheme: Scheme; ciphertext: Buffer })

export function readPfx(bytes: Buffer): Pfx {
  checkFileSize(bytes.length)
  const { value: pfx, length } = readOuter(bytes)
  const [version, authSafe, macData] = isSequence(pfx) ? children(pfx) : []
  if (!isInteger(version) || !isSequence(authSafe) || !isOid(children(authSafe)[0]))
    throw malformed('it does not begin as a PKCS#12 file does')
  if (integer(version) !== 3)
    throw unsupported(`version ${integer(version)} of the PFX format (RFC 7292 has version 3)`)
  const type = oid(child(authSafe, 0))
  if (type === OID.signedData)
    throw unsupported('public-key integrity mode (a signature in place of a password)')
  if (type !== OID.data) throw malformed('its content is of an unknown type')
  const authenticatedSafe = octetString(content(authSafe))
  return {
    der: bytes.subarray(0, length),
    value: pfx,
    authenticatedSafe,
    byTheBook: isAlone(child(authSafe, 1)),
    ...(macData === undefined ? {} : { macData }),
  }
}

/** AuthenticatedSafe: a SEQUENCE of ContentInfo. */
export function readSafes(authenticatedSafe: Buffer, budget: Budget): Safe[] {
  return children(readDer(authenticatedSafe)).map(info => {
    budget.bag(0)
    return readSafe(info, budget)
  })
}

function readSafe(info: Asn1, budget: Budget): Safe {
  const type = oid(child(info, 0))
  const alone = isAlone(child(info, 1))
  if (type === OID.data) return { contents: octetString(content(info)), byTheBook: alone }
  if (type === OID.envelopedData) throw unsupported('public-key privacy mode (encrypted for a certificate)')
  if (type !== OID.encryptedData) throw malformed('a part of it is of an unknown type')
  // RFC 5652 §8: EncryptedData { version, { contentType, algorithm, [0] content } }
  const [version, encrypted] = children(content(info))
  const [contentType, algorithm, ciphertext] = encrypted === undefined ? [] : children(encrypted)
  if (algorithm === undefined || !isContext(ciphertext, 0)) throw malformed('a part of it is empty')
  const inOrder = isInteger(version) && integer(version) === 0 && isOid(contentType)
  return {
    scheme: readScheme(algorithm, budget),
    ciphertext: octets(ciphertext),
    byTheBook: alone && inOrder && !Array.isArray(ciphertext.value),
  }
}

/** An explicit tag has one value. */
function isAlone(wrapper: Asn1): boolean {
  return children(wrapper).length === 1
}

/** ContentInfo's explicit [0]. */
function content(info: Asn1): Asn1 {
  const wrapper = child(info, 1)
  if (!isContext(wrapper, 0)) throw malformed('a part of it is empty')
  return child(wrapper, 0)
}

function readOuter(bytes: Buffer): { value: Asn1; length: number } {
  try {
    return readPrefix(bytes)
  } catch (error) {
    const announced = announcedLength(bytes)
    if (announced !== undefined && announced > bytes.length) {
      throw malformed(`it is cut off after ${bytes.length} of ${announced} bytes`, error)
    }
    throw malformed('its structure cannot be read', error)
  }
}

/** The length that a definite-length SEQUENCE gives itself. */
function announcedLength(bytes: Buffer): number | undefined {
  const [tag, first] = bytes
  if (tag !== 0x30 || first === undefined) return undefined
  if (first < 0x80) return 2 + first
  const count = first & 0x7f
  return count > 0 && count <= 4 && bytes.length >= 2 + count
    ? 2 + count + bytes.readUIntBE(2, count)
    : undefined
}
