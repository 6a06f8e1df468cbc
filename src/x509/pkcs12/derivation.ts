/** The key derivations that PBES2 and PBMAC1 name: PBKDF2 (RFC 8018 §5.2) and scrypt (RFC 7914). */
import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import {
  type Asn1,
  child,
  children,
  integer,
  isInteger,
  isOctetString,
  isSequence,
  octetString,
  oid,
} from '../der.ts'
import { DEFAULT_PRF, digestLabel, findHmac, pbkdf2Cost } from './digests.ts'
import { malformed, unsupported } from './errors.ts'
import { type Budget, checkSalt, scryptBytes } from './limits.ts'
import { OID } from './oids.ts'

export interface Derivation {
  label: string
  /** Bytes, when the file says; the cipher's key length otherwise. */
  keyLength?: number
  /** Its name in readers.ts. */
  part: string
  /** What it costs, and how many iterations that is; Infinity for scrypt, which outdoes them. */
  rounds: number
  iterations: number
  derive(password: Buffer, length: number): Promise<Buffer>
}

/** More than any cipher or MAC takes. */
const MAX_KEY_BYTES = 1024
const LONGEST_CIPHER_KEY = 32

export function readDerivation(algorithm: Asn1, budget: Budget): Derivation {
  const name = oid(child(algorithm, 0))
  if (name === OID.pbkdf2) return readPbkdf2(children(child(algorithm, 1)), budget)
  if (name === OID.scrypt) return readScrypt(children(child(algorithm, 1)), budget)
  throw unsupported(`a key derivation with the OID ${name}`)
}

/** PBKDF2-params: salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1. */
function readPbkdf2([salt, count, ...optional]: Asn1[], budget: Budget): Derivation {
  if (salt === undefined || count === undefined) throw malformed('PBKDF2 without its parameters')
  if (!isOctetString(salt)) throw unsupported('PBKDF2 with a salt from elsewhere')
  const saltBytes = checkSalt(octetString(salt))
  const keyLength = readKeyLength(optional)
  const iterations = integer(count)
  const prf = optional.find(isSequence)
  const digest = prf === undefined ? DEFAULT_PRF : findHmac(oid(child(prf, 0)))
  const { weight, bytes } = pbkdf2Cost(digest)
  const blocks = Math.ceil((keyLength ?? LONGEST_CIPHER_KEY) / bytes)
  const rounds = budget.derivation({ iterations, blocks, weight })
  return {
    label: `PBKDF2 HMAC-${digest.name}, ${iterations} iterations`,
    part: `PBKDF2 with ${digestLabel(digest)}`,
    rounds,
    iterations,
    ...(keyLength === undefined ? {} : { keyLength }),
    derive: (password, length) => promisify(pbkdf2)(password, saltBytes, iterations, length, digest.name),
  }
}

/** What OpenSSL allows itself for a scrypt in a file. */
const OPENSSL_SCRYPT_BYTES = 32 * 1024 * 1024

/** scrypt-params: salt, costParameter, blockSize, parallelizationParameter, keyLength OPTIONAL. */
function readScrypt([salt, ...numbers]: Asn1[], budget: Budget): Derivation {
  if (salt === undefined) throw malformed('scrypt without its parameters')
  const saltBytes = checkSalt(octetString(salt))
  const [N = 0, r = 0, p = 0] = numbers.slice(0, 3).map(integer)
  if (!(N > 1 && Number.isInteger(Math.log2(N)) && r > 0 && p > 0))
    throw malformed('impossible scrypt parameters')
  const rounds = budget.scrypt({ N, r, p })
  const keyLength = readKeyLength(numbers.slice(3))
  const bytes = scryptBytes({ N, r, p })
  return {
    label: `scrypt N=${N} r=${r} p=${p}`,
    part: bytes > OPENSSL_SCRYPT_BYTES ? 'scrypt with more memory than OpenSSL allows' : 'scrypt',
    rounds,
    iterations: Number.POSITIVE_INFINITY,
    ...(keyLength === undefined ? {} : { keyLength }),
    derive: (password, length) => runScrypt(password, saltBytes, length, { N, r, p, maxmem: bytes + 1024 }),
  }
}

interface ScryptOptions {
  N: number
  r: number
  p: number
  maxmem: number
}

/** One after the other, because each takes up to 65 MiB. */
let scrypts: Promise<unknown> = Promise.resolve()

function runScrypt(password: Buffer, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> {
  const run = (): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)))
    })
  const key = scrypts.then(run, run)
  scrypts = key.catch(() => undefined)
  return key
}

function readKeyLength(optional: Asn1[]): number | undefined {
  const node = optional.find(isInteger)
  if (node === undefined) return undefined
  const length = integer(node)
  if (length < 1 || length > MAX_KEY_BYTES) throw malformed('an impossible key length')
  return length
}
