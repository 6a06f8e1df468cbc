/** Which of the listed certificates is meant. */
import type { DigicertOne } from '../digicert/client.ts'
import type { Gathering } from '../digicert/gathering.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { normalizeSerial } from '../x509/certificate.ts'
import { Candidates } from './candidates.ts'
import type { Held } from './held.ts'
import { compareKeys, isKin, keyUntold, namesakesOf, otherKey, recordsOf } from './identity.ts'

/** How the certificate is named. */
export interface Selector {
  by: 'certificate-id' | 'serial-number' | 'name'
  value: string
}

/** A certificate that is meant, by a name, by a P12, or by both. */
export interface Meant {
  selector: Selector | undefined
  held: Held | undefined
}

/** With more than one of the same name, it is unclear which is meant. */
const MOST_NAMED = 1_000

/**
 * The one certificate that is meant; when there are a name and a P12, it has to be the same. An id is one certificate's
 * alone: the list is read as far as that.
 * @throws ActionError NOT_FOUND, CERT_AMBIGUOUS, CERT_KEY_MISMATCH, RESPONSE_INVALID, and what the API says
 */
export async function findSelected(
  meant: Meant,
  digicert: Pick<DigicertOne, 'survey'>,
): Promise<CertificateRecord> {
  return (await digicert.survey(new Search(meant))).only()
}

class Search implements Gathering {
  readonly #meant: Meant
  readonly #isNamed: (record: CertificateRecord) => boolean
  #named: CertificateRecord[] = []
  #candidates: Candidates

  constructor(meant: Meant) {
    const { selector, held } = meant
    this.#meant = meant
    this.#isNamed =
      selector === undefined ? record => held === undefined || isKin(record, held.facts) : matcher(selector)
    this.#candidates = new Candidates(selector?.by === 'name' ? selector.value : undefined)
  }

  take(record: CertificateRecord): boolean {
    this.#candidates.add(record)
    if (!this.#isNamed(record)) return true
    if (this.#named.length < MOST_NAMED) this.#named.push(record)
    return this.#meant.selector?.by !== 'certificate-id'
  }

  copy(): this {
    const copy = new Search(this.#meant)
    copy.#named = [...this.#named]
    copy.#candidates = this.#candidates.copy()
    return copy as this
  }

  only(): CertificateRecord {
    const { selector, held } = this.#meant
    const what = selector === undefined ? 'the public key in that P12' : WHAT[selector.by]
    const matches = held === undefined ? this.#named : recordsOf(held.facts, this.#named)
    const [only] = matches
    if (only !== undefined && matches.length === 1) return only
    if (only !== undefined) throw ambiguous(what, matches)
    const suspects =
      selector === undefined && held !== undefined ? namesakesOf(held.facts, this.#named) : this.#named
    throw unlike(held, suspects) ?? notFound(what, this.#candidates)
  }
}

function matcher({ by, value }: Selector): (record: CertificateRecord) => boolean {
  if (by === 'certificate-id') return ({ id }) => id === value
  if (by === 'name') return ({ name }) => name === value
  const serial = normalizeSerial(value)
  // A record without a serial number matches nothing.
  return ({ serialNumber }) => serial !== '' && normalizeSerial(serialNumber) === serial
}

/** Why none of what was named, or has the P12's serial number, is the P12's certificate. */
function unlike(held: Held | undefined, suspects: CertificateRecord[]): ActionError | undefined {
  if (held === undefined) return undefined
  const { facts } = held
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

function notFound(what: string, candidates: Candidates): ActionError {
  return new ActionError('NOT_FOUND', {
    what: `No certificate of this service user has ${what}. ${listed(candidates)}`,
    why: 'The value is misspelled, or the certificate belongs to another service user, account or environment.',
    fix: "Take the id, serial number or nickname from the list, or correct 'api-key' and 'host'.",
  })
}

function ambiguous(what: string, matches: CertificateRecord[]): ActionError {
  const candidates = new Candidates(undefined)
  for (const match of matches) candidates.add(match)
  return new ActionError('CERT_AMBIGUOUS', {
    what: `${matches.length} certificates have ${what}. ${listed(candidates)}`,
    fix: "Set 'certificate-id' to the id of the one you mean.",
  })
}

function listed({ records, count }: Candidates): string {
  if (count === 0) return 'It has no certificates.'
  const lines = records.map(
    ({ id, name, serialNumber, enabled }) =>
      `\n- "${name}", id ${id}, serial number ${serialNumber}, ${enabled === false ? 'disabled' : 'enabled'}`,
  )
  const more = count > records.length ? `\n- and ${count - records.length} more` : ''
  return `There are:${lines.join('')}${more}`
}
