/** Password-based encryption, decrypting: PKCS#12's own schemes (RFC 7292 appendix C), PBES1 and PBES2 (RFC 8018). */
import { type Asn1, child, children, integer, isSequence, octetString, oid, readPrefix } from '../der.ts'
import { type Cipher, DES, findCipher, findGcm, rc2, rc4, TRIPLE_DES, TWO_KEY_TRIPLE_DES } from './ciphers.ts'
import { readDerivation } from './derivation.ts'
import { malformed, unsupported } from './errors.ts'
import type { Protected } from './findings.ts'
import { PURPOSE, pkcs12Kdf, repeatHash } from './kdf.ts'
import { type Budget, checkSalt, HASH_WEIGHT, type Work } from './limits.ts'
import { encryptionName } from './names.ts'
import { OID } from './oids.ts'
import { bmpForms, byteForms, type PasswordForm } from './password.ts'
import { NO_ITERATIONS } from './readers.ts'

/** How something in the file was encrypted. */
export interface Scheme extends Protected {
  /** The byte forms to try, the usual one first. */
  forms(password: string): PasswordForm[]
  /** Throws, or returns nonsense, when the password is wrong. */
  decrypt(password: Buffer, ciphertext: Buffer): Promise<Buffer>
}

const SHA1 = { name: 'sha1', block: 64 }

const PKCS12_CIPHERS: Record<string, Cipher> = {
  '1.2.840.113549.1.12.1.1': rc4(16),
  '1.2.840.113549.1.12.1.2': rc4(5),
  [OID.sha3Des]: TRIPLE_DES,
  '1.2.840.113549.1.12.1.4': TWO_KEY_TRIPLE_DES,
  '1.2.840.113549.1.12.1.5': rc2(16),
  '1.2.840.113549.1.12.1.6': rc2(5),
}

const PBES1_SCHEMES: Record<string, { digest: string; cipher: Cipher }> = {
  '1.2.840.113549.1.5.3': { digest: 'md5', cipher: DES },
  '1.2.840.113549.1.5.6': { digest: 'md5', cipher: rc2(8) },
  '1.2.840.113549.1.5.10': { digest: 'sha1', cipher: DES },
  '1.2.840.113549.1.5.11': { digest: 'sha1', cipher: rc2(8) },
}

/** Reads an AlgorithmIdentifier and charges its work to the budget before any of it is done. */
export function readScheme(algorithm: Asn1, budget: Budget): Scheme {
  const name = oid(child(algorithm, 0))
  if (name === OID.pbes2) return readPbes2(child(algorithm, 1), budget)
  const pkcs12Cipher = PKCS12_CIPHERS[name]
  if (pkcs12Cipher !== undefined) return readPkcs12Pbe(pkcs12Cipher, child(algorithm, 1), budget)
  const pbes1 = PBES1_SCHEMES[name]
  if (pbes1 !== undefined) return readPbes1(pbes1.digest, pbes1.cipher, child(algorithm, 1), budget)
  throw unsupported(encryptionName(name))
}

/** pkcs-12PbeParams and PBEParameter: salt, iterations. */
function readSaltAndCount(
  parameters: Asn1,
  budget: Budget,
  work: Omit<Work, 'iterations'>,
): { salt: Buffer; iterations: number; rounds: number; odd: string[] } {
  const salt = checkSalt(octetString(child(parameters, 0)))
  const asked = integer(child(parameters, 1))
  const iterations = Math.max(1, asked)
  const rounds = budget.derivation({ iterations, ...work })
  return { salt, iterations, rounds, odd: asked === 0 ? [NO_ITERATIONS] : [] }
}

function readPkcs12Pbe(cipher: Cipher, parameters: Asn1, budget: Budget): Scheme {
  const blocks = Math.ceil(cipher.keyBytes / 20) + Math.ceil(cipher.ivBytes / 20)
  const { salt, iterations, rounds, odd } = readSaltAndCount(parameters, budget, {
    blocks,
    weight: HASH_WEIGHT,
  })
  return {
    ...{ rounds, iterations },
    label: `PKCS#12 SHA-1 ${cipher.label}, ${iterations} iterations`,
    parts: [`PKCS#12 SHA-1 ${cipher.label}`, ...odd],
    forms: bmpForms,
    decrypt: async (password, ciphertext) => {
      const input = { digest: SHA1, password, salt, iterations }
      const key = await pkcs12Kdf(PURPOSE.key, cipher.keyBytes, input)
      const iv = await pkcs12Kdf(PURPOSE.iv, cipher.ivBytes, input)
      return cipher.decrypt(key, iv, ciphertext)
    },
  }
}

