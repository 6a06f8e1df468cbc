import { constants, type KeyObject, privateEncrypt } from 'node:crypto'

interface Digest {
  bytes: number
  /** DER of a DigestInfo up to the hash (RFC 8017 §9.2, note 1) */
  prefix: string
}

/** By the names that Java has for them, as clients send them. */
const ALGORITHMS: Record<string, Digest> = {
  SHA256withRSA: { bytes: 32, prefix: '3031300d060960864801650304020105000420' },
  SHA384withRSA: { bytes: 48, prefix: '3041300d060960864801650304020205000430' },
  SHA512withRSA: { bytes: 64, prefix: '3051300d060960864801650304020305000440' },
}

export function digestOf(algorithm: unknown): Digest | undefined {
  return typeof algorithm === 'string' && Object.hasOwn(ALGORITHMS, algorithm)
    ? ALGORITHMS[algorithm]
    : undefined
}

/** RSASSA-PKCS1-v1_5 over a hash that is there already: `crypto.sign` would hash it once more. */
export function signHash(key: KeyObject, { prefix }: Digest, hash: Buffer): Buffer {
  return privateEncrypt(
    { key, padding: constants.RSA_PKCS1_PADDING },
    Buffer.concat([Buffer.from(prefix, 'hex'), hash]),
  )
}
