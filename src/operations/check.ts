import type { DigicertOne } from '../digicert/client.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { formatDuration } from '../duration.ts'
import type { Clock, Log, Mask } from '../ports.ts'
import { type CertificateFacts, certificateName, describeCertificate } from '../x509/certificate.ts'
import type { Pkcs12 } from '../x509/pkcs12.ts'
import { expiryOf, type Thresholds } from '../x509/validity.ts'
import { listSigning } from './check-signing.ts'
import { hold } from './held.ts'
import { compareKeys, namesakesOf } from './identity.ts'
import type { Entry, Inspected } from './inspect.ts'
import { describeMismatch, findNothing, type NothingChecked, type SoughtOrElse } from './nothing-checked.ts'
import { openP12, type StoredP12 } from './opened.ts'
import { type Counts, Survey } from './survey.ts'
import type { Tally } from './tally.ts'

export interface CheckRequest extends SoughtOrElse {
  thresholds: Thresholds
  /** The P12 in use, to be marked; without an API key, the only thing to check. */
  p12: StoredP12 | undefined
  /** Whether to check the code-signing certificates as well. */
  signingCertificates: boolean
}

export interface CheckPorts {
  /** Undefined without an API key: then only the P12 is checked. */
  digicert: DigicertOne | undefined
  clock: Clock
  log: Log
  mask: Mask
}

/** What was checked. */
export interface CheckReport extends Counts {
  /** Soonest expiry first; where there are more than 5,000, those that matter most. */
  certificates: Inspected[]
  /** The next one to expire of those that are enabled, not short-lived and not expired. */
  next: Inspected | undefined
  /** Why nothing was checked; undefined when something was. */
  nothing: NothingChecked | undefined
  now: Date
}

/**
 * Checks the certificates of the service user, the P12 in use, or both, and code-signing certificates.
 * @throws ActionError when they cannot be checked; what was found is in the report
 */
export async function check(request: CheckRequest, ports: CheckPorts): Promise<CheckReport> {
  const { digicert, clock } = ports
  const inUse = await readInUse(request, ports)
  const now = clock.now()
  const unseen = new Survey({ sought: request, thresholds: request.thresholds, now, inUse })
  const survey = (await digicert?.survey(unseen)) ?? unseen
  survey.lookAtInUse()
  for (const entry of await lookAtSigning(request, inUse, ports)) survey.add(entry)
  const { certificates, counts, next, tally, kin } = survey
  if (digicert !== undefined && inUse !== undefined) warnIfUnlisted(certificates, inUse, kin, ports)
  if (inUse !== undefined) warnIfUnmatched(tally, request, ports)
  noticeIfShortLived(certificates, request, ports)
  if (request.signingCertificates) warnIfHalfIsMissing(certificates, tally, request, ports)
  return { ...counts, certificates, next, nothing: findNothing(certificates, tally, request), now }
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

/** Green means that something was checked; where only one kind was, the other one is named. */
function warnIfHalfIsMissing(
  certificates: Inspected[],
  tally: Tally,
  request: CheckRequest,
  { log }: CheckPorts,
): void {
  const warn = request.ifNoneFound === 'ignore' ? log.info : log.warning
  const [signing, client] = (['signing', 'client'] as const).map(kind =>
    certificates.filter(certificate => certificate.kind === kind),
  )
  if (signing?.length === 0) {
    warn(
      'No code-signing certificate is visible to this API key, so none was checked. Use the API key of a user who may see them.',
    )
  } else {
    const nothing = findNothing(client ?? [], tally, request)
    if (nothing !== undefined) warn(`${nothing.error.message} Only code-signing certificates were checked.`)
  }
}

/** An entry without an id is the P12's own: the API lists no such certificate. */
function warnIfUnlisted(
  certificates: Inspected[],
  { facts }: InUse,
  kin: CertificateRecord[],
  { log }: CheckPorts,
): void {
  const unlisted = certificates.find(({ inUse, id }) => inUse && id === '')
  if (unlisted === undefined) return
  const [namesake] = namesakesOf(facts, kin)
  const words =
    namesake === undefined
      ? `The certificate ${certificateName(facts)} of the P12 in use is not among the certificates of this API key's service user: it belongs to another service user, account or environment.`
      : tellNamesake(namesake, facts)
  log.warning(words)
}

/** The same serial number, but not shown to be the same certificate. */
function tellNamesake(record: CertificateRecord, facts: CertificateFacts): string {
  const { name, id } = record
  const which = `The P12 in use has the same serial number as "${name}" (id ${id}), ${facts.serialNumber}`
  return compareKeys(record, facts) === 'unknown'
    ? `${which}, but DigiCert ONE lists that certificate without its public key, so the two may be different certificates. The P12 was checked by its own dates.`
    : `${which}, but a different public key, so it contains a different certificate. The P12 was checked by its own dates; find out where it comes from.`
}

/** The P12 in use was checked, but `name` matched nothing else; this is said because it may be misspelled. */
function warnIfUnmatched(tally: Tally, request: CheckRequest, { log }: CheckPorts): void {
  if (tally.records === 0 || tally.matching > 0) return
  const words = describeMismatch(tally, request.name, 'only the P12 in use was checked')
  if (request.ifNoneFound === 'ignore') log.info(words)
  else log.warning(words)
}

/** No threshold can warn early of a certificate with a shorter validity, and the user who set its P12 may expect it. */
function noticeIfShortLived(certificates: Inspected[], request: CheckRequest, { log }: CheckPorts): void {
  const found = certificates.find(
    ({ inUse, shortLived, verdict }) => inUse && shortLived && verdict === 'fine',
  )
  if (found === undefined) return
  log.notice(
    `The certificate "${found.name || found.serialNumber}" of the P12 in use is short-lived: its whole validity is shorter than 'fail-within' (${formatDuration(request.thresholds.failWithin)}), so this check fails only when it has expired or is disabled. To be warned earlier, set 'warn-within' and 'fail-within' to less than its validity.`,
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
  const { der, password, certificate, friendlyName = '' } = opened
  mask.bytes(der, password)
  const facts = describeCertificate(certificate)
  const { serialNumber, notBefore, notAfter } = facts
  log.info(`The P12 in use contains ${certificateName(facts)}, which ${expiryOf(notAfter, clock.now())}.`)
  const entry: Entry = {
    ...{ kind: 'client', id: '', name: friendlyName, serialNumber },
    ...{ notBefore, notAfter, enabled: true, inUse: true },
  }
  return { opened, facts, entry }
}
