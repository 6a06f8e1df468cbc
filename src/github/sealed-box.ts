import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { blake2b } from '@noble/hashes/blake2.js'

/**
 * Seals a secret for GitHub: libsodium's `crypto_box_seal`, which only the owner of the private key can open.
 * https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api,
 * https://doc.libsodium.org/public-key_cryptography/sealed_boxes
 * @param publicKey X25519, 32 bytes in base64, as GitHub gives it
 * @returns base64; undefined for a key that no box can be sealed for, such as one of zeros
 */
export function seal(secret: string, publicKey: string): string | undefined {
  const theirs = Buffer.from(publicKey, 'base64')
  const pair = generateKeyPairSync('x25519')
  const ours = rawPublicKey(pair)
  const shared = agree(pair.privateKey, theirs)
  if (shared === undefined) return undefined
  const nonce = blake2b(Buffer.concat([ours, theirs]), { dkLen: 24 })
  const box = xsalsa20poly1305(boxKey(shared), nonce).encrypt(Buffer.from(secret))
  return Buffer.concat([ours, box]).toString('base64')
}

function rawPublicKey({ publicKey }: KeyPairKeyObjectResult): Buffer {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
}

/** @returns undefined for what is not a public key, or one of small order */
function agree(privateKey: KeyObject, theirs: Buffer): Buffer | undefined {
  try {
    const jwk = { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') }
    return diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) })
  } catch {
    return undefined
  }
}

/** `crypto_box_beforenm`: HSalsa20 of the shared secret. */
function boxKey(shared: Buffer): Uint8Array {
  const key = new Uint32Array(8)
  hsalsa(asWords(Buffer.from('expand 32-byte k')), asWords(shared), new Uint32Array(4), key)
  return new Uint8Array(key.buffer)
}

function asWords(bytes: Buffer): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}
