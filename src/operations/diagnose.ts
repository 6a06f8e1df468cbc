import { utcMinute } from '../dates.ts'
import type { Kept } from '../digicert/gathering.ts'
import { type CertificateRecord, isActive, type User } from '../digicert/records.ts'
import { ActionError, type ErrorCode, hasCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { span } from '../net/retry.ts'
import { type CertificateFacts, certificateName } from '../x509/certificate.ts'
import { describeRemaining } from '../x509/validity.ts'
import type { EffectPorts, Refusal } from './effect.ts'
import type { Held } from './held.ts'
import { compareKeys, kinOf, namesakesOf, recordsOf } from './identity.ts'

/**
 * Finds out why the clientauth host refused a certificate. The host says the same in every case (and 401 as well as
 * 403 for an expired one), so this checks the dates first and then, with an API key, asks the API.
 * @returns the error to throw
 */
export async function diagnose(
  { refusal: refused, waitedMs }: Refusal,
  { facts, isNew }: Pick<Held, 'facts' | 'isNew'>,
  { digicert, clock, log }: EffectPorts,
): Promise<ActionError> {
  const now = clock.now()
  if (facts.notAfter <= now) return expired(facts, now, refused)
  if (facts.notBefore > now) return notYetValid(facts, refused)
  const clientauth = hostOf(digicert.hosts.clientauth)
  if (!digicert.hasApiKey) return refusedWithoutApiKey(clientauth, refused, waitedMs)
  log.info(`${clientauth} refused the certificate; asking ${hostOf(digicert.hosts.api)} why.`)
  const [listed, user] = await Promise.all([
    outcome(digicert.survey(kinOf(facts))),
    outcome(digicert.currentUser()),
  ])
  const api = hostOf(digicert.hosts.api)
  const subject: Subject = { facts, isNew, refused, waitedMs, clientauth, api, now }
  if (listed instanceof ActionError) return apiRefused(listed, user, subject)
  return judge(listed, user, subject)
}

interface Subject {
  facts: CertificateFacts
  isNew: boolean
  refused: Error
  waitedMs: number
  clientauth: string
  api: string
  now: Date
}

/** The words for a certificate that has expired, whether a server has refused it or not. */
export function expired(facts: CertificateFacts, now: Date, cause?: unknown): ActionError {
  return new ActionError(
    'CERT_EXPIRED',
    {
      what: `The certificate ${certificateName(facts)} ${describeRemaining(facts.notAfter, now)}, on ${utcMinute(facts.notAfter)}.`,
      fix: "Issue a new one and replace the stored P12 (a client certificate cannot be renewed), or use 'mode: issue', which needs no stored P12.",
    },
    cause,
  )
}

function judge({ records, seen }: Kept, user: User | ActionError, subject: Subject): ActionError {
  const { facts, isNew, now, refused } = subject
  const record = recordOf(facts, records)
  if (record?.enabled === false) return disabled(record, subject)
  if (record?.endDate !== undefined && record.endDate <= now)
    return expired({ ...facts, notAfter: record.endDate }, now, refused)
  if (isInactive(user)) return inactive(user, subject)
  // One that this run issued cannot be somebody else's, whatever the list says so far.
  return record === undefined && !isNew ? unknown(seen, subject) : puzzling(subject)
}

/** A record without a key is matched by its serial number: this only finds words, and changes nothing. */
function recordOf(facts: CertificateFacts, records: CertificateRecord[]): CertificateRecord | undefined {
  const [found] = recordsOf(facts, records)
  return found ?? namesakesOf(facts, records).find(record => compareKeys(record, facts) === 'unknown')
}

function isInactive(user: User | ActionError): boolean {
  if (user instanceof ActionError) return user.code === 'ACCESS_DENIED'
  return !isActive(user)
}

function disabled({ id, name }: CertificateRecord, { facts, refused, api }: Subject): ActionError {
  return failure(
    'CERT_DISABLED',
    `The certificate "${name}" (serial number ${facts.serialNumber}, id ${id}) is disabled.`,
    'The rotation of this secret disabled it, or somebody did so in DigiCert ONE.',
    `Use its successor. If it was disabled by mistake, enable it again on ${api} (Account, Access, Service users).`,
    refused,
  )
}

function inactive(user: User | ActionError, { api, refused }: Subject): ActionError {
  const who = user instanceof ActionError ? 'The service user' : `The service user "${user.name}"`
  const state =
    user instanceof ActionError ? 'is not allowed to use the API' : `has the status ${user.status}`
  return failure(
    'USER_INACTIVE',
    `${who} ${state} on ${api}, so its certificates are refused.`,
    'The service user was deactivated or locked, or it has expired.',
    'Activate the service user in DigiCert ONE, or use the certificate and API key of another one.',
    refused,
  )
}

function unknown(count: number, { facts, api, clientauth, refused }: Subject): ActionError {
  return failure(
    'CERT_UNKNOWN',
    `${clientauth} refused the certificate ${certificateName(facts)}, and it is not among the ${count} of this API key's service user on ${api}.`,
    'The certificate belongs to another service user, account or environment (a certificate from demo on the production host).',
    "Check that 'host' is where the certificate was issued, and that the certificate and the API key belong to the same service user.",
    refused,
  )
}

function puzzling({ refused, clientauth, api, isNew, waitedMs }: Subject): ActionError {
  const yet = isNew
    ? `Yet ${api} issued or enabled it a moment ago`
    : `Yet ${api} lists the certificate as enabled and within its dates`
  return failure(
    'CERT_REFUSED',
    `${refused.message} ${yet}${tried(clientauth, waitedMs)}.`,
    `${delay(clientauth, waitedMs)}${clientauth} belongs to another environment, a device in between terminates TLS and drops the client certificate, or the clock of this runner or of the server is wrong.`,
    "Check 'clientauth-host', the runner's clock, and that no proxy inspects the traffic to that host.",
    refused,
  )
}

function refusedWithoutApiKey(clientauth: string, refused: Error, waitedMs: number): ActionError {
  return failure(
    'CERT_REFUSED',
    `${refused.message}${waitedMs > 0 ? ` It is a new certificate${tried(clientauth, waitedMs)}.` : ''}`,
    `${delay(clientauth, waitedMs)}The certificate is disabled, ${clientauth} is not the environment it was issued in, or its service user is inactive.`,
    "Set 'api-key' as well: then this step asks the API which of these is the cause.",
    refused,
  )
}

function tried(clientauth: string, waitedMs: number): string {
  return waitedMs > 0 ? `, and ${clientauth} was given ${span(waitedMs)} to accept it` : ''
}

function delay(clientauth: string, waitedMs: number): string {
  return waitedMs > 0
    ? `DigiCert ONE takes longer than that to make a change known to ${clientauth}. Or: `
    : ''
}

function apiRefused(why: ActionError, user: User | ActionError, subject: Subject): ActionError {
  if (hasCode(why, 'ACCESS_DENIED') || (isInactive(user) && !(user instanceof ActionError)))
    return inactive(user, subject)
  if (hasCode(why, 'API_KEY_INVALID')) {
    return failure(
      'API_KEY_INVALID',
      `${subject.clientauth} refused the certificate, and ${subject.api} refused the API key as well.`,
      'Both belong to another environment (demo credentials on the production host), or the service user was deleted or deactivated.',
      "Check 'host' first, then whether the service user still exists and is active.",
      why,
    )
  }
  const what = `${subject.refused.message} Looking for the reason failed: ${why.message}`
  return new ActionError('CERT_REFUSED', { what, why: why.why, fix: why.fix }, why)
}

function notYetValid(facts: CertificateFacts, cause: unknown): ActionError {
  return failure(
    'CERT_NOT_YET_VALID',
    `The certificate ${certificateName(facts)} is valid only from ${utcMinute(facts.notBefore)}.`,
    "This runner's clock is slow, or the certificate was issued for a later date.",
    "Check the runner's clock, or wait until then.",
    cause,
  )
}

function failure(code: ErrorCode, what: string, why: string, fix: string, cause: unknown): ActionError {
  return new ActionError(code, { what, why, fix }, cause)
}

/** A diagnosis continues with what it can learn. */
async function outcome<T>(pending: Promise<T>): Promise<T | ActionError> {
  try {
    return await pending
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}
