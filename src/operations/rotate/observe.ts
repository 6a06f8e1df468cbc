import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import { counted } from '../../text.ts'
import { type CertificateFacts, certificateName } from '../../x509/certificate.ts'
import type { Pkcs12 } from '../../x509/pkcs12.ts'
import { expiryOf } from '../../x509/validity.ts'
import { diagnose } from '../diagnose.ts'
import { judge, type Verdict } from '../effect.ts'
import { type Held, hold } from '../held.ts'
import { compareKeys, keyUntold, namesakesOf, otherKey, recordsOf } from '../identity.ts'
import { openP12 } from '../opened.ts'
import { type Family, findFamily } from './family.ts'
import { findRelatives } from './relatives.ts'
import type { InUse, Place, RotatePorts, RotateRequest } from './types.ts'

/** @throws ActionError P12_* */
export function openStored({ p12, password }: RotateRequest, ports: RotatePorts): Promise<Pkcs12> {
  return openP12({ bytes: p12, password }, ports)
}

/** The state of things at the start of a run. */
export interface Observed {
  stored: InUse
  family: Family
  targets: Place[]
  refused: boolean
}

/** @throws ActionError when something cannot be seen: then nothing is decided */
export async function observe(opened: Pkcs12, ports: RotatePorts): Promise<Observed> {
  const held = hold(opened, ports.mask)
  const { facts } = held
  const expired = facts.notAfter <= ports.clock.now()
  const [relatives, targets, verdict] = await Promise.all([
    findRelatives(facts, ports.digicert),
    ports.publisher.observe(),
    expired ? undefined : judge(held, ports),
  ])
  const { records, seen } = relatives
  const current = identify(held, relatives, verdict)
  const family = findFamily(records, { id: current.id, serialNumber: facts.serialNumber })
  if (family === undefined) throw unlisted(facts, seen)
  ports.log.info(
    `The certificate in use is "${current.name}" (id ${current.id}, serial number ${facts.serialNumber}), which ${expiryOf(facts.notAfter, ports.clock.now())}.`,
  )
  if (verdict?.accepted === true) ports.log.info('Verified over mTLS: the certificate in use works.')
  if (verdict?.accepted === false) ports.log.warning((await diagnose(verdict, held, ports)).message)
  if (!targets.some(({ feeds }) => feeds)) ports.log.warning(FOREIGN)
  return {
    stored: { ...held, record: current, p12: opened.der },
    family,
    targets,
    refused: verdict?.accepted === false,
  }
}

/**
 * The record of the certificate in the P12. Where the list tells no public keys, the mTLS host has to accept it: then it
 * is DigiCert ONE's own, and no two of those have one serial number.
 */
function identify(
  { facts }: Held,
  { records, seen }: { records: CertificateRecord[]; seen: number },
  verdict: Verdict | undefined,
): CertificateRecord {
  const [found] = recordsOf(facts, records)
  if (found !== undefined) return found
  const [namesake] = namesakesOf(facts, records)
  if (namesake === undefined) throw unlisted(facts, seen)
  if (compareKeys(namesake, facts) === 'different') throw otherKey(namesake, facts)
  if (verdict?.accepted === true) return namesake
  throw keyUntold(namesake, REPLACE)
}

const REPLACE =
  "Replace the stored P12 manually once, with a certificate that works; see 'Start' in rotate/README.md."

const FOREIGN =
  "None of 'targets' is this workflow's own repository, environment or organization, but the next run reads 'p12' from there again: make sure that it is updated too."

function unlisted(facts: CertificateFacts, count: number): ActionError {
  return new ActionError('CERT_UNKNOWN', {
    what: `The certificate ${certificateName(facts)} in 'p12' is not among the ${counted(count, 'certificate')} of this API key's service user.`,
    why: 'The certificate belongs to another service user, account or environment; a new one from here would authenticate as somebody else.',
    fix: "Check 'host', and that 'api-key' belongs to the same service user as the certificate in 'p12'.",
  })
}
