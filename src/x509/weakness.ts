/**
 * Certificates that OpenSSL 3.0 presents to no server at its usual security level (2, which is 112 bits): with one of
 * them in the chain it refuses the whole handshake.
 */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { type Asn1, child, children, isContext, oid, readDer } from './der.ts'

const LEAST_RSA_BITS = 2048
const LEAST_EC_BITS = 224
/** ML-DSA and SLH-DSA came with OpenSSL 3.5. */
const KINDS = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448'])

/** The weakness for which it is not presented; undefined when there is none. */
export function weakness(certificate: X509Certificate): string | undefined {
  return weakKey(certificate) ?? weakSignature(certificate)
}

function weakKey(certificate: X509Certificate): string | undefined {
  const key = publicKeyOf(certificate)
  const kind = key?.asymmetricKeyType
  if (key === undefined || kind === undefined || !KINDS.has(kind))
    return 'a key of a kind that OpenSSL 3.0 does not know'
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < LEAST_RSA_BITS)
    return `an RSA key of ${modulusLength} bits`
  // Every name of a curve has its size: prime192v1, secp160r1, brainpoolP160r1.
  const bits = Number(/\d{3}/.exec(namedCurve ?? '')?.[0] ?? LEAST_EC_BITS)
  return bits < LEAST_EC_BITS ? `a key on the curve ${namedCurve}` : undefined
}

function publicKeyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey
  } catch {
    return undefined
  }
}

const WEAK: Record<string, string> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.3': 'MD4',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.3.14.3.2.15': 'SHA',
  '1.3.14.3.2.29': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.3.36.3.3.1.2': 'RIPEMD-160',
}
const PSS = '1.2.840.113549.1.1.10'
const SHA1 = '1.3.14.3.2.26'
const POST_QUANTUM = /^2\.16\.840\.1\.101\.3\.4\.3\.(1[7-9]|[2-4]\d)$/

/** Nobody verifies the signature of a root. */
function weakSignature({ raw, subject, issuer }: X509Certificate): string | undefined {
  if (subject === issuer) return undefined
  const algorithm = child(readDer(raw), 1)
  const name = oid(child(algorithm, 0))
  const digest = name === PSS ? pssDigest(children(algorithm)[1]) : WEAK[name]
  if (digest !== undefined) return `a signature with ${digest}`
  return POST_QUANTUM.test(name) ? 'a signature of a kind that OpenSSL 3.0 does not know' : undefined
}

/** RSASSA-PSS-params (RFC 8017 §A.2.3): hashAlgorithm [0] DEFAULT sha1. */
function pssDigest(parameters: Asn1 | undefined): string | undefined {
  const named = parameters && children(parameters).find(field => isContext(field, 0))
  return named === undefined || oid(child(child(named, 0), 0)) === SHA1 ? 'SHA-1' : undefined
}
