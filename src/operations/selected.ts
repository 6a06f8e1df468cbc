/** Which of the listed certificates is meant. */
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { normalizeSerial } from '../x509/certificate.ts'
import type { Held } from './held.ts'
import { compareKeys, keyUntold, namesakesOf, otherKey, recordsOf } from './identity.ts'

/** How the certificate is named. */
export interface Selector {
  by: 'certificate-id' | 'serial-number' | 'name'
  value: string
}

const MOST_CANDIDATES = 10

/**
 * The one certificate that is meant, by a name, by a P12, or by both; then it has to be the same.
 * @throws ActionError NOT_FOUND, CERT_AMBIGUOUS, CERT_KEY_MISMATCH, RESPONSE_INVALID
 */
export function findSelected(
  { selector, held }: { selector: Selector | undefined; held: Held | undefined },
  records: CertificateRecord[],
): CertificateRecord {
  const what = selector === undefined ? 'the public key in that P12' : WHAT[selector.by]
  const named = selector === undefined ? records : records.filter(matcher(selector))
  if (named.length === 0) throw notFound(what, records)
  const matches = held === undefined ? named : recordsOf(held.facts, named)
  const [only] = matches
  if (only !== undefined && matches.length === 1) return only
  if (only !== undefined) throw ambiguous(what, matches)
  throw unlike(held, selector === undefined ? undefined : named, records) ?? notFound(what, records)
}

function matcher({ by, value }: Selector): (record: CertificateRecord) => boolean {
  if (by === 'certificate-id') return ({ id }) => id === value
  if (by === 'name') return ({ name }) => name === value
  const serial = normalizeSerial(value)
  // A record without a serial number is nobody's match.
  return ({ serialNumber }) => serial !== '' && normalizeSerial(serialNumber) === serial
}

/** Why none of what was named, or has the P12's serial number, is the P12's certificate. */
function unlike(
  held: Held | undefined,
  named: CertificateRecord[] | undefined,
  records: CertificateRecord[],
): ActionError | undefined {
  if (held === undefined) return undefined
  const { facts } = held
  const suspects = named ?? namesakesOf(facts, records)
  const untold = suspects.find(record => compareKeys(record, facts) === 'unknown')
  if (untold !== undefined)
    return keyUntold(untold, "Name the certificate by 'certificate-id', without a P12.")
  const [other] = suspects
  return other && otherKey(other, facts)
}

const WHAT: Record<Selector['by'], string> = {
  'certificate-id': 'that id',
  'serial-number': 'that serial number',
  name: 'that nickname',
}

function notFound(what: string, records: CertificateRecord[]): ActionError {
  return new ActionError('NOT_FOUND', {
    what: `No certificate of this service user has ${what}. ${candidates(records)}`,
    why: 'It is misspelled, or the certificate belongs to another service user, account or environment.',
    fix: "Take the id, serial number or nickname from the list, or correct 'api-key' and 'host'.",
  })
}

function ambiguous(what: string, matches: CertificateRecord[]): ActionError {
  return new ActionError('CERT_AMBIGUOUS', {
    what: `${matches.length} certificates have ${what}. ${candidates(matches)}`,
    why: 'It does not tell them apart.',
    fix: "Name the one you mean by 'certificate-id'.",
  })
}

function candidates(records: CertificateRecord[]): string {
  if (records.length === 0) return 'It has no certificates at all.'
  const listed = records
    .slice(0, MOST_CANDIDATES)
    .map(
      ({ id, name, serialNumber, enabled }) =>
        `\n- "${name}", id ${id}, serial number ${serialNumber}, ${enabled === false ? 'disabled' : 'enabled'}`,
    )
  const more = records.length > MOST_CANDIDATES ? `\n- and ${records.length - MOST_CANDIDATES} more` : ''
  return `There are:${listed.join('')}${more}`
}
