/** The MAC that ties a P12 to its password (RFC 7292 §4, RFC 9879). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import {
  type Asn1,
  child,
  children,
  integer,
  newInteger,
  newNull,
  newOctetString,
  newOid,
  octetString,
  oid,
  sequence,
} from '../der.ts'
import { readDerivation } from './derivation.ts'
import { digestLabel, findDigest, findHmac } from './digests.ts'
import { malformed } from './errors.ts'
import type { Protected } from './findings.ts'
import { type Digest, PURPOSE, pkcs12Kdf } from './kdf.ts'
import { type Budget, checkSalt, HASH_WEIGHT } from './limits.ts'
import { OID } from './oids.ts'
import { bmpForms, bmpPassword, byteForms, type PasswordForm } from './password.ts'
import type { Secret } from './pbe-encrypt.ts'
import { NO_ITERATIONS } from './readers.ts'

export interface Mac extends Protected {
  forms(password: string): PasswordForm[]
  verify(form: PasswordForm, content: Buffer): Promise<boolean>
}

/** RFC 9879 §9 recommends to reject less: a MAC under a key of a byte or two verifies nothing. */
const MIN_PBMAC1_KEY_BYTES = 20

/** MacData: mac (DigestInfo), macSalt, iterations DEFAULT 1. */
export function readMac(macData: Asn1, budget: Budget): Mac {
  const [digestInfo, salt, count] = children(macData)
  if (digestInfo === undefined || salt === undefined) throw malformed('its MAC is incomplete')
  const algorithm = child(digestInfo, 0)
  const expected = octetString(child(digestInfo, 1))
  const name = oid(child(algorithm, 0))
  if (name === OID.pbmac1) return readPbmac1(child(algorithm, 1), expected, budget)
  const asked = count === undefined ? 1 : integer(count)
  const iterations = Math.max(1, asked)
  const rounds = budget.derivation({ iterations, blocks: 1, weight: HASH_WEIGHT })
  const mac = readPkcs12Mac(findDigest(name), checkSalt(octetString(salt)), iterations, expected)
  return { ...mac, parts: asked === 0 ? [...mac.parts, NO_ITERATIONS] : mac.parts, rounds }
}

function readPkcs12Mac(
  digest: Digest,
  salt: Buffer,
  iterations: number,
  expected: Buffer,
): Omit<Mac, 'rounds'> {
  return {
    iterations,
    label: `MAC ${digest.name}, ${iterations} iterations`,
    parts: [`a MAC with ${digestLabel(digest)}`],
    forms: bmpForms,
    verify: async (form, content) => {
      const input = { digest, password: form.bytes, salt, iterations }
      const key = await pkcs12Kdf(PURPOSE.mac, createHmac(digest.name, '').digest().length, input)
      return sameBytes(createHmac(digest.name, key).update(content).digest(), expected)
    },
  }
}

/** RFC 9879 §4 and §5: PBMAC1-params are a keyDerivationFunc, whose key length must be there, and a messageAuthScheme. */
function readPbmac1(parameters: Asn1, expected: Buffer, budget: Budget): Mac {
  const derivation = readDerivation(child(parameters, 0), budget)
  const digest = findHmac(oid(child(child(parameters, 1), 0)))
  const { keyLength, rounds, iterations } = derivation
  if (keyLength === undefined) throw malformed('its PBMAC1 does not say the length of the key')
  if (keyLength < MIN_PBMAC1_KEY_BYTES) throw malformed('the key of its PBMAC1 is too short')
  return {
    label: `PBMAC1 HMAC-${digest.name}, ${derivation.label}`,
    ...{ rounds, iterations },
    parts: ['PBMAC1', derivation.part, `a MAC with ${digestLabel(digest)}`],
    forms: byteForms,
    verify: async (form, content) => {
      const key = await derivation.derive(form.bytes, keyLength)
      return sameBytes(createHmac(digest.name, key).update(content).digest(), expected)
    },
  }
}

function sameBytes(actual: Buffer, expected: Buffer): boolean {
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/** Makes the MacData over the bytes of an AuthenticatedSafe. */
export type CreateMac = (content: Buffer) => Asn1

/** Deriving takes time, and needs nothing but the password. */
export async function prepareMac(
  name: 'sha1' | 'sha256',
  { password, iterations }: Secret,
): Promise<CreateMac> {
  const salt = randomBytes(16)
  const length = name === 'sha1' ? 20 : 32
  const key = await pkcs12Kdf(PURPOSE.mac, length, {
    digest: { name, block: 64 },
    password: bmpPassword(password),
    salt,
    iterations,
  })
  const algorithm = sequence(newOid(OID[name]), newNull())
  return content => {
    const digest = createHmac(name, key).update(content).digest()
    return sequence(sequence(algorithm, newOctetString(digest)), newOctetString(salt), newInteger(iterations))
  }
}
