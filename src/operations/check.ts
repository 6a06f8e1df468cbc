import type { DigicertOne } from '../digicert/client.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { formatDuration } from '../duration.ts'
import type { Clock, Log, Mask } from '../ports.ts'
import {
  type CertificateFacts,
  certificateName,
  describeCertificate,
  normalizeSerial,
} from '../x509/certificate.ts'
import type { Pkcs12 } from '../x509/pkcs12.ts'
import { expiryOf, type Thresholds } from '../x509/validity.ts'
import { listSigning } from './check-signing.ts'
import { nameMatcher } from './glob.ts'
import { hold } from './held.ts'
import { compareKeys, namesakesOf, recordsOf } from './identity.ts'
import { type Entry, type Inspected, inspect } from './inspect.ts'
import { describeMismatch, findNothing, type NothingChecked, type Sought } from './nothing-checked.ts'
import { openP12, type StoredP12 } from './opened.ts'

export interface CheckRequest extends Sought {
  thresholds: Thresholds
  /** The P12 in use, to be marked, or the only one to look at when there is no API key. */
  p12: StoredP12 | undefined
  /** Whether to look at the code-signing certificates as well. */
  signingCertificates: boolean
}

export interface CheckPorts {
  /** Undefined without an API key: then only the P12 is looked at. */
  digicert: DigicertOne | undefined
  clock: Clock
  log: Log
  mask: Mask
}

/** The certificates that were looked at, soonest end first. */
export interface CheckReport {
  certificates: Inspected[]
  /** Not expired, not short-lived, and ending within `warn-within`. */
  expiringCount: number
  expiredCount: number
  shortLivedCount: number
  /** The next one to end of those that are enabled, not short-lived and not expired. */
  next: Inspected | undefined
  /** Why there was nothing to look at; undefined when there was something. */
  nothing: NothingChecked | undefined
  now: Date
}

/**
 * Looks at the certificates of the service user, the P12 in use, or both, and at code-signing certificates.
 * @throws ActionError when they cannot be looked at; what they look like is in the report
 */
export async function check(request: CheckRequest, ports: CheckPorts): Promise<CheckReport> {
  const { digicert, clock } = ports
  const [records, inUse] = await Promise.all([digicert?.listCertificates() ?? [], readInUse(request, ports)])
  const signing = await lookAtSigning(request, inUse, ports)
  const now = clock.now()
  const client = select(records, inUse, request)
  const entries = [...client, ...signing].map(entry => inspect(entry, now, request.thresholds))
  const certificates = entries.sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime())
  if (digicert !== undefined && inUse !== undefined) warnIfUnlisted(certificates, inUse, records, ports)
  if (inUse !== undefined) warnIfUnmatched(records, request, ports)
  noticeIfShortLived(certificates, request, ports)
  if (request.signingCertificates) warnIfHalfIsMissing(certificates, records, request, ports)
  return {
    certificates,
    expiringCount: certificates.filter(({ expiring }) => expiring).length,
    expiredCount: certificates.filter(({ state }) => state === 'expired').length,
    shortLivedCount: certificates.filter(({ shortLived }) => shortLived).length,
    next: certificates.find(
      ({ enabled, state, shortLived }) => enabled && state !== 'expired' && !shortLived,
    ),
    nothing: findNothing(certificates, records, request),
    now,
  }
}

async function lookAtSigning(
  { signingCertificates, includeDisabled }: CheckRequest,
  inUse: InUse | undefined,
  { digicert, ...ports }: CheckPorts,
): Promise<Entry[]> {
  if (!signingCertificates || digicert === undefined) return []
  const identity = inUse && (() => hold(inUse.opened, ports.mask).identity)
  return await listSigning({ includeDisabled, identity }, { ...ports, digicert })
}

/** Green means that something was looked at; where that is true of one kind only, the other one is named. */
function warnIfHalfIsMissing(
  certificates: Inspected[],
  records: CertificateRecord[],
  request: CheckRequest,
  { log }: CheckPorts,
): void {
  const warn = request.ifNoneFound === 'ignore' ? log.info : log.warning
  const [signing, client] = (['signing', 'client'] as const).map(kind =>
    certificates.filter(certificate => certificate.kind === kind),
  )
  if (signing?.length === 0) {
    warn(
      'No code-signing certificate is visible to this API key, so none was checked. Use the key of a user who may see them.',
    )
  } else {
    const nothing = findNothing(client ?? [], records, request)
    if (nothing !== undefined) warn(`${nothing.error.message} Only code-signing certificates were checked.`)
  }
}

