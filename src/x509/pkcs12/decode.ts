/** Reading a PKCS#12 file, whoever wrote it. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { ActionError } from '../../errors.ts'
import { orderChain } from '../certificate.ts'
import { KeyRefused } from '../key-limits.ts'
import { withoutTrailing } from '../trailing.ts'
import { malformed, refusedKey, wrongPassword } from './errors.ts'
import { Findings } from './findings.ts'
import { Effort } from './limits.ts'
import { type Opened, openWith } from './open.ts'
import { choosePair, readCertificates } from './pair.ts'
import { type Pfx, readPfx } from './pfx.ts'
import { judge, type Portability } from './portability.ts'

/** What a P12 that could be opened holds. */
export interface Pkcs12 {
  privateKey: KeyObject
  /** The certificate whose public key is the private key's. */
  certificate: X509Certificate
  /** The other certificates, the leaf's issuer first. */
  chain: X509Certificate[]
  friendlyName?: string
  /** The exact bytes of the PFX; what followed it is cut off. */
  der: Buffer
  /** The password that opened it: without trailing line breaks when only that one did. */
  password: string
  /** Whom `der` and `password` serve as they are. */
  portability: Portability
  /** The most iterations that a part of it had, Infinity for scrypt: a rewritten one shall have as many. */
  iterations: number
  /** How it is protected, for debug logging: one line each. */
  algorithms: string[]
}

/**
 * Opens a P12 with `password`, or with it less its trailing line breaks: a secret that was made by `echo` has one.
 * Throws the P12_ codes of src/errors.ts and nothing else.
 */
export async function decodePkcs12(bytes: Buffer, password: string): Promise<Pkcs12> {
  try {
    const pfx = readPfx(bytes)
    const effort = new Effort()
    for (const candidate of new Set([password, withoutTrailing(password, '\r\n')])) {
      const findings = new Findings()
      const opened = await openWith(pfx, candidate, effort, findings)
      if (opened !== undefined) return assemble(pfx, candidate, opened, findings)
    }
  } catch (error) {
    if (error instanceof ActionError) throw error
    throw error instanceof KeyRefused ? refusedKey(error) : malformed('its structure cannot be read', error)
  }
  throw wrongPassword(password)
}

function assemble(pfx: Pfx, password: string, opened: Opened, findings: Findings): Pkcs12 {
  const certificates = readCertificates(opened, findings)
  const pair = choosePair(opened, certificates, findings)
  const { bags: _, ...found } = pair
  const chain = orderChain(
    pair.certificate,
    certificates.map(({ certificate }) => certificate),
  )
  return {
    ...found,
    chain,
    der: pfx.der,
    password,
    portability: judge(pfx, password, opened, { pair, chain }, findings),
    iterations: findings.iterations,
    algorithms: findings.algorithms,
  }
}
