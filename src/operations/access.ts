import type { DigicertOne } from '../digicert/client.ts'
import { notEffective } from '../digicert/errors.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { span } from '../net/retry.ts'
import type { BasicPorts, Mask } from '../ports.ts'
import { diagnose, expired } from './diagnose.ts'
import { ask, waitFor } from './effect.ts'
import { type Held, hold } from './held.ts'
import { openP12, type StoredP12 } from './opened.ts'
import { findSelected, type Selector } from './selected.ts'

export interface AccessRequest {
  /** Undefined when the P12 alone says which one. */
  selector: Selector | undefined
  /** The certificate with its key: what the change is verified with. */
  p12: StoredP12 | undefined
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
  /** What `verifyAccess` needs; undefined without a P12. */
  held: Held | undefined
  /** What the mTLS host said before it was disabled; `unknown` when it was not asked, or gave no verdict. */
  before: 'accepted' | 'refused' | 'unknown'
}

/** Whether the mTLS host follows the change, and if that could not be verified, why. */
export type Verification = 'verified' | 'refused before' | 'expired' | 'no P12'

/** What would change. */
export interface AccessPreview {
  record: CertificateRecord
  enabled: boolean
  /** False when it is so already. */
  due: boolean
}

/**
 * Finds the certificate that `setAccess` would change, and changes nothing.
 * @throws ActionError as `setAccess` does before it changes anything
 */
export async function previewAccess(request: AccessRequest, ports: AccessPorts): Promise<AccessPreview> {
  const { enabled } = request
  const { record } = await find(request, ports)
  const due = record.enabled !== enabled
  const outcome = due ? `would be ${word(enabled)} without \`dry-run\`` : `is ${word(enabled)} already`
  ports.log.info(`"${record.name}" (id ${record.id}) ${outcome}.`)
  return { record, enabled, due }
}

/**
 * Disables or enables one certificate. Idempotent.
 * @throws ActionError NOT_FOUND, CERT_AMBIGUOUS, CERT_KEY_MISMATCH, CERT_EXPIRED, ACCESS_NOT_EFFECTIVE, and what the API
 * says
 */
export async function setAccess(request: AccessRequest, ports: AccessPorts): Promise<AccessChange> {
  const { enabled } = request
  const { record, held } = await find(request, ports)
  const changed = record.enabled !== enabled
  const before = changed && !enabled ? await lookBefore(held, ports) : 'unknown'
  if (changed) await change(record, enabled, ports)
  else ports.log.info(`"${record.name}" (id ${record.id}) is ${word(enabled)} already.`)
  if (!enabled && held !== undefined) warnOfDisabled(record, ports)
  return { record, enabled, changed, held, before }
}

async function find(
  { selector, p12, enabled }: AccessRequest,
  ports: AccessPorts,
): Promise<{ record: CertificateRecord; held: Held | undefined }> {
  const held = p12 && hold(await openP12(p12, ports), ports.mask)
  if (enabled && held !== undefined) refuseExpired(held, ports)
  return { record: await findSelected({ selector, held }, ports.digicert), held }
}

/**
 * Verifies on the mTLS host that the change took effect.
 * @throws ActionError when the host does not follow the change in time; what this run enabled is then disabled again
 */
export async function verifyAccess(change: AccessChange, ports: AccessPorts): Promise<Verification> {
  const { held, enabled } = change
  if (held === undefined) return 'no P12'
  if (isExpired(held, ports)) {
    ports.log.info('The certificate has expired, so a refusal would not verify the change.')
    return 'expired'
  }
  return enabled ? await verifyEnabled(change, held, ports) : await verifyDisabled(change, held, ports)
}

async function verifyEnabled(change: AccessChange, held: Held, ports: AccessPorts): Promise<Verification> {
  const verdict = await waitFor('accepted', held.identity, ports)
  if (!verdict.accepted) throw await diagnose(verdict, { ...held, isNew: change.changed }, ports)
  ports.log.info(`Verified over mTLS: ${mtlsHost(ports)} accepts the certificate.`)
  return 'verified'
}

async function verifyDisabled(
  { before }: AccessChange,
  held: Held,
  ports: AccessPorts,
): Promise<Verification> {
  const verdict = await waitFor('refused', held.identity, ports)
  if (verdict.accepted) {
    throw notEffective(
      `${mtlsHost(ports)} still accepts the certificate ${span(verdict.waitedMs)} after it was disabled.`,
    )
  }
  if (before === 'refused') return 'refused before'
  ports.log.info(`Verified over mTLS: ${mtlsHost(ports)} refuses the certificate.`)
  return 'verified'
}

/**
 * Disables what was enabled, when that could not be verified: a P12 that does not work must not leave a
 * certificate enabled that somebody had disabled.
 * @returns the change as it is now, and the error to throw
 */
export async function takeBack(
  change: AccessChange,
  error: ActionError,
  { digicert, log }: AccessPorts,
): Promise<{ change: AccessChange; error: ActionError }> {
  const { record, enabled, changed } = change
  // One that was enabled before, or may have been, stays so.
  if (!enabled || !changed || record.enabled !== false) return { change, error }
  digicert.retryPolicy.budget.renew()
  try {
    await digicert.disable(record.id)
    log.info(`Disabled "${record.name}" (id ${record.id}) again.`)
    return {
      change: { ...change, enabled: false, changed: false },
      error: withOutcome(error, `"${record.name}" (id ${record.id}) was disabled again, as it was before.`),
    }
  } catch (failure) {
    const reason = failure instanceof ActionError ? ` ${failure.message}` : ''
    const outcome = `"${record.name}" (id ${record.id}) was enabled and may still be: disabling it again failed.${reason}`
    return { change, error: withOutcome(error, outcome) }
  }
}

function withOutcome(error: ActionError, outcome: string): ActionError {
  const { code, message, why, fix } = error
  return new ActionError(code, { what: `${message} ${outcome}`, why, fix }, error)
}

/** In an incident nothing may keep a certificate enabled: a host that cannot be reached is only noted. */
async function lookBefore(held: Held | undefined, ports: AccessPorts): Promise<AccessChange['before']> {
  if (held === undefined || isExpired(held, ports)) return 'unknown'
  const { digicert, log } = ports
  try {
    const { accepted } = await ask(held.identity, ports)
    if (accepted) log.info(`${mtlsHost(ports)} accepts the certificate before it is disabled.`)
    else
      log.warning(
        `${mtlsHost(ports)} refused the certificate before it was disabled as well, ${VERIFIES_NOTHING}`,
      )
    return accepted ? 'accepted' : 'refused'
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    log.warning(`Before the certificate was disabled, it could not be verified: ${error.message}`)
    digicert.retryPolicy.budget.renew()
    return 'unknown'
  }
}

const VERIFIES_NOTHING =
  'so the refusal afterwards verifies nothing. Only DigiCert ONE says that it is disabled.'

function refuseExpired({ facts }: Held, { clock }: AccessPorts): void {
  if (facts.notAfter <= clock.now()) throw expired(facts, clock.now())
}

function isExpired({ facts }: Held, { clock }: AccessPorts): boolean {
  return facts.notAfter <= clock.now()
}

function mtlsHost({ digicert }: AccessPorts): string {
  return hostOf(digicert.hosts.clientauth)
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
    `"${name}" is the certificate in this P12: every job that signs with it now fails. To undo this, run this action again with \`enabled: true\` and \`certificate-id: ${id}\`.`,
  )
}

function word(enabled: boolean): string {
  return enabled ? 'enabled' : 'disabled'
}
