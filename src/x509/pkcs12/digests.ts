/** The digests that a MAC or a PRF may name, by Node's names. */

import { hash } from 'node:crypto'
import { unsupported } from './errors.ts'
import type { Digest } from './kdf.ts'

const sha1 = { name: 'sha1', block: 64 }
const sha224 = { name: 'sha224', block: 64 }
const sha256 = { name: 'sha256', block: 64 }
const sha384 = { name: 'sha384', block: 128 }
const sha512 = { name: 'sha512', block: 128 }
const sha512t224 = { name: 'sha512-224', block: 128 }
const sha512t256 = { name: 'sha512-256', block: 128 }
const sha3n224 = { name: 'sha3-224', block: 144 }
const sha3n256 = { name: 'sha3-256', block: 136 }
const sha3n384 = { name: 'sha3-384', block: 104 }
const sha3n512 = { name: 'sha3-512', block: 72 }

const DIGESTS: Record<string, Digest> = {
  '1.2.840.113549.2.5': { name: 'md5', block: 64 },
  '1.3.36.3.2.1': { name: 'ripemd160', block: 64 },
  '1.2.156.10197.1.401': { name: 'sm3', block: 64 },
  '1.3.6.1.4.1.1722.12.2.1.16': { name: 'blake2b512', block: 128 },
  '1.3.6.1.4.1.1722.12.2.2.8': { name: 'blake2s256', block: 64 },
  '1.3.14.3.2.26': sha1,
  '2.16.840.1.101.3.4.2.4': sha224,
  '2.16.840.1.101.3.4.2.1': sha256,
  '2.16.840.1.101.3.4.2.2': sha384,
  '2.16.840.1.101.3.4.2.3': sha512,
  '2.16.840.1.101.3.4.2.5': sha512t224,
  '2.16.840.1.101.3.4.2.6': sha512t256,
  '2.16.840.1.101.3.4.2.7': sha3n224,
  '2.16.840.1.101.3.4.2.8': sha3n256,
  '2.16.840.1.101.3.4.2.9': sha3n384,
  '2.16.840.1.101.3.4.2.10': sha3n512,
}

/** How long a round of PBKDF2 takes, as limits.ts counts, and how many bytes it gives. */
export function pbkdf2Cost({ name }: Digest): { weight: number; bytes: number } {
  const bytes = hash(name, '', 'buffer').length
  if (name.startsWith('sha3-')) return { weight: 1.4, bytes }
  return { weight: SMALL_DIGESTS.has(name) ? 0.5 : 0.9, bytes }
}

/** Those of 32-bit words. */
const SMALL_DIGESTS = new Set(['sha1', 'sha224', 'sha256'])

/** hmacWithSHA… of RFC 8018 §B.1.2; Bouncy Castle can write NIST's hmacWithSHA3-… too. */
const HMACS: Record<string, Digest> = {
  '1.2.840.113549.2.7': sha1,
  '1.2.840.113549.2.8': sha224,
  '1.2.840.113549.2.9': sha256,
  '1.2.840.113549.2.10': sha384,
  '1.2.840.113549.2.11': sha512,
  '1.2.840.113549.2.12': sha512t224,
  '1.2.840.113549.2.13': sha512t256,
  '2.16.840.1.101.3.4.2.13': sha3n224,
  '2.16.840.1.101.3.4.2.14': sha3n256,
  '2.16.840.1.101.3.4.2.15': sha3n384,
  '2.16.840.1.101.3.4.2.16': sha3n512,
}

export const DEFAULT_PRF: Digest = sha1

export function findDigest(oid: string): Digest {
  return DIGESTS[oid] ?? refuse('the digest', oid)
}

export function findHmac(oid: string): Digest {
  return HMACS[oid] ?? refuse('the pseudo-random function', oid)
}

/** As people write it. */
export function digestLabel({ name }: Digest): string {
  return name.toUpperCase().replace(/^SHA(?=1$|\d{3})/, 'SHA-')
}

function refuse(role: string, oid: string): never {
  throw unsupported(`${role} with the OID ${oid}`)
}
