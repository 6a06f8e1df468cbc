// What the most expensive P12s within the limits cost, and what writing one costs: npm run bench:p12.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  encryptedSafe,
  type Protection,
  pbes2Algorithm,
  pbkdf2Algorithm,
  pfx,
} from '../__tests__/support/p12-builder.ts'
import { testChain } from '../__tests__/support/p12-certificates.ts'
import { int, octet, oid, seq } from '../__tests__/support/p12-der.ts'
import type { ActionError } from '../src/errors.ts'
import { decodePkcs12, type Encryption, preparePkcs12 } from '../src/x509/pkcs12.ts'

const ITERATIONS = 500_000
const SALT = octet(Buffer.alloc(8, 1))
const AES_128 = seq(oid('2.16.840.1.101.3.4.1.2'), octet(Buffer.alloc(16)))
const HMAC_SHA3_512 = '2.16.840.1.101.3.4.2.16'

const pbkdf2 = (prf: string): Buffer => pbes2Algorithm(pbkdf2Algorithm(ITERATIONS, prf, 16), AES_128)
const scrypt = (N: number, r: number, p: number): Buffer =>
  pbes2Algorithm(seq(oid('1.3.6.1.4.1.11591.4.11'), seq(SALT, int(N), int(r), int(p))), AES_128)
const old = (id: string, iterations = ITERATIONS): Buffer => seq(oid(id), seq(SALT, int(iterations)))

interface Case {
  algorithm: Buffer
  /** As many parts as the limits allow. */
  parts: number
  bytes?: number
}

const CASES: Record<string, Case> = {
  'PBKDF2 with SHA-1': { algorithm: pbkdf2('sha1'), parts: 32 },
  'PBKDF2 with SHA-512': { algorithm: pbkdf2('sha512'), parts: 17 },
  'PBKDF2 with SHA3-512': { algorithm: pbkdf2(HMAC_SHA3_512), parts: 11 },
  'scrypt, 64 MiB': { algorithm: scrypt(2 ** 16, 8, 1), parts: 30 },
  'scrypt, 32 MiB in blocks of 1 MiB': { algorithm: scrypt(2 ** 5, 2 ** 13, 1), parts: 54 },
  'PBES1 with MD5': { algorithm: old('1.2.840.113549.1.5.3'), parts: 16 },
  'PBES1 with SHA-1': { algorithm: old('1.2.840.113549.1.5.10'), parts: 16 },
  "PKCS#12's own, RC4": { algorithm: old('1.2.840.113549.1.12.1.1'), parts: 16 },
  "PKCS#12's own, 3DES": { algorithm: old('1.2.840.113549.1.12.1.3'), parts: 5 },
  'RC2, 1 MB': { algorithm: old('1.2.840.113549.1.12.1.6', 1), parts: 1, bytes: 1_000_000 },
}

/** Tried in two forms with PBES and in one with PKCS#12's own; in four each, since GnuTLS would normalize it; and twice that. */
const PASSWORDS: Record<string, string> = {
  ASCII: 'secret',
  'decomposed Unicode': 'sa\u0308cret\u2003',
  'decomposed Unicode and a line break': 'sa\u0308cret\u2003\n',
}

async function open(title: string, kind: string): Promise<void> {
  const { algorithm, parts, bytes = 24 } = CASES[title] as Case
  // No form of the password opens it, so all are tried on every part.
  const closed: Protection = () => ({ algorithm, ciphertext: Buffer.alloc(bytes, 3) })
  const file = pfx(Array.from({ length: parts }, () => encryptedSafe(closed)))
  const code = await decodePkcs12(file, PASSWORDS[kind] ?? '').then(
    () => 'opened',
    (error: unknown) => (error as ActionError).code,
  )
  report(`${title}, ${kind}`, code)
}

async function write(encryption: Encryption): Promise<void> {
  const { key: privateKey, certificate } = testChain('rsa')
  const before = process.cpuUsage()
  await preparePkcs12(encryption, 'secret', 600_000)({ privateKey, certificate, chain: [] })
  report(`written as ${encryption}, in place of one of 600,000 iterations`, 'written', before)
}

function report(title: string, outcome: string, before?: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(before)
  const memory = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(`${title}: ${((user + system) / 1e6).toFixed(2)} s of CPU time, ${memory} MiB, ${outcome}`)
}

// Each in its own process, because memory is measured by its peak.
const [title, kind = ''] = process.argv.slice(2)
if (title === 'modern' || title === 'legacy') await write(title)
else if (title !== undefined) await open(title, kind)
else {
  const runs = Object.keys(CASES).flatMap(name => Object.keys(PASSWORDS).map(password => [name, password]))
  for (const args of [...runs, ['modern'], ['legacy']])
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' })
}
