/** Block ciphers (and RC4) as P12s name them, decrypting. */
import { createDecipheriv } from 'node:crypto'
import { decryptRc2 } from '../rc2.ts'
import { unsupported } from './errors.ts'
import { encryptionName } from './names.ts'

export interface Cipher {
  label: string
  keyBytes: number
  ivBytes: number
  /** Throws, or returns nonsense, when the key is wrong. */
  decrypt(key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer | Promise<Buffer>
}

function native(name: string, label: string, keyBytes: number, ivBytes = 16): Cipher {
  const decrypt = (key: Buffer, iv: Buffer, ciphertext: Buffer): Buffer => {
    const decipher = createDecipheriv(name, key, iv)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  }
  return { label, keyBytes, ivBytes, decrypt }
}

const GCM_KEY_BYTES: Record<string, number> = {
  '2.16.840.1.101.3.4.1.6': 16,
  '2.16.840.1.101.3.4.1.26': 24,
  '2.16.840.1.101.3.4.1.46': 32,
}

/** RFC 5084 §3.2, as Bouncy Castle can write it: the tag follows the ciphertext. Undefined for another OID. */
export function findGcm(oid: string, ivBytes: number, tagBytes: number): Cipher | undefined {
  const keyBytes = GCM_KEY_BYTES[oid]
  if (keyBytes === undefined) return undefined
  const name = `aes-${keyBytes * 8}-gcm` as const
  return {
    label: name.toUpperCase(),
    keyBytes,
    ivBytes,
    decrypt: (key, iv, data) => {
      const end = Math.max(0, data.length - tagBytes)
      const decipher = createDecipheriv(name as 'aes-256-gcm', key, iv, { authTagLength: tagBytes })
      decipher.setAuthTag(data.subarray(end))
      return Buffer.concat([decipher.update(data.subarray(0, end)), decipher.final()])
    },
  }
}

const tripleDes = native('des-ede3-cbc', '3DES-CBC', 24, 8)

export const TRIPLE_DES = tripleDes

/** Two keys: K1, K2, K1. */
export const TWO_KEY_TRIPLE_DES: Cipher = {
  ...tripleDes,
  label: '3DES-CBC with two keys',
  keyBytes: 16,
  decrypt: (key, iv, ciphertext) =>
    tripleDes.decrypt(Buffer.concat([key, key.subarray(0, 8)]), iv, ciphertext),
}

/** Node's OpenSSL has no single DES any more, but 3DES with one key three times is the same. */
export const DES: Cipher = {
  label: 'DES-CBC',
  keyBytes: 8,
  ivBytes: 8,
  decrypt: (key, iv, ciphertext) => tripleDes.decrypt(Buffer.concat([key, key, key]), iv, ciphertext),
}

export function rc2(keyBytes: number, effectiveBits = keyBytes * 8): Cipher {
  return {
    label: `RC2-${effectiveBits}`,
    keyBytes,
    ivBytes: 8,
    decrypt: (key, iv, ciphertext) => decryptRc2(key, effectiveBits, iv, ciphertext),
  }
}

/** A stream cipher: nothing here notices a wrong key. */
export function rc4(keyBytes: number): Cipher {
  return {
    label: `RC4-${keyBytes * 8}`,
    keyBytes,
    ivBytes: 0,
    decrypt: (key, _iv, data) => runRc4(key, data),
  }
}

function runRc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (a: number, b: number): number => {
    const [x = 0, y = 0] = [state[a], state[b]]
    state[a] = y
    state[b] = x
    return state[(x + y) & 255] ?? 0
  }
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 255
    swap(i, j)
  }
  let [i, j] = [0, 0]
  return Buffer.from(data).map(byte => {
    i = (i + 1) & 255
    j = (j + (state[i] ?? 0)) & 255
    return byte ^ swap(i, j)
  }) as Buffer
}

/** The encryption schemes of PBES2 (RFC 8018 §B.2, RFC 3565, RFC 3657, RFC 5794). */
const SCHEMES: Record<string, Cipher> = {
  '2.16.840.1.101.3.4.1.2': native('aes-128-cbc', 'AES-128-CBC', 16),
  '2.16.840.1.101.3.4.1.22': native('aes-192-cbc', 'AES-192-CBC', 24),
  '2.16.840.1.101.3.4.1.42': native('aes-256-cbc', 'AES-256-CBC', 32),
  '1.2.840.113549.3.7': tripleDes,
  '1.3.14.3.2.7': DES,
  '1.2.392.200011.61.1.1.1.2': native('camellia-128-cbc', 'Camellia-128-CBC', 16),
  '1.2.392.200011.61.1.1.1.3': native('camellia-192-cbc', 'Camellia-192-CBC', 24),
  '1.2.392.200011.61.1.1.1.4': native('camellia-256-cbc', 'Camellia-256-CBC', 32),
  '1.2.156.10197.1.104.2': native('sm4-cbc', 'SM4-CBC', 16),
  '1.2.410.200046.1.1.2': native('aria-128-cbc', 'ARIA-128-CBC', 16),
  '1.2.410.200046.1.1.7': native('aria-192-cbc', 'ARIA-192-CBC', 24),
  '1.2.410.200046.1.1.12': native('aria-256-cbc', 'ARIA-256-CBC', 32),
}

/** Those that take their size from the length of the key, as NSS before 3.31 wrote them under the name of the smallest. */
const FAMILIES = [
  ['2.16.840.1.101.3.4.1.2', '2.16.840.1.101.3.4.1.22', '2.16.840.1.101.3.4.1.42'],
  ['1.2.392.200011.61.1.1.1.2', '1.2.392.200011.61.1.1.1.3', '1.2.392.200011.61.1.1.1.4'],
]

/** @param keyLength what the file says, in bytes */
export function findCipher(oid: string, keyLength?: number): Cipher {
  const cipher = SCHEMES[oid]
  if (cipher === undefined) throw unsupported(encryptionName(oid))
  if (keyLength === undefined || keyLength === cipher.keyBytes) return cipher
  const label = `${cipher.label} with a key of ${keyLength} bytes`
  const family = FAMILIES.find(oids => oids.includes(oid)) ?? []
  const sized = family.map(name => SCHEMES[name]).find(one => one?.keyBytes === keyLength)
  if (sized === undefined) throw unsupported(label)
  return { ...sized, label }
}
