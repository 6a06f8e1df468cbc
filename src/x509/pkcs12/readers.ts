/** What programs that get the P12 of a job can read. The tests ask the programs themselves. */

/**
 * `openssl3`: OpenSSL 3.0 without -legacy, and with it curl. `java`: the key store of Java 17. `go`: `DecodeChain` of
 * go-pkcs12 0.7, which Go programs such as smctl open a P12 with.
 */
export const READERS = ['openssl3', 'java', 'go'] as const
export type Reader = (typeof READERS)[number]

/** Why some of them cannot use a file. */
export interface Obstacle {
  what: string
  readers: readonly Reader[]
  /** They read the file, but take `what` from it, which is not what is meant. */
  misread?: true
}

const OPENSSL: Reader[] = ['openssl3']
const NOT_GO: Reader[] = ['openssl3', 'java']
const NOT_JAVA: Reader[] = ['openssl3', 'go']
const NOT_OPENSSL: Reader[] = ['java', 'go']

/** OpenSSL's and Go's loops begin at 1, so that none is the same as one. */
export const NO_ITERATIONS = 'an iteration count of 0'

/** By the names that the readers of this folder give to what they read. What is not here, none of them reads. */
const READ_BY: Record<string, readonly Reader[]> = {
  'PKCS#12 SHA-1 3DES-CBC': READERS,
  'PKCS#12 SHA-1 3DES-CBC with two keys': OPENSSL,
  'PKCS#12 SHA-1 RC2-40': NOT_OPENSSL,
  'PKCS#12 SHA-1 RC2-128': NOT_OPENSSL,
  'PKCS#12 SHA-1 RC4-40': ['java'],
  'PKCS#12 SHA-1 RC4-128': ['java'],
  'PBES1 md5 DES-CBC': ['java'],
  'PBES2 AES-128-CBC': READERS,
  'PBES2 AES-192-CBC': NOT_JAVA,
  'PBES2 AES-256-CBC': READERS,
  'PBES2 3DES-CBC': OPENSSL,
  'PBES2 Camellia-128-CBC': OPENSSL,
  'PBES2 Camellia-192-CBC': OPENSSL,
  'PBES2 Camellia-256-CBC': OPENSSL,
  'PBES2 SM4-CBC': OPENSSL,
  'PBES2 ARIA-128-CBC': OPENSSL,
  'PBES2 ARIA-192-CBC': OPENSSL,
  'PBES2 ARIA-256-CBC': OPENSSL,
  [NO_ITERATIONS]: NOT_JAVA,
  'PBKDF2 with SHA-1': READERS,
  'PBKDF2 with SHA-224': NOT_GO,
  'PBKDF2 with SHA-256': READERS,
  'PBKDF2 with SHA-384': NOT_GO,
  'PBKDF2 with SHA-512': READERS,
  'PBKDF2 with SHA-512-224': OPENSSL,
  'PBKDF2 with SHA-512-256': OPENSSL,
  scrypt: OPENSSL,
  'a MAC with MD5': OPENSSL,
  'a MAC with SHA-1': READERS,
  'a MAC with SHA-224': NOT_GO,
  'a MAC with SHA-256': READERS,
  'a MAC with SHA-384': NOT_GO,
  'a MAC with SHA-512': READERS,
  'a MAC with SHA-512-224': NOT_GO,
  'a MAC with SHA-512-256': NOT_GO,
  'a MAC with SHA3-224': OPENSSL,
  'a MAC with SHA3-256': OPENSSL,
  'a MAC with SHA3-384': OPENSSL,
  'a MAC with SHA3-512': OPENSSL,
  'a MAC with RIPEMD160': OPENSSL,
  'a MAC with SM3': OPENSSL,
  'a MAC with BLAKE2B512': OPENSSL,
  'a MAC with BLAKE2S256': OPENSSL,
  PBMAC1: ['go'],
  'a key of the kind RSA': READERS,
  'a key of the kind RSA-PSS': NOT_GO,
  'a key of the kind EC secp224r1': READERS,
  'a key of the kind EC prime256v1': READERS,
  'a key of the kind EC secp384r1': READERS,
  'a key of the kind EC secp521r1': READERS,
  'a key of the kind ED25519': READERS,
  'a key of the kind ED448': NOT_GO,
}

/** Undefined when all of them read it. */
export function obstacleOf(part: string): Obstacle | undefined {
  const readBy = READ_BY[part] ?? []
  const readers = READERS.filter(reader => !readBy.includes(reader))
  return readers.length === 0 ? undefined : { what: part, readers }
}
