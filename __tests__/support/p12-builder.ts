/**
 * Builds PKCS#12 files of every kind, piece by piece and without src/: DER by hand, PKCS#12's key derivation and RC2
 * with node-forge, the rest with node:crypto.
 */
import {
  createCipheriv,
  createHash,
  createHmac,
  type KeyObject,
  pbkdf2Sync,
  scryptSync,
  type X509Certificate,
} from 'node:crypto'
import forge from 'node-forge'
import { bmp, explicit, int, nul, octet, oid, seq, set, tlv } from './p12-der.ts'

export interface Protected {
  algorithm: Buffer
  ciphertext: Buffer
}

/** Encrypts data and returns how. */
export type Protection = (plaintext: Buffer) => Protected

const SALT = Buffer.from('a1b2c3d4e5f60718', 'hex')

// --- protections -----------------------------------------------------------------------------------------------

export const DIGEST_OIDS: Record<string, string> = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

export const HMAC_OIDS: Record<string, string> = {
  sha1: '1.2.840.113549.2.7',
  sha224: '1.2.840.113549.2.8',
  sha256: '1.2.840.113549.2.9',
  sha384: '1.2.840.113549.2.10',
  sha512: '1.2.840.113549.2.11',
  'sha512-224': '1.2.840.113549.2.12',
  'sha512-256': '1.2.840.113549.2.13',
}

const CIPHERS: Record<string, { id: string; key: number; iv: number }> = {
  'aes-128-cbc': { id: '2.16.840.1.101.3.4.1.2', key: 16, iv: 16 },
  'aes-192-cbc': { id: '2.16.840.1.101.3.4.1.22', key: 24, iv: 16 },
  'aes-256-cbc': { id: '2.16.840.1.101.3.4.1.42', key: 32, iv: 16 },
  'des-ede3-cbc': { id: '1.2.840.113549.3.7', key: 24, iv: 8 },
  'camellia-256-cbc': { id: '1.2.392.200011.61.1.1.1.4', key: 32, iv: 16 },
}

export interface Pbes2Options {
  password: Buffer
  cipher?: string
  prf?: string
  iterations?: number
  keyLength?: boolean
}

export function pbkdf2Algorithm(
  iterations: number | bigint,
  prf: string,
  keyLength?: number,
  salt = SALT,
): Buffer {
  return seq(
    oid('1.2.840.113549.1.5.12'),
    seq(
      octet(salt),
      int(iterations),
      ...(keyLength === undefined ? [] : [int(keyLength)]),
      // DEFAULT hmacWithSHA1 is omitted, as DER requires.
      ...(prf === 'sha1' ? [] : [seq(oid(HMAC_OIDS[prf] ?? prf), nul())]),
    ),
  )
}

export function pbes2({
  password,
  cipher = 'aes-256-cbc',
  prf = 'sha256',
  iterations = 10,
  keyLength = false,
}: Pbes2Options): Protection {
  const { id, key: length, iv: ivLength } = CIPHERS[cipher] ?? { id: cipher, key: 32, iv: 16 }
  return plaintext => {
    const key = pbkdf2Sync(password, SALT, iterations, length, prf)
    const iv = Buffer.alloc(ivLength, 7)
    const derivation = pbkdf2Algorithm(iterations, prf, keyLength ? length : undefined)
    return {
      algorithm: pbes2Algorithm(derivation, seq(oid(id), octet(iv))),
      ciphertext: run(cipher, key, iv, plaintext),
    }
  }
}

export function pbes2Algorithm(derivation: Buffer, scheme: Buffer): Buffer {
  return seq(oid('1.2.840.113549.1.5.13'), seq(derivation, scheme))
}

/** PBES2 with RC2-CBC, whose parameters contain a code for the effective key bits (RFC 8018 §B.2.3). */
export function pbes2Rc2(password: Buffer, bits: 40 | 64 | 128): Protection {
  return plaintext => {
    const iv = Buffer.alloc(8, 7)
    const key = pbkdf2Sync(password, SALT, 10, bits / 8, 'sha1')
    const scheme = seq(oid('1.2.840.113549.3.2'), seq(int({ 40: 160, 64: 120, 128: 58 }[bits]), octet(iv)))
    const derivation = pbkdf2Algorithm(10, 'sha1', bits === 64 ? undefined : bits / 8)
    return { algorithm: pbes2Algorithm(derivation, scheme), ciphertext: rc2(key, iv, plaintext) }
  }
}

const PBES1: Record<string, { id: number; digest: string }> = {
  'md5-des': { id: 3, digest: 'md5' },
  'md5-rc2': { id: 6, digest: 'md5' },
  'sha1-des': { id: 10, digest: 'sha1' },
  'sha1-rc2': { id: 11, digest: 'sha1' },
}

