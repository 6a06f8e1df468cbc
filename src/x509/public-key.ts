/**
 * The public key of a certificate, in the one form that is compared: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER, as
 * base64. Read from the bytes alone, so that no key of an odd kind or size is ever loaded.
 */
import {
  type Asn1,
  child,
  children,
  isContext,
  isInteger,
  isOid,
  isSequence,
  newBitString,
  newOid,
  octets,
  readPrefix,
  sequence,
  toDer,
} from './der.ts'

const RSA = '1.2.840.113549.1.1.1'
/** A NULL in place of parameters says the same as none (RFC 8017 §A.1). */
const NULL = 0x05

/** @returns undefined for bytes that are not a certificate */
export function publicKeyOf(certificate: Buffer): string | undefined {
  try {
    const [first, ...rest] = children(child(readPrefix(certificate).value, 0))
    // After the version, which the oldest certificates omit: serial number, algorithm, issuer, validity, subject.
    const spki = isContext(first, 0) ? rest[5] : rest[4]
    return spki && canonical(spki)
  } catch {
    return undefined
  }
}

/**
 * Reads a public key as an API writes one: base64 of SubjectPublicKeyInfo or of RSAPublicKey (RFC 8017 §A.1.1), or PEM.
 * @returns undefined for anything else
 */
export function readPublicKey(text: string): string | undefined {
  const [der] = binaries(text)
  if (der === undefined) return undefined
  try {
    return canonical(readPrefix(der).value)
  } catch {
    return undefined
  }
}

/** The public keys of certificates as an API writes them: PEM or base64 of DER, one or several. */
export function readPublicKeys(certificates: string): string[] {
  return binaries(certificates)
    .flatMap(split)
    .flatMap(der => publicKeyOf(der) ?? [])
}

function canonical(key: Asn1): string | undefined {
  const [algorithm, bits] = children(key)
  if (isInteger(algorithm) && isInteger(bits)) return encode(sequence(newOid(RSA)), newBitString(toDer(key)))
  if (!isSequence(algorithm) || !isOid(children(algorithm)[0]) || bits === undefined) return undefined
  const kept = children(algorithm).filter(({ tag }) => tag !== NULL)
  return octets(bits).length > 1 ? encode(sequence(...kept), bits) : undefined
}

function encode(algorithm: Asn1, bits: Asn1): string {
  return toDer(sequence(algorithm, bits)).toString('base64')
}

const BLOCK = /-----BEGIN [A-Z0-9 ]{1,40}-----([A-Za-z0-9+/=\s]*)-----END/g

/** What stands in PEM blocks, or else in base64; each text of several may be padded by itself. */
function binaries(text: string): Buffer[] {
  if (text.includes('-----BEGIN')) {
    return [...text.matchAll(BLOCK)].map(([, base64 = '']) => Buffer.from(base64, 'base64'))
  }
  const parts = text.replace(/\s/g, '').split(/(?<==)(?!=)/)
  const bytes = Buffer.concat(parts.map(part => Buffer.from(part, 'base64')))
  return bytes.subarray(0, 5).toString('latin1') === '-----' ? binaries(bytes.toString('latin1')) : [bytes]
}

/** Consecutive values, up to the first bytes that are not one. */
function split(bytes: Buffer): Buffer[] {
  const values: Buffer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const length = lengthOf(rest)
    if (length === 0) break
    values.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return values
}

function lengthOf(bytes: Buffer): number {
  try {
    return readPrefix(bytes).length
  } catch {
    return 0
  }
}
