import picomatch from 'picomatch'
import type { DigicertOne } from '../digicert/client.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import type { Clock, Log } from '../ports.ts'
import { describeCertificate, normalizeSerial } from '../x509/certificate.ts'
import { decodePkcs12 } from '../x509/pkcs12.ts'
import { describeRemaining, type Thresholds } from '../x509/validity.ts'
import { type Entry, type Inspected, inspect } from './inspect.ts'

export interface CheckRequest {
  /** A glob over nicknames; empty for all. */
  name: string
  thresholds: Thresholds
  includeDisabled: boolean
  /** The P12 in use, to be marked, or the only one to look at when there is no API key. */
  p12: { bytes: Buffer; password: string } | undefined
}

export interface CheckPorts {
  /** Undefined without an API key: then only the P12 is looked at. */
  digicert: DigicertOne | undefined
  clock: Clock
  log: Log
}

/** The certificates that were looked at, soonest end first. */
export interface CheckReport {
  certificates: Inspected[]
  /** Not expired, and ending within `warn-within`. */
  expiringCount: number
  expiredCount: number
  /** The next one to end of those that are enabled and not expired. */
  next: Inspected | undefined
  now: Date
}

/**
 * Looks at the certificates of the service user, the P12 in use, or both.
 * @throws ActionError when they cannot be looked at; what they look like is in the report
 */
export async function check(request: CheckRequest, ports: CheckPorts): Promise<CheckReport> {
  const { digicert, clock } = ports
  const [records, inUse] = await Promise.all([digicert?.listCertificates() ?? [], readInUse(request, ports)])
  const now = clock.now()
  const entries = select(records, inUse, request).map(entry => inspect(entry, now, request.thresholds))
  const certificates = entries.sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime())
  if (digicert !== undefined) warnIfUnlisted(certificates, ports)
  return {
    certificates,
    expiringCount: certificates.filter(({ expiring }) => expiring).length,
    expiredCount: certificates.filter(({ state }) => state === 'expired').length,
    next: certificates.find(({ enabled, state }) => enabled && state !== 'expired'),
    now,
  }
}

/** The P12 in use is always looked at, whatever its nickname and whether it is enabled. */
function select(records: CertificateRecord[], inUse: Entry | undefined, request: CheckRequest): Entry[] {
  const matches = nameMatcher(request.name)
  const listed = records.flatMap(record => {
    const isInUse = normalizeSerial(record.serialNumber) === inUse?.serialNumber
    const entry = toEntry(isInUse ? { ...record, endDate: record.endDate ?? inUse?.notAfter } : record)
    if (entry === undefined) return []
    if (isInUse) return [{ ...entry, inUse: true }]
    return matches(entry.name) && (entry.enabled || request.includeDisabled) ? [entry] : []
  })
  const found = listed.some(entry => entry.inUse)
  return inUse === undefined || found ? listed : [...listed, inUse]
}

/** Undefined for a record without an end date, of which nothing can be said. */
function toEntry(record: CertificateRecord): Entry | undefined {
  if (record.endDate === undefined) return undefined
  return {
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
function warnIfUnlisted(certificates: Inspected[], { log }: CheckPorts): void {
  const unlisted = certificates.find(({ inUse, id }) => inUse && id === '')
  if (unlisted === undefined) return
  log.warning(
    `The P12 in use (${unlisted.serialNumber}) is not among the certificates of this API key's service user: it belongs to another service user, account or environment.`,
  )
}

async function readInUse({ p12 }: CheckRequest, { log, clock }: CheckPorts): Promise<Entry | undefined> {
  if (p12 === undefined) return undefined
  const { certificate, friendlyName = '' } = await decodePkcs12(p12.bytes, p12.password)
  const { serialNumber, notBefore, notAfter } = describeCertificate(certificate)
  log.info(`The P12 in use holds ${serialNumber}: ${describeRemaining(notAfter, clock.now())}.`)
  return { id: '', name: friendlyName, serialNumber, notBefore, notAfter, enabled: true, inUse: true }
}

/**
 * `*`, `?`, `[ab]` and `[!ab]`, and nothing else of what shells know. Nicknames have no folders, so `*` takes a slash
 * for a character like any other.
 */
function nameMatcher(glob: string): (name: string) => boolean {
  // A glob never matches nothing at all, and a certificate may have no nickname.
  if (/^\**$/.test(glob)) return () => true
  const plain = glob.replaceAll('[!', '[^').replace(/[()|]/g, '\\$&')
  return picomatch(plain, {
    bash: true,
    dot: true,
    nobrace: true,
    noextglob: true,
    nonegate: true,
    windows: false,
  })
}
