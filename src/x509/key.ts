/** The RSA key of a new certificate. */
import { generateKeyPair, type KeyObject } from 'node:crypto'

export type KeySize = 2048 | 3072 | 4096

/** Makes a private key on the thread pool, so that connections can be opened meanwhile. */
export function generateKey(bits: KeySize): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generateKeyPair(
      'rsa',
      { modulusLength: bits, publicExponent: 0x10001 },
      (error, _publicKey, privateKey) => {
        if (error) reject(error)
        else resolve(privateKey)
      },
    )
  })
}
