import type { DigicertOne } from '../../digicert/client.ts'
import type { Gathering } from '../../digicert/gathering.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { type CertificateFacts, normalizeSerial } from '../../x509/certificate.ts'
import { isKin } from '../identity.ts'
import { replacedSerial, shortSerial } from '../nickname.ts'

/** Of a list that is no longer than this, every record is kept, and with it all that a nickname can lead to. */
const ROOM = 5_000
const MOST_KIN = 1_000

type Facts = Pick<CertificateFacts, 'publicKey' | 'serialNumber'>

/** A list that is longer than memory has room for is read twice, where the first time has shown that it must be. */
export async function findRelatives(facts: Facts, digicert: Pick<DigicertOne, 'survey'>): Promise<Relatives> {
  const found = await digicert.survey(new Relatives(facts))
  const { missing } = found
  return missing === undefined ? found : await digicert.survey(new Relatives(facts, missing))
}

/**
 * What rotation needs of a list: the certificate in use, those that rotation made, and whatever these replaced. That
 * the last are old, and not made by rotation, is known only at the end, when a long list has gone by.
 */
class Relatives implements Gathering {
  readonly #facts: Facts
  readonly #root: string | undefined
  #kin: CertificateRecord[] = []
  #rotated: CertificateRecord[] = []
  #others: CertificateRecord[] = []
  #isWhole = true
  /** How many records were seen. */
  seen = 0

  /** @param root the end of a serial number that is needed as well */
  constructor(facts: Facts, root?: string) {
    this.#facts = facts
    this.#root = root
  }

  get records(): CertificateRecord[] {
    return [...this.#kin, ...this.#rotated, ...this.#others]
  }

  /** The end of the serial number that the certificate in use goes back to, if the list has to be searched for it once more. */
  get missing(): string | undefined {
    if (this.#isWhole) return undefined
    const bySerial = new Map(this.records.map(record => [keyOf(record), record.name]))
    const seen = new Set<string>()
    for (let serial = shortSerial(this.#facts.serialNumber); !seen.has(serial); ) {
      seen.add(serial)
      const name = bySerial.get(serial)
      if (name === undefined) return serial
      const replaced = replacedSerial(name)
      if (replaced === undefined) return undefined
      serial = replaced
    }
    return undefined
  }

  take(record: CertificateRecord): true {
    this.seen += 1
    if (isKin(record, this.#facts) && this.#kin.length < MOST_KIN) this.#kin.push(record)
    else if (replacedSerial(record.name) !== undefined || this.#isRoot(record)) {
      this.#rotated.push(withoutKey(record))
    } else if (this.#others.length < ROOM) this.#others.push(withoutKey(record))
    else this.#isWhole = false
    return true
  }

  copy(): this {
    const copy = new Relatives(this.#facts, this.#root)
    copy.#kin = [...this.#kin]
    copy.#rotated = [...this.#rotated]
    copy.#others = [...this.#others]
    copy.#isWhole = this.#isWhole
    copy.seen = this.seen
    return copy as this
  }

  #isRoot(record: CertificateRecord): boolean {
    return this.#root !== undefined && keyOf(record) === this.#root
  }
}

function keyOf({ serialNumber }: CertificateRecord): string {
  return shortSerial(normalizeSerial(serialNumber))
}

/** It is known not to be the one in use, and nothing more is needed of it. */
function withoutKey(record: CertificateRecord): CertificateRecord {
  if (record.publicKey === '' && record.certificate === '') return record
  return { ...record, publicKey: '', certificate: '' }
}