/** The P12 in use is always looked at, whatever its nickname and whether it is enabled. */
function select(records: CertificateRecord[], inUse: InUse | undefined, request: CheckRequest): Entry[] {
  const current = inUse && recordsOf(inUse.facts, records)[0]
  const matches = nameMatcher(request.name)
  const listed = records.flatMap(record => {
    const isInUse = record === current
    const entry = toEntry(inUse !== undefined && isInUse ? withDatesOf(inUse.entry, record) : record)
    if (entry === undefined) return []
    if (isInUse) return [{ ...entry, inUse: true }]
    return matches(entry.name) && (entry.enabled || request.includeDisabled) ? [entry] : []
  })
  const found = listed.some(entry => entry.inUse)
  return inUse === undefined || found ? listed : [...listed, inUse.entry]
}

/** What a record does not say, the P12 itself does. */
function withDatesOf({ notBefore, notAfter }: Entry, record: CertificateRecord): CertificateRecord {
  return { ...record, startDate: record.startDate ?? notBefore, endDate: record.endDate ?? notAfter }
}

/** Undefined for a record without an end date, of which nothing can be said. */
function toEntry(record: CertificateRecord): Entry | undefined {
  if (record.endDate === undefined) return undefined
  return {
    kind: 'client',
    id: record.id,
    name: record.name,
    serialNumber: normalizeSerial(record.serialNumber),
    notBefore: record.startDate,
    notAfter: record.endDate,
    enabled: record.enabled ?? true,
    inUse: false,
  }
}

/** An entry without an id is the P12's own: the API lists no such certificate. */
function warnIfUnlisted(
  certificates: Inspected[],
  { facts }: InUse,
  records: CertificateRecord[],
  { log }: CheckPorts,
): void {
  const unlisted = certificates.find(({ inUse, id }) => inUse && id === '')
  if (unlisted === undefined) return
  const [namesake] = namesakesOf(facts, records)
  const words =
    namesake === undefined
      ? `The P12 in use (serial number ${unlisted.serialNumber}) is not among the certificates of this API key's service user: it belongs to another service user, account or environment.`
      : tellNamesake(namesake, facts)
  log.warning(words)
}

/** The same serial number, and yet not shown to be the same certificate. */
function tellNamesake(record: CertificateRecord, facts: CertificateFacts): string {
  const { name, id } = record
  const which = `The P12 in use has the serial number (${facts.serialNumber}) of "${name}" (id ${id})`
  return compareKeys(record, facts) === 'unknown'
    ? `${which}, but DigiCert ONE lists that one without its public key, so whether it is the same certificate is not known. The P12 was checked by its own dates.`
    : `${which}, but another public key: it is another certificate. The P12 was checked by its own dates; find out where it comes from.`
}

/** The P12 in use was looked at; that `name` found nothing besides is said, because it may be misspelled. */
function warnIfUnmatched(records: CertificateRecord[], request: CheckRequest, { log }: CheckPorts): void {
  const matches = nameMatcher(request.name)
  if (records.length === 0 || records.some(({ name }) => matches(name))) return
  const words = describeMismatch(records, request.name, 'only the P12 in use was checked')
  if (request.ifNoneFound === 'ignore') log.info(words)
  else log.warning(words)
}

/** No threshold can give an early alarm of a certificate that lives for less; whoever gave its P12 may expect one. */
function noticeIfShortLived(certificates: Inspected[], request: CheckRequest, { log }: CheckPorts): void {
  const found = certificates.find(
    ({ inUse, shortLived, verdict }) => inUse && shortLived && verdict === 'fine',
  )
  if (found === undefined) return
  log.notice(
    `The P12 in use (serial number ${found.serialNumber}) is short-lived: its whole validity is shorter than 'fail-within' (${formatDuration(request.thresholds.failWithin)}), so this check fails only when it has expired or is disabled. To be warned earlier, set 'warn-within' and 'fail-within' to less than its validity.`,
  )
}

interface InUse {
  opened: Pkcs12
  facts: CertificateFacts
  /** As far as the P12 itself tells. */
  entry: Entry
}

async function readInUse(
  { p12 }: CheckRequest,
  { log, clock, mask }: CheckPorts,
): Promise<InUse | undefined> {
  if (p12 === undefined) return undefined
  const opened = await openP12(p12, { log, clock, mask })
  const { der, certificate, friendlyName = '' } = opened
  mask.bytes(der)
  const facts = describeCertificate(certificate)
  const { serialNumber, notBefore, notAfter } = facts
  log.info(`The P12 in use contains ${certificateName(facts)}, which ${expiryOf(notAfter, clock.now())}.`)
  const entry: Entry = {
    ...{ kind: 'client', id: '', name: friendlyName, serialNumber },
    ...{ notBefore, notAfter, enabled: true, inUse: true },
  }
  return { opened, facts, entry }
}
