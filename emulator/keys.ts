import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type KeyType = 'ec-p256' | 'ec-p384' | 'rsa-1024' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096'

export interface KeyPair {
  /** PKCS#8, unencrypted */
  privateKeyPem: string
  publicKey: KeyObject
}

const CURVES = { 'ec-p256': 'prime256v1', 'ec-p384': 'secp384r1' } as const
const generate = promisify(generateKeyPair)

export async function generateKeys(type: KeyType): Promise<KeyPair> {
  const { publicKey, privateKey } = isEc(type)
    ? await generate('ec', { namedCurve: CURVES[type] })
    : await generate('rsa', { modulusLength: Number(type.slice('rsa-'.length)) })
  return { publicKey, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function isEc(type: KeyType): type is keyof typeof CURVES {
  return type in CURVES
}

/** Any form in which a test may have a public key: a KeyObject, SPKI PEM, or SPKI DER. */
export type PublicKeyInput = KeyObject | string | Uint8Array

export function toPublicKey(input: PublicKeyInput): KeyObject {
  if (typeof input === 'string') return createPublicKey(input)
  if (!(input instanceof Uint8Array)) return input.type === 'private' ? createPublicKey(input) : input
  return createPublicKey({ key: Buffer.from(input), format: 'der', type: 'spki' })
}

export function spkiDer(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}
