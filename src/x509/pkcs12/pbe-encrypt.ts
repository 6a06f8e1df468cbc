/** The two encryptions that are written: OpenSSL 3's default and the one from before. */
import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { type Asn1, newInteger, newNull, newOctetString, newOid, sequence } from '../der.ts'
import { PURPOSE, pkcs12Kdf } from './kdf.ts'
import { OID } from './oids.ts'
import { bmpPassword } from './password.ts'

export type Encryption = 'modern' | 'legacy'

export interface Encrypted {
  algorithm: Asn1
  ciphertext: Buffer
}

/**
 * OpenSSL's default. More would slow down every reader at every use and protect little: the password that the action
 * makes is long and random.
 */
const LEAST_ITERATIONS = 2048
/** So that writing takes less than 100 ms of processor time, the MAC included: `npm run bench:p12`. */
const MOST_ITERATIONS: Record<Encryption, number> = { modern: 30_000, legacy: 6_000 }

/** As many as the rewritten file had, whose password may be weak, as far as that is quick. */
export function writtenIterations(encryption: Encryption, had = 0): number {
  return Math.min(Math.max(had, LEAST_ITERATIONS), MOST_ITERATIONS[encryption])
}

/** What keys are derived from. */
export interface Secret {
  password: string
  iterations: number
}

/** Encrypts one thing, by a key that was derived for it alone. */
export type Encrypt = (plaintext: Buffer) => Encrypted

/** Deriving takes time, and needs nothing but the password. */
export function prepareEncryption(encryption: Encryption, secret: Secret): Promise<Encrypt> {
  return encryption === 'modern' ? preparePbes2(secret) : prepareTripleDes(secret)
}

/** RFC 8018 §6.2 with AES-256-CBC and PBKDF2-HMAC-SHA256; the password in UTF-8 as OpenSSL takes it. */
async function preparePbes2({ password, iterations }: Secret): Promise<Encrypt> {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = await promisify(pbkdf2)(password, salt, iterations, 32, 'sha256')
  const derivation = sequence(
    newOid(OID.pbkdf2),
    sequence(newOctetString(salt), newInteger(iterations), sequence(newOid(OID.hmacSha256), newNull())),
  )
  const cipher = sequence(newOid(OID.aes256Cbc), newOctetString(iv))
  return plaintext => ({
    algorithm: sequence(newOid(OID.pbes2), sequence(derivation, cipher)),
    ciphertext: runCipher('aes-256-cbc', key, iv, plaintext),
  })
}

/** RFC 7292 appendix C: pbeWithSHAAnd3-KeyTripleDES-CBC. */
async function prepareTripleDes({ password, iterations }: Secret): Promise<Encrypt> {
  const input = {
    digest: { name: 'sha1', block: 64 },
    password: bmpPassword(password),
    salt: randomBytes(8),
    iterations,
  }
  const key = await pkcs12Kdf(PURPOSE.key, 24, input)
  const iv = await pkcs12Kdf(PURPOSE.iv, 8, input)
  return plaintext => ({
    algorithm: sequence(newOid(OID.sha3Des), sequence(newOctetString(input.salt), newInteger(iterations))),
    ciphertext: runCipher('des-ede3-cbc', key, iv, plaintext),
  })
}

function runCipher(name: string, key: Buffer, iv: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv(name, key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final()])
}
