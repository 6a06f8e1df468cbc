import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const RSA = { name: 'RSASSA-PKCS1-v1_5', publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }
const ALGORITHMS = {
  'rsa-1024': { ...RSA, modulusLength: 1024 },
  'rsa-2048': { ...RSA, modulusLength: 2048 },
  'ec-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
} as const

const pairs = new Map<string, Promise<webcrypto.CryptoKeyPair>>()

/** One key for all requests of a kind: generating RSA keys is the slow part, and nothing here depends on their number. */
function keysFor(type: keyof typeof ALGORITHMS): Promise<webcrypto.CryptoKeyPair> {
  const known = pairs.get(type)
  if (known !== undefined) return known
  const made = crypto.subtle.generateKey(ALGORITHMS[type], true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>
  pairs.set(type, made)
  return made
}

export async function createCsr(
  subject = 'CN=Demo API Service User, O=Your Organization, C=US',
  type: keyof typeof ALGORITHMS = 'rsa-2048',
): Promise<string> {
  const keys = await keysFor(type)
  const signingAlgorithm = ALGORITHMS[type]
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm,
  })
  return request.toString('pem')
}

/** SubjectPublicKeyInfo of the requests' key, DER in base64. */
export async function csrPublicKey(type: keyof typeof ALGORITHMS = 'rsa-2048'): Promise<string> {
  const { publicKey } = await keysFor(type)
  return Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64')
}

/** A request with one bit of its signature flipped. */
export async function createForgedCsr(): Promise<string> {
  const pem = await createCsr()
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}
