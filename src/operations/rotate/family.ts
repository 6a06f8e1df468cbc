import type { CertificateRecord } from '../../digicert/records.ts'
import { normalizeSerial } from '../../x509/certificate.ts'
import { replacedSerial, shortSerial } from '../nickname.ts'

/** The certificates that rotation is responsible for, starting from the one in use. */
export interface Family {
  current: CertificateRecord
  /** What the current one replaced, then what that one replaced, and so on; only those that the API lists. */
  predecessors: CertificateRecord[]
  /** Issued by rotation to replace the current one or a predecessor, and not in use. */
  orphans: CertificateRecord[]
  /** Those orphans that were issued to replace the current one, or one of them. */
  successors: CertificateRecord[]
}

/**
 * Reads the family out of the nicknames, in which each certificate of rotation names the one it replaces. What has
 * another nickname is somebody else's, unless it is the current one or what a member of the family replaced.
 * @param certificate in use: the id in the list, and the serial number in the certificate itself
 * @returns undefined when the API does not list the certificate in use
 */
export function findFamily(
  records: CertificateRecord[],
  { id, serialNumber }: { id: string; serialNumber: string },
): Family | undefined {
  const current = records.find(record => record.id === id)
  if (current === undefined) return undefined
  const bySerial = new Map(records.map(record => [serialOf(record), record]))
  bySerial.delete('')
  bySerial.delete(serialOf(current))
  const own = shortSerial(serialNumber)
  bySerial.set(own, current)
  const line = ancestry(own, bySerial)
  const root = line.at(-1)
  const orphans = [...bySerial].flatMap(([serial, record]) => {
    const descent = ancestry(serial, bySerial)
    const related = replacedSerial(record.name) !== undefined && descent.at(-1) === root
    return related && !line.includes(serial) ? [{ record, descent }] : []
  })
  return {
    current,
    predecessors: line.slice(1).flatMap(serial => bySerial.get(serial) ?? []),
    orphans: orphans.map(({ record }) => record),
    successors: orphans.filter(({ descent }) => descent.includes(own)).map(({ record }) => record),
  }
}

/** As nicknames name it. */
function serialOf({ serialNumber }: CertificateRecord): string {
  return shortSerial(normalizeSerial(serialNumber))
}

/** The family once a new certificate has taken the place of the current one. */
export function succeeded({ current, predecessors, orphans }: Family, record: CertificateRecord): Family {
  return { current: record, predecessors: [current, ...predecessors], orphans, successors: [] }
}

/** The serial number, the one it replaced, and so on back to the first; a circle of nicknames stops where it began. */
function ancestry(serialNumber: string, bySerial: Map<string, CertificateRecord>): string[] {
  const line: string[] = []
  for (let serial: string | undefined = serialNumber; serial !== undefined && !line.includes(serial); ) {
    line.push(serial)
    serial = replacedSerial(bySerial.get(serial)?.name ?? '')
  }
  return line
}
