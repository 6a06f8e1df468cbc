/**
 * Which keys are passed to OpenSSL. What a key costs follows from numbers in the file: OpenSSL computes g^x mod p as it
 * loads a DSA or DH key, and an RSA key of 65,536 bits signs for minutes. So its kind and its size are read first.
 */
import {
  type Asn1,
  bitLength,
  bitString,
  child,
  children,
  isContext,
  isOid,
  octetString,
  oid,
  readDer,
} from './der.ts'

/** OpenSSL verifies no larger one (OPENSSL_RSA_MAX_MODULUS_BITS). */
const MAX_RSA_BITS = 16_384
/** FIPS 186-5 §5.1. */
const MAX_EXPONENT_BITS = 256
/** The largest curve that has a name has 571. */
const MAX_EC_OCTETS = 72

const RSA = new Set(['1.2.840.113549.1.1.1', '1.2.840.113549.1.1.10'])
const EC = '1.2.840.10045.2.1'

/** P-256, P-384, P-521, P-224, secp256k1, Brainpool P256r1, P384r1, P512r1: those that TLS has a number for. */
const TLS_CURVES = new Set([
  '1.2.840.10045.3.1.7',
  '1.3.132.0.34',
  '1.3.132.0.35',
  '1.3.132.0.33',
  '1.3.132.0.10',
  '1.3.36.3.3.2.8.1.1.7',
  '1.3.36.3.3.2.8.1.1.11',
  '1.3.36.3.3.2.8.1.1.13',
])

/** Ed25519, Ed448 and ML-DSA: nothing in such a key can be chosen large. */
const FIXED_KEYS = new Set([
  '1.3.101.112',
  '1.3.101.113',
  '2.16.840.1.101.3.4.3.17',
  '2.16.840.1.101.3.4.3.18',
  '2.16.840.1.101.3.4.3.19',
])
/** SLH-DSA, which a CA may have: verifying is quick, signing is not. */
const SLH_DSA = /^2\.16\.840\.1\.101\.3\.4\.3\.(2\d|3[01])$/

const NAMES: Record<string, string> = {
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.113549.1.3.1': 'DH',
  '1.2.840.10046.2.1': 'DH',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
}

/** A key that is not passed to OpenSSL. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused'
  /** Undefined when it is the kind of the key that is refused, not its size. */
  readonly limit: string | undefined

  constructor(what: string, limit?: string) {
    super(what)
    this.limit = limit
  }
}

/**
 * Looks at a PrivateKeyInfo (RFC 5958 §2).
 * @throws KeyRefused, or another error when it cannot be read
 */
export function checkPrivateKey(pkcs8: Buffer): void {
  const info = readDer(pkcs8)
  const algorithm = child(info, 1)
  const kind = oid(child(algorithm, 0))
  const inner = () => readDer(octetString(child(info, 2)))
  if (RSA.has(kind)) checkRsaPrivateKey(inner())
  else if (kind === EC) checkEcPrivateKey(children(algorithm)[1], inner())
  else if (!FIXED_KEYS.has(kind)) throw unsupported(PRIVATE, kind)
}

/**
 * Looks at the public key of a certificate (RFC 5280 §4.1).
 * @throws KeyRefused, or another error when it cannot be read
 */
export function checkCertificate(der: Buffer): void {
  const fields = children(child(readDer(der), 0))
  // version [0] DEFAULT v1, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
  const info = fields[isContext(fields[0], 0) ? 6 : 5]
  if (info === undefined) throw new Error('ASN.1: a certificate without a key')
  const algorithm = child(info, 0)
  const kind = oid(child(algorithm, 0))
  if (RSA.has(kind)) checkRsaPublicKey(PUBLIC, children(readDer(bitString(child(info, 1)))))
  else if (kind === EC) requireNamed(PUBLIC, children(algorithm)[1])
  else if (!FIXED_KEYS.has(kind) && !SLH_DSA.test(kind)) throw unsupported(PUBLIC, kind)
}

const PRIVATE = 'a private key'
const PUBLIC = 'a certificate key'
type Role = typeof PRIVATE | typeof PUBLIC

function unsupported(role: Role, kind: string): KeyRefused {
  const name = NAMES[kind]
  return new KeyRefused(
    name === undefined
      ? `${role} of a kind that TLS cannot present (OID ${kind})`
      : `${role} of the kind ${name}`,
  )
}

function checkRsaPublicKey(role: Role, [modulus, exponent]: Asn1[]): void {
  requireAtMost(role, 'a modulus', modulus, MAX_RSA_BITS)
  requireAtMost(role, 'a public exponent', exponent, MAX_EXPONENT_BITS)
}

function requireAtMost(role: Role, what: string, number: Asn1 | undefined, most: number): void {
  const bits = bitLength(number)
  if (bits > most) throw new KeyRefused(`${role} with ${what} of ${bits} bits`, `${most} bits`)
}

/** RSAPrivateKey (RFC 8017 §A.1.2); without p and what follows from it, all of those are 0. */
function checkRsaPrivateKey(key: Asn1): void {
  const [version, modulus, exponent, ...secret] = children(key)
  checkRsaPublicKey(
    PRIVATE,
    [modulus, exponent].filter(number => number !== undefined),
  )
  if (bitLength(version) !== 0) throw new KeyRefused(`${PRIVATE} of the kind RSA with more than two primes`)
  const [d = 0, p = 0, q = 0, dp = 0, dq = 0, inverse = 0, ...more] = secret.map(bitLength)
  const whole = bitLength(modulus)
  const fits = d <= whole && p + q <= whole + 1 && dp <= p && dq <= q && inverse <= p && more.length === 0
  if (!fits) throw new KeyRefused(`${PRIVATE} with numbers larger than its modulus allows`, `${whole} bits`)
}

/** ECPrivateKey (RFC 5915 §3), which may name its curve once more. */
function checkEcPrivateKey(curve: Asn1 | undefined, key: Asn1): void {
  requireNamed(PRIVATE, curve)
  if (!TLS_CURVES.has(oid(curve)))
    throw new KeyRefused(`${PRIVATE} on an EC curve that TLS cannot present (OID ${oid(curve)})`)
  const [, secret, ...optional] = children(key)
  const inner = optional.find(node => isContext(node, 0))
  if (inner !== undefined) requireNamed(PRIVATE, child(inner, 0))
  const bits = secret === undefined ? 0 : octetString(secret).length * 8
  if (bits > MAX_EC_OCTETS * 8)
    throw new KeyRefused(`${PRIVATE} of the kind EC with ${bits} bits`, `${MAX_EC_OCTETS * 8} bits`)
}

function requireNamed(role: Role, curve: Asn1 | undefined): asserts curve is Asn1 {
  if (!isOid(curve)) throw new KeyRefused(`${role} on an EC curve without a name`)
}
