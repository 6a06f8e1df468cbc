// What the most expensive P12s that the limits let through cost: `node bench/worst-p12.ts`.

import {
  encryptedSafe,
  type Protection,
  pbes2Algorithm,
  pbkdf2Algorithm,
  pfx,
} from '../__tests__/support/p12-builder.ts'
import { int, octet, oid, seq } from '../__tests__/support/p12-der.ts'
import type { ActionError } from '../src/errors.ts'
import { decodePkcs12 } from '../src/x509/pkcs12.ts'

/** Eight parts of these make the eight million that a file may ask for. */
const ITERATIONS = 1_000_000
const SALT = octet(Buffer.alloc(8, 1))
const AES_128 = seq(oid('2.16.840.1.101.3.4.1.2'), octet(Buffer.alloc(16)))
const HMAC_SHA3_512 = '2.16.840.1.101.3.4.2.16'

const pbkdf2 = (prf: string): Buffer => pbes2Algorithm(pbkdf2Algorithm(ITERATIONS, prf, 16), AES_128)
const scrypt = seq(
  oid('1.3.6.1.4.1.11591.4.11'),
  seq(SALT, int(2 ** 16), int(8), int(1)), // 64 MiB
)

/** The algorithm, and how many parts of it the limits let through. */
const WORST: [string, Buffer, number][] = [
  ['PBKDF2 with SHA-1', pbkdf2('sha1'), 8],
  ['PBKDF2 with SHA-512', pbkdf2('sha512'), 8],
  ['PBKDF2 with SHA3-512', pbkdf2(HMAC_SHA3_512), 8],
  ['scrypt', pbes2Algorithm(scrypt, AES_128), 30],
  ['PBES1 with MD5', seq(oid('1.2.840.113549.1.5.3'), seq(SALT, int(ITERATIONS))), 2],
  ["PKCS#12's own, RC4", seq(oid('1.2.840.113549.1.12.1.1'), seq(SALT, int(ITERATIONS))), 8],
]

/** Tried in two forms with PBES, in one with PKCS#12's own; and in four, since GnuTLS would normalise it. */
const PASSWORDS = { ASCII: 'secret', 'decomposed Unicode': 'sa\u0308cret' }

for (const [title, algorithm, parts] of WORST) {
  // No form of the password opens it, so all are tried on every part.
  const closed: Protection = () => ({ algorithm, ciphertext: Buffer.alloc(24, 3) })
  const file = pfx(Array.from({ length: parts }, () => encryptedSafe(closed)))
  for (const [kind, password] of Object.entries(PASSWORDS)) {
    const before = process.cpuUsage()
    const code = await decodePkcs12(file, password).catch((error: unknown) => (error as ActionError).code)
    const { user, system } = process.cpuUsage(before)
    const memory = Math.round(process.resourceUsage().maxRSS / 1024)
    console.log(
      `${title}, ${kind} password: ${((user + system) / 1e6).toFixed(1)} s of processor time, ${memory} MiB, ${code}`,
    )
  }
}
