/** Which record is the certificate of a P12: only its public key says so, because anybody can copy a serial number. */
import { Kept } from '../digicert/gathering.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { type CertificateFacts, normalizeSerial } from '../x509/certificate.ts'
import { readPublicKey, readPublicKeys } from '../x509/public-key.ts'

type Facts = Pick<CertificateFacts, 'publicKey' | 'serialNumber'>

/** `unknown` where a record tells neither its public key nor its certificate. */
export type Likeness = 'same' | 'different' | 'unknown'

export function compareKeys(record: CertificateRecord, { publicKey }: Facts): Likeness {
  const keys = keysOf(record)
  if (keys.length === 0) return 'unknown'
  return keys.includes(publicKey) ? 'same' : 'different'
}

function keysOf({ publicKey, certificate }: CertificateRecord): string[] {
  const key = readPublicKey(publicKey)
  return key === undefined ? readPublicKeys(certificate) : [key]
}

/** The records with this public key: more than one only if a key was certified twice and the serial numbers do not help. */
export function recordsOf(facts: Facts, records: CertificateRecord[]): CertificateRecord[] {
  const same = records.filter(record => compareKeys(record, facts) === 'same')
  const exact = same.filter(record => hasSerial(record, facts))
  return exact.length > 0 ? exact : same
}

/** The records with this serial number, whatever their key. */
export function namesakesOf(facts: Facts, records: CertificateRecord[]): CertificateRecord[] {
  return records.filter(record => hasSerial(record, facts))
}

/** Whether the record has this public key or this serial number. */
export function isKin(record: CertificateRecord, facts: Facts): boolean {
  return hasSerial(record, facts) || compareKeys(record, facts) === 'same'
}

/** This many are kept, although there is usually one. */
const MOST_KIN = 1_000

/** Gathers the records that have this public key or this serial number, and counts the others. */
export function kinOf(facts: Facts): Kept {
  return new Kept({ keep: record => isKin(record, facts), room: MOST_KIN })
}

function hasSerial({ serialNumber }: CertificateRecord, facts: Facts): boolean {
  return facts.serialNumber !== '' && normalizeSerial(serialNumber) === facts.serialNumber
}

/** For a P12 that contains another certificate than expected. */
export function otherKey({ name, id }: CertificateRecord, { serialNumber }: Facts): ActionError {
  return new ActionError('CERT_KEY_MISMATCH', {
    what: `The certificate "${name}" (id ${id}) is not the one in the P12 (serial number ${serialNumber}): the public keys differ. Nothing was changed.`,
    why: 'The P12 contains another certificate, or somebody made it with a copied serial number.',
    fix: 'Use the P12 of that certificate, and find out where this P12 comes from.',
  })
}

/** For a record that cannot be compared with a P12. */
export function keyUntold({ name, id }: CertificateRecord, fix: string): ActionError {
  return new ActionError('RESPONSE_INVALID', {
    what: `DigiCert ONE lists "${name}" (id ${id}) without its public key and without its certificate, so it cannot be compared with the P12. Nothing was changed.`,
    why: 'This DigiCert ONE does not list them, or writes them in a form that this action does not know; the serial number alone is not enough, because anybody can copy it.',
    fix,
  })
}