/**
 * RFC 8018 §6.1.
 * @param nssSalt does what NSS does, which takes the IV from the end of the digest
 */
export function pbes1(password: Buffer, scheme: string, nssSalt?: Buffer): Protection {
  const { id, digest } = PBES1[scheme] ?? { id: 99, digest: 'sha1' }
  return plaintext => {
    const salt = nssSalt ?? SALT
    let derived: Buffer = Buffer.concat([password, salt])
    for (let round = 0; round < 10; round++) derived = createHash(digest).update(derived).digest()
    const key = derived.subarray(0, 8)
    const iv = nssSalt === undefined ? derived.subarray(8, 16) : derived.subarray(-8)
    return {
      algorithm: seq(oid(`1.2.840.113549.1.5.${id}`), seq(octet(salt), int(10))),
      ciphertext: scheme.endsWith('rc2')
        ? rc2(key, iv, plaintext)
        : run('des-ede3-cbc', Buffer.concat([key, key, key]), iv, plaintext),
    }
  }
}

export function pbes2Scrypt(password: Buffer, N: number, r = 8, p = 1): Protection {
  return plaintext => {
    const iv = Buffer.alloc(16, 7)
    const key = scryptSync(password, SALT, 32, { N, r, p, maxmem: 1 << 29 })
    const derivation = seq(oid('1.3.6.1.4.1.11591.4.11'), seq(octet(SALT), int(N), int(r), int(p)))
    return {
      algorithm: pbes2Algorithm(derivation, seq(oid('2.16.840.1.101.3.4.1.42'), octet(iv))),
      ciphertext: run('aes-256-cbc', key, iv, plaintext),
    }
  }
}

/** forge's derivation: `null` is the zero-length password, a string its terminated BMPString. */
function forgeKdf(
  password: string | null,
  id: number,
  iterations: number,
  length: number,
  digest = 'sha1',
  salt = SALT,
): Buffer {
  const md = forge.md[digest as 'sha1'].create()
  const derive = forge.pkcs12.generateKey as (...args: unknown[]) => forge.util.ByteBuffer
  return Buffer.from(
    derive(password, forge.util.createBuffer(salt.toString('latin1')), id, iterations, length, md).getBytes(),
    'latin1',
  )
}

const PKCS12_PBE: Record<string, { id: number; key: number; iv: number }> = {
  'rc4-128': { id: 1, key: 16, iv: 0 },
  'rc4-40': { id: 2, key: 5, iv: 0 },
  '3des': { id: 3, key: 24, iv: 8 },
  '2des': { id: 4, key: 16, iv: 8 },
  'rc2-128': { id: 5, key: 16, iv: 8 },
  'rc2-40': { id: 6, key: 5, iv: 8 },
}

export function pkcs12Pbe(password: string | null, cipher: string, iterations = 10): Protection {
  const { id, key: keyLength, iv: ivLength } = PKCS12_PBE[cipher] ?? { id: 99, key: 24, iv: 8 }
  return plaintext => {
    const key = forgeKdf(password, 1, iterations, keyLength)
    const iv = ivLength === 0 ? Buffer.alloc(0) : forgeKdf(password, 2, iterations, ivLength)
    return {
      algorithm: seq(oid(`1.2.840.113549.1.12.1.${id}`), seq(octet(SALT), int(iterations))),
      ciphertext: runOld(cipher, key, iv, plaintext),
    }
  }
}

function runOld(cipher: string, key: Buffer, iv: Buffer, plaintext: Buffer): Buffer {
  if (cipher === '2des') return run('des-ede3-cbc', Buffer.concat([key, key.subarray(0, 8)]), iv, plaintext)
  if (cipher.startsWith('rc2')) return rc2(key, iv, plaintext)
  return run('des-ede3-cbc', key, iv, plaintext)
}

function rc2(key: Buffer, iv: Buffer, plaintext: Buffer): Buffer {
  const { createEncryptionCipher } = (
    forge as unknown as {
      rc2: { createEncryptionCipher(key: string, bits: number): forge.cipher.BlockCipher }
    }
  ).rc2
  const cipher = createEncryptionCipher(key.toString('latin1'), key.length * 8)
  ;(cipher.start as unknown as (iv: string) => void)(iv.toString('latin1'))
  cipher.update(forge.util.createBuffer(plaintext.toString('latin1')))
  cipher.finish()
  return Buffer.from(cipher.output.getBytes(), 'latin1')
}

function run(name: string, key: Buffer, iv: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv(name, key, iv)
  return Buffer.concat([cipher.update(plaintext), cipher.final()])
}

// --- bags ------------------------------------------------------------------------------------------------------

export interface Attributes {
  friendlyName?: string
  localKeyId?: Buffer
  /** Attributes as is, for broken ones. */
  raw?: Buffer
}