/** RFC 8018 §6.1: PBKDF1 gives eight bytes of key and eight of IV. */
function readPbes1(digest: string, cipher: Cipher, parameters: Asn1, budget: Budget): Scheme {
  const { salt, iterations, rounds } = readSaltAndCount(parameters, budget, {
    blocks: 1,
    weight: HASH_WEIGHT,
  })
  return {
    ...{ rounds, iterations },
    label: `PBES1 ${digest} ${cipher.label}, ${iterations} iterations`,
    parts: [`PBES1 ${digest} ${cipher.label}`],
    forms: byteForms,
    decrypt: async (password, ciphertext) => {
      const derived = await repeatHash(digest, Buffer.concat([password, salt]), iterations)
      const decrypt = (iv: Buffer) => cipher.decrypt(derived.subarray(0, 8), iv, ciphertext)
      const plaintext = await decrypt(derived.subarray(8, 16))
      // NSS takes the IV from the end of the digest, and SHA-1 has 20 bytes. Only the first block differs.
      return isValue(plaintext) ? plaintext : await decrypt(derived.subarray(-8))
    },
  }
}

/** One value, and nothing after it. */
function isValue(plaintext: Buffer): boolean {
  try {
    return readPrefix(plaintext).length === plaintext.length
  } catch {
    return false
  }
}

/** PBES2-params: keyDerivationFunc, encryptionScheme. */
function readPbes2(parameters: Asn1, budget: Budget): Scheme {
  const derivation = readDerivation(child(parameters, 0), budget)
  const { cipher, iv } = readEncryptionScheme(child(parameters, 1), derivation.keyLength)
  const { rounds, iterations } = derivation
  return {
    ...{ rounds, iterations },
    label: `PBES2 ${cipher.label}, ${derivation.label}`,
    parts: [`PBES2 ${cipher.label}`, derivation.part],
    forms: byteForms,
    decrypt: async (password, ciphertext) =>
      cipher.decrypt(await derivation.derive(password, cipher.keyBytes), iv, ciphertext),
  }
}

const RC2_CBC = '1.2.840.113549.3.2'

/** RFC 8018 §B.2.3: the encoding of RC2's effective key bits. */
const RC2_VERSIONS: Record<number, number> = { 160: 40, 120: 64, 58: 128 }

function readEncryptionScheme(scheme: Asn1, keyLength: number | undefined): { cipher: Cipher; iv: Buffer } {
  const name = oid(child(scheme, 0))
  const [, parameters] = children(scheme)
  if (name === RC2_CBC && isSequence(parameters)) {
    const bits = RC2_VERSIONS[integer(child(parameters, 0))]
    if (bits === undefined) throw unsupported('RC2 with an uncommon key length')
    return withIv(rc2(keyLength ?? bits / 8, bits), octetString(child(parameters, 1)))
  }
  if (!isSequence(parameters)) {
    const cipher = findCipher(name, keyLength)
    if (parameters === undefined) throw malformed('an encryption without its parameters')
    return withIv(cipher, octetString(parameters))
  }
  // GCMParameters: nonce, length of the tag DEFAULT 12.
  const iv = octetString(child(parameters, 0))
  const tag = children(parameters)[1]
  const gcm = findGcm(name, iv.length, readTagBytes(tag === undefined ? 12 : integer(tag)))
  if (gcm === undefined) throw unsupported(encryptionName(name))
  if (keyLength !== undefined && keyLength !== gcm.keyBytes)
    throw unsupported(`${gcm.label} with a key of ${keyLength} bytes`)
  return withIv(gcm, iv)
}

/** RFC 5084 §3.2. */
function readTagBytes(length: number): number {
  if (length < 12 || length > 16) throw malformed('a tag of the wrong length')
  return length
}

function withIv(cipher: Cipher, iv: Buffer): { cipher: Cipher; iv: Buffer } {
  if (iv.length !== cipher.ivBytes) throw malformed('an initialization vector of the wrong length')
  return { cipher, iv }
}
