/** Reading a PKCS#12 file from any program. */
import type { KeyObject, X509Certificate } from 'node:crypto'
import { ActionError } from '../../errors.ts'
import { ownPath } from '../certificate.ts'
import { KeyRefused } from '../key-limits.ts'
import { withoutTrailing } from '../trailing.ts'
import { weakness } from '../weakness.ts'
import type { PassedOver } from './choice.ts'
import { malformed, refusedKey, wrongPassword } from './errors.ts'
import { Findings } from './findings.ts'
import { Effort } from './limits.ts'
import { type Opened, openWith } from './open.ts'
import { choosePair, readCertificates } from './pair.ts'
import { type Pfx, readPfx } from './pfx.ts'
import { judge, type Portability } from './portability.ts'

/** What a P12 that could be opened contains. */
export interface Pkcs12 {
  privateKey: KeyObject
  /** The certificate whose public key is the private key's. */
  certificate: X509Certificate
  /** The path that issued it, its issuer first, as far as the file has it. */
  chain: X509Certificate[]
  /** What of it other programs can present, and so a rewritten P12 contains. */
  portableChain: X509Certificate[]
  friendlyName?: string
  /** Other certificates in it that have their private key there, the best first. */
  passedOver: PassedOver[]
  /** The exact bytes of the PFX; what followed it is cut off. */
  der: Buffer
  /** The password that opened it: without line breaks after it or a byte order mark before it when only that one did. */
  password: string
  /** Who can use `der` and `password` as is. */
  portability: Portability
  /** The most iterations that a part of it had, Infinity for scrypt: a rewritten one gets as many. */
  iterations: number
  /** How it is protected, for debug logging: one line each. */
  algorithms: string[]
}

/** The bytes EF BB BF, as text or read in Windows-1252. */
const BYTE_ORDER_MARK = /^(?:\ufeff|ï»¿)/

/** As is, then without what editors and shells put around it. */
function candidates(password: string): Set<string> {
  const unmarked = password.replace(BYTE_ORDER_MARK, '')
  const unbroken = (text: string) => withoutTrailing(text, '\r\n')
  return new Set([password, unbroken(password), unmarked, unbroken(unmarked)])
}

interface Context {
  findings: Findings
  now: Date
}

/**
 * Opens a P12 with `password`, or with it less its trailing line breaks or its byte order mark: a secret that was made by
 * `echo` or an editor has one.
 * Of several certificates in it, the one that is valid `now` is taken.
 * Throws the P12_ codes of src/errors.ts and nothing else.
 */
export async function decodePkcs12(bytes: Buffer, password: string, now = new Date()): Promise<Pkcs12> {
  try {
    const pfx = readPfx(bytes)
    const effort = new Effort()
    for (const candidate of candidates(password)) {
      const findings = new Findings()
      const opened = await openWith(pfx, candidate, effort, findings)
      if (opened !== undefined) return assemble(pfx, candidate, opened, { findings, now })
    }
  } catch (error) {
    if (error instanceof ActionError) throw error
    throw error instanceof KeyRefused ? refusedKey(error) : malformed('its structure cannot be read', error)
  }
  throw wrongPassword(password)
}

function assemble(pfx: Pfx, password: string, opened: Opened, { findings, now }: Context): Pkcs12 {
  const certificates = readCertificates(opened, findings)
  const pair = choosePair(opened, certificates, { findings, now })
  const { bags: _, otherKeys: __, ...found } = pair
  const others = certificates.map(({ certificate }) => certificate)
  const chain = ownPath(pair.certificate, others, now)
  const portableChain = chain.filter(issuer => weakness(issuer) === undefined)
  return {
    ...found,
    chain,
    portableChain,
    der: pfx.der,
    password,
    portability: judge(pfx, password, opened, { pair, certificates: others, portableChain }, findings),
    iterations: findings.iterations,
    algorithms: findings.algorithms,
  }
}