export function bag(type: string, value: Buffer, attributes: Attributes = {}): Buffer {
  const list = [
    ...(attributes.friendlyName === undefined
      ? []
      : [seq(oid('1.2.840.113549.1.9.20'), set(bmp(attributes.friendlyName)))]),
    ...(attributes.localKeyId === undefined
      ? []
      : [seq(oid('1.2.840.113549.1.9.21'), set(octet(attributes.localKeyId)))]),
    ...(attributes.raw === undefined ? [] : [attributes.raw]),
  ]
  return seq(oid(type), explicit(0, value), ...(list.length === 0 ? [] : [set(...list)]))
}

const BAG = '1.2.840.113549.1.12.10.1'

export const pkcs8 = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' })

export const keyBag = (key: KeyObject, attributes?: Attributes): Buffer =>
  bag(`${BAG}.1`, pkcs8(key), attributes)

export function shroudedKeyBag(
  key: KeyObject | Buffer,
  protection: Protection,
  attributes?: Attributes,
): Buffer {
  const { algorithm, ciphertext } = protection(Buffer.isBuffer(key) ? key : pkcs8(key))
  return bag(`${BAG}.2`, seq(algorithm, octet(ciphertext)), attributes)
}

export function certBag(certificate: X509Certificate | Buffer, attributes?: Attributes): Buffer {
  const der = Buffer.isBuffer(certificate) ? certificate : certificate.raw
  return bag(`${BAG}.3`, seq(oid('1.2.840.113549.1.9.22.1'), explicit(0, octet(der))), attributes)
}

export const crlBag = (): Buffer =>
  bag(`${BAG}.4`, seq(oid('1.2.840.113549.1.9.23.1'), explicit(0, octet(Buffer.from('crl')))))
export const secretBag = (): Buffer =>
  bag(`${BAG}.5`, seq(oid('1.2.3.4'), explicit(0, octet(Buffer.from('secret')))))
export const safeContentsBag = (...bags: Buffer[]): Buffer => bag(`${BAG}.6`, seq(...bags))

// --- safes and the whole ---------------------------------------------------------------------------------------

const DATA = '1.2.840.113549.1.7.1'

export const plainSafe = (...bags: Buffer[]): Buffer => dataContent(seq(...bags))

export function dataContent(content: Buffer): Buffer {
  return seq(oid(DATA), explicit(0, octet(content)))
}

export function encryptedSafe(protection: Protection, ...bags: Buffer[]): Buffer {
  const { algorithm, ciphertext } = protection(seq(...bags))
  const info = seq(oid(DATA), algorithm, tlv(0x80, ciphertext))
  return seq(oid('1.2.840.113549.1.7.6'), explicit(0, seq(int(0), info)))
}

export type MacMaker = (content: Buffer) => Buffer

export interface MacOptions {
  password: string | null
  digest?: string
  iterations?: number
  /** DEFAULT 1 is omitted. */
  omitIterations?: boolean
}

const DIGEST_BYTES: Record<string, number> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 }

export function mac({
  password,
  digest = 'sha1',
  iterations = 10,
  omitIterations = false,
}: MacOptions): MacMaker {
  return content => {
    const rounds = omitIterations ? 1 : iterations
    const key = forgeKdf(password, 3, rounds, DIGEST_BYTES[digest] ?? 20, digest)
    const value = createHmac(digest, key).update(content).digest()
    return macData(
      seq(oid(DIGEST_OIDS[digest] ?? digest), nul()),
      value,
      omitIterations ? undefined : iterations,
    )
  }
}

export function macData(algorithm: Buffer, value: Buffer, iterations?: number | bigint): Buffer {
  return seq(
    seq(algorithm, octet(value)),
    octet(SALT),
    ...(iterations === undefined ? [] : [int(iterations)]),
  )
}

/** RFC 9879 §4. */
export function pbmac1(password: Buffer, digest = 'sha256', keyLength: number | 'none' = 32): MacMaker {
  return content => {
    const length = keyLength === 'none' ? undefined : keyLength
    const key = pbkdf2Sync(password, SALT, 10, length ?? 32, digest)
    const value = createHmac(digest, key).update(content).digest()
    const parameters = seq(pbkdf2Algorithm(10, digest, length), seq(oid(HMAC_OIDS[digest] ?? digest), nul()))
    return macData(seq(oid('1.2.840.113549.1.5.14'), parameters), value, 1)
  }
}

export function pfx(safes: Buffer[], makeMac?: MacMaker, version = 3): Buffer {
  const authenticatedSafe = seq(...safes)
  return seq(
    int(version),
    dataContent(authenticatedSafe),
    ...(makeMac === undefined ? [] : [makeMac(authenticatedSafe)]),
  )
}
