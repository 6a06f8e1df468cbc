import type { DigicertOne } from '../digicert/client.ts'
import { notEffective } from '../digicert/errors.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { span } from '../net/retry.ts'
import type { BasicPorts, Mask } from '../ports.ts'
import { normalizeSerial } from '../x509/certificate.ts'
import { decodePkcs12 } from '../x509/pkcs12.ts'
import { diagnose, expired } from './diagnose.ts'
import { waitFor } from './effect.ts'
import { type Held, hold } from './held.ts'

/** How the certificate is named. */
export type Selector =
  | { by: 'certificate-id' | 'serial-number' | 'name'; value: string }
  | { by: 'p12'; bytes: Buffer; password: string }

export interface AccessRequest {
  selector: Selector
  enabled: boolean
}

export interface AccessPorts extends BasicPorts {
  digicert: DigicertOne
  mask: Mask
}

/** A certificate that is enabled or disabled now, as far as the API says. */
export interface AccessChange {
  record: CertificateRecord
  enabled: boolean
  /** False when it was so already. */
  changed: boolean
  /** The certificate with its key, when a P12 named it: what `proveAccess` needs. */
  held: Held | undefined
}

const MOST_CANDIDATES = 10

/**
 * Disables or enables one certificate. Idempotent.
 * @throws ActionError NOT_FOUND, CERT_AMBIGUOUS, CERT_EXPIRED, ACCESS_NOT_EFFECTIVE, and what the API says
 */
export async function setAccess(request: AccessRequest, ports: AccessPorts): Promise<AccessChange> {
  const { selector, enabled } = request
  const held =
    selector.by === 'p12'
      ? hold(await decodePkcs12(selector.bytes, selector.password), ports.mask)
      : undefined
  if (enabled && held !== undefined) refuseExpired(held, ports)
  const record = find(selector, held, await ports.digicert.listCertificates())
  const changed = record.enabled !== enabled
  if (changed) await change(record, enabled, ports)
  else ports.log.info(`"${record.name}" (id ${record.id}) is ${word(enabled)} already.`)
  if (!enabled && held !== undefined) warnOfDisabled(record, ports)
  return { record, enabled, changed, held }
}

/**
 * Shows that the change took effect on the clientauth host.
 * @returns false when there is nothing to show it with: no P12, or one that is refused for its age
 * @throws ActionError when the host does not do what it should by now
 */
export async function proveAccess(
  { held, enabled, changed }: AccessChange,
  ports: AccessPorts,
): Promise<boolean> {
  if (held === undefined) return false
  const { digicert, clock, log } = ports
  if (held.facts.notAfter <= clock.now()) {
    log.info('It has expired, so being refused would prove nothing.')
    return false
  }
  const host = hostOf(digicert.hosts.clientauth)
  const verdict = await waitFor(enabled ? 'accepted' : 'refused', held.identity, ports)
  if (enabled && !verdict.accepted) throw await diagnose(verdict, { ...held, isNew: changed }, ports)
  if (!enabled && verdict.accepted) {
    throw notEffective(
      `${host} still accepts the certificate ${span(verdict.waitedMs)} after it was disabled.`,
    )
  }
  log.info(`Verified over mTLS: ${host} ${enabled ? 'accepts' : 'refuses'} the certificate.`)
  return true
}

function refuseExpired({ facts }: Held, { clock }: AccessPorts): void {
  if (facts.notAfter <= clock.now()) throw expired(facts, clock.now())
}

function find(selector: Selector, held: Held | undefined, records: CertificateRecord[]): CertificateRecord {
  const matches = records.filter(matcher(selector, held))
  const [only] = matches
  if (only !== undefined && matches.length === 1) return only
  throw only === undefined ? notFound(selector, records) : ambiguous(selector, matches)
}

function matcher(selector: Selector, held: Held | undefined): (record: CertificateRecord) => boolean {
  if (selector.by === 'certificate-id') return ({ id }) => id === selector.value
  if (selector.by === 'name') return ({ name }) => name === selector.value
  const serial = selector.by === 'p12' ? held?.facts.serialNumber : normalizeSerial(selector.value)
  // A record without a serial number is nobody's match.
  return ({ serialNumber }) => serial !== '' && normalizeSerial(serialNumber) === serial
}

async function change(
  record: CertificateRecord,
  enabled: boolean,
  { digicert, log }: AccessPorts,
): Promise<void> {
  await (enabled ? digicert.enable(record.id) : digicert.disable(record.id))
  log.info(`${enabled ? 'Enabled' : 'Disabled'} "${record.name}" (id ${record.id}).`)
}

function warnOfDisabled({ name, id }: CertificateRecord, { log }: AccessPorts): void {
  log.warning(
    `"${name}" is what this P12 holds: every job that signs with it fails. To undo it, run this action again with \`enabled: true\` and \`certificate-id: ${id}\`.`,
  )
}

const WHAT: Record<Selector['by'], string> = {
  'certificate-id': 'that id',
  'serial-number': 'that serial number',
  name: 'that nickname',
  p12: 'the serial number in that P12',
}

function notFound({ by }: Selector, records: CertificateRecord[]): ActionError {
  return new ActionError('NOT_FOUND', {
    what: `No certificate of this service user has ${WHAT[by]}. ${candidates(records)}`,
    why: 'It is misspelled, or the certificate belongs to another service user, account or environment.',
    fix: "Take the id, serial number or nickname from the list, or correct 'api-key' and 'host'.",
  })
}

function ambiguous({ by }: Selector, matches: CertificateRecord[]): ActionError {
  return new ActionError('CERT_AMBIGUOUS', {
    what: `${matches.length} certificates have ${WHAT[by]}. ${candidates(matches)}`,
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
        `\n- "${name}", id ${id}, serial number ${serialNumber}, ${word(enabled ?? true)}`,
    )
  const more = records.length > MOST_CANDIDATES ? `\n- and ${records.length - MOST_CANDIDATES} more` : ''
  return `There are:${listed.join('')}${more}`
}

function word(enabled: boolean): string {
  return enabled ? 'enabled' : 'disabled'
}
