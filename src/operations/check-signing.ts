import type { DigicertOne } from '../digicert/client.ts'
import { CertificateRefused } from '../digicert/clientauth.ts'
import type { SigningCertificate } from '../digicert/signing-records.ts'
import { SigningAbsent, SigningRefused, SoftwareTrust } from '../digicert/software-trust.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { Identity } from '../net/endpoint.ts'
import type { Log } from '../ports.ts'
import { counted } from '../text.ts'
import { describeCertificate } from '../x509/certificate.ts'
import type { Entry } from './inspect.ts'
import { readCertificates } from './issued.ts'
import { signingAbsent } from './preflight/errors.ts'
import { canSign } from './preflight/find.ts'

interface SigningPorts {
  digicert: DigicertOne
  log: Log
}

export interface SigningSought {
  includeDisabled: boolean
  /** The certificate and key of the given P12, for a service that requires more than the API key. */
  identity: (() => Identity) | undefined
}

/**
 * The code-signing certificates that the API key sees: those that sign, and those that have expired while their keypair
 * still signs with them.
 * @throws ActionError SIGNING_REFUSED, SIGNING_UNAVAILABLE, and those of a failed request
 */
export async function listSigning(sought: SigningSought, ports: SigningPorts): Promise<Entry[]> {
  try {
    return await listByKey(sought, ports)
  } catch (error) {
    throw explain(error, sought)
  }
}

async function listByKey(sought: SigningSought, ports: SigningPorts): Promise<Entry[]> {
  const { digicert, log } = ports
  try {
    return await list(new SoftwareTrust(digicert.signingAccess()), sought, ports)
  } catch (error) {
    if (!(error instanceof SigningRefused) || sought.identity === undefined) throw error
    const { api, clientauth } = digicert.hosts
    log.info(
      `${hostOf(api)} does not list code-signing certificates for the API key alone; asking ${hostOf(clientauth)} with the P12 as well.`,
    )
    return await list(new SoftwareTrust(digicert.signingAccess(sought.identity())), sought, ports)
  }
}

async function list(
  trust: SoftwareTrust,
  { includeDisabled }: SigningSought,
  { log }: SigningPorts,
): Promise<Entry[]> {
  const entries: Entry[] = []
  let unreadable = 0
  for await (const { records } of trust.certificates()) {
    for (const record of records) {
      const entry = toEntry(record)
      if (entry === undefined) unreadable++
      else if (entry.enabled || includeDisabled) entries.push(entry)
    }
  }
  if (unreadable > 0) {
    log.warning(
      `${counted(unreadable, 'code-signing certificate')} could not be read from the response, so the expiry was not checked.`,
    )
  }
  return entries
}

/** Undefined for a certificate that did not come along or cannot be read. */
function toEntry(record: SigningCertificate): Entry | undefined {
  const facts = factsOf(record.certificate)
  if (facts === undefined) return undefined
  const { serialNumber, notBefore, notAfter } = facts
  const { id, alias, status } = record
  return {
    ...{ kind: 'signing', id, name: alias, alias, serialNumber },
    ...{ notBefore, notAfter, status, enabled: canSign(record) || isExpiredDefault(record), inUse: false },
  }
}

function factsOf(text: string) {
  try {
    const [certificate] = readCertificates(text)
    return certificate && describeCertificate(certificate)
  } catch {
    return undefined
  }
}

/** An expired certificate that signing steps still use is what this check is for, not history. */
function isExpiredDefault({ status, isDefault }: SigningCertificate): boolean {
  return status.toUpperCase() === 'EXPIRED' && isDefault === true
}

function explain(error: unknown, { identity }: SigningSought): unknown {
  if (error instanceof SigningAbsent) return signingAbsent(error, "remove 'signing-certificates'")
  if (error instanceof SigningRefused || error instanceof CertificateRefused) {
    const [why, fix] =
      identity === undefined
        ? [
            'The signing service requires the client certificate as well, or the role of this user does not include Software Trust.',
            "Set 'p12' and 'p12-password' to the P12 of the same user, or give the user a role with access to Software Trust certificates.",
          ]
        : [
            'The role of this user does not include Software Trust, or the P12 and the API key belong to different users.',
            "Give the user a role with access to Software Trust certificates, and set 'p12' to a P12 of the same user.",
          ]
    return new ActionError('SIGNING_REFUSED', { what: error.message, why, fix }, error.cause)
  }
  return error
}
