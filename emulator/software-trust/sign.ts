import { constants, type KeyObject, privateEncrypt } from 'node:crypto'
import { signByEcdsa } from './ecdsa.ts'

interface Algorithm {
  /** of the hash */
  bytes: number
  sign(key: KeyObject, hash: Buffer): Buffer
}

/** By Java's names, as clients send them. */
const ALGORITHMS: Record<'rsa' | 'ec', Record<string, Algorithm>> = {
  rsa: {
    SHA256withRSA: { bytes: 32, sign: pkcs1('3031300d060960864801650304020105000420') },
    SHA384withRSA: { bytes: 48, sign: pkcs1('3041300d060960864801650304020205000430') },
    SHA512withRSA: { bytes: 64, sign: pkcs1('3051300d060960864801650304020305000440') },
  },
  ec: {
    SHA256withECDSA: { bytes: 32, sign: signByEcdsa },
    SHA384withECDSA: { bytes: 48, sign: signByEcdsa },
    SHA512withECDSA: { bytes: 64, sign: signByEcdsa },
  },
}

/** @returns undefined when this key has no such algorithm */
export function algorithmFor(key: KeyObject, name: unknown): Algorithm | undefined {
  const algorithms = ALGORITHMS[key.asymmetricKeyType === 'ec' ? 'ec' : 'rsa']
  return typeof name === 'string' && Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
}

/**
 * RSASSA-PKCS1-v1_5 over an existing hash: `crypto.sign` would hash it once more.
 *
 * @param prefix DER of a DigestInfo up to the hash (RFC 8017 §9.2, note 1)
 */
function pkcs1(prefix: string): Algorithm['sign'] {
  return (key, hash) =>
    privateEncrypt(
      { key, padding: constants.RSA_PKCS1_PADDING },
      Buffer.concat([Buffer.from(prefix, 'hex'), hash]),
    )
}
