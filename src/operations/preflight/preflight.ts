import type { X509Certificate } from 'node:crypto'
import { utcMinute } from '../../dates.ts'
import { CertificateRefused } from '../../digicert/clientauth.ts'
import type { User } from '../../digicert/records.ts'
import type { Keypair, SigningCertificate } from '../../digicert/signing-records.ts'
import { SigningAbsent, SigningRefused, type SoftwareTrust } from '../../digicert/software-trust.ts'
import { ActionError, hasCode } from '../../errors.ts'
import type { Clock, Log } from '../../ports.ts'
import { clean } from '../../text.ts'
import { describeCertificate, orderChain } from '../../x509/certificate.ts'
import { unescapeValue } from '../../x509/subject.ts'
import { daysRemaining, describeRemaining, type Thresholds, validityState } from '../../x509/validity.ts'
import { readCertificates } from '../issued.ts'
import { quoted } from './alike.ts'
import {
  type Accepted,
  describeExpiry,
  isSecondFactor,
  notAllowed,
  notVerified,
  signingAbsent,
  signingExpired,
  signingExpiring,
  signingRefused,
  signingRevoked,
} from './errors.ts'
import { canSign, find } from './find.ts'
import type { CodeSigningCertificate, Found, Signing, SigningRequest } from './types.ts'

export interface PreflightPorts {
  trust: SoftwareTrust
  clock: Clock
  log: Log
}

/**
 * Verifies that later steps can sign: that the keypair is there, that this user may sign with it, and that its
 * code-signing certificate is usable. It reads, with API key and certificate together, and spends no signature.
 * @param accepted whom the mTLS host has just accepted the certificate as
 * @throws ActionError KEYPAIR_*, SIGNING_*, and those of a failed request
 */
export async function preflight(
  request: SigningRequest,
  accepted: Accepted,
  ports: PreflightPorts,
): Promise<Signing> {
  const { keypair, certificate } = await ask(request, accepted, ports)
  admit(keypair, accepted.user, ports.log)
  const codeSigning = judge(certificate, request.thresholds, ports)
  const signing = {
    keypairId: keypair.id,
    keypairAlias: keypair.alias,
    certificateAlias: certificate.alias,
    certificate: codeSigning,
  }
  ports.log.info(`${canSignWith(signing, ports.clock.now())}.`)
  return signing
}

/** `Can sign with "release-key": Example Software Inc (EV), expires in 199 days` */
export function canSignWith({ keypairAlias, certificateAlias, certificate }: Signing, now: Date): string {
  const what = `Can sign with ${quoted(keypairAlias || certificateAlias)}`
  if (certificate === undefined) return what
  return `${what}: ${describeSigner(certificate, now)}`
}

/** `Example Software Inc (EV), expires in 199 days` */
export function describeSigner({ signer, facts }: CodeSigningCertificate, now: Date): string {
  return `${signer}, expires in ${describeRemaining(facts.notAfter, now)}`
}

/** How long to wait, in milliseconds, for the signing service to hear of a certificate that this run issued. */
const HEARD_OF_AFTER = [200, 400, 800, 1_600, 3_200]

async function ask(request: SigningRequest, accepted: Accepted, ports: PreflightPorts): Promise<Found> {
  const waits = accepted.isNew ? [...HEARD_OF_AFTER] : []
  for (;;) {
    try {
      return await find(request, ports.trust)
    } catch (error) {
      const wait = isUnheardOf(error) ? waits.shift() : undefined
      if (wait === undefined) throw explain(error, accepted)
      await ports.clock.sleep(wait)
    }
  }
}

function isUnheardOf(error: unknown): boolean {
  return error instanceof SigningRefused && isSecondFactor(error.message)
}

function explain(error: unknown, accepted: Accepted): unknown {
  if (error instanceof SigningRefused) return signingRefused(error, accepted)
  if (error instanceof SigningAbsent)
    return signingAbsent(error, "remove 'keypair-alias' and 'certificate-alias'")
  if (error instanceof CertificateRefused) {
    const { message, cause } = error
    const fix =
      'Run the job again. If the problem persists, tell DigiCert support what the service responded.'
    const why =
      'Another server behind the same name handled this connection: the certificate was accepted a moment ago.'
    return new ActionError('SIGNING_REFUSED', { what: message, why, fix }, cause)
  }
  const isOurs = hasCode(error, 'KEYPAIR_UNKNOWN', 'KEYPAIR_NO_CERTIFICATE', 'SIGNING_CERT_UNKNOWN')
  return error instanceof ActionError && !isOurs ? notVerified(error) : error
}

/** Only a clear response stops the job: a release that would have signed must not fail here. */
function admit(keypair: Keypair, user: User, log: Log): void {
  const { limited, users, byGroup, signable, alias } = keypair
  if (limited !== true || signable || users?.includes(user.id)) return
  if (users !== undefined && !byGroup) throw notAllowed(keypair, user)
  const why =
    users === undefined
      ? 'DigiCert ONE does not say to which'
      : `user "${user.name || user.id}" is not among them, but teams or groups are assigned as well`
  log.warning(
    `The keypair ${quoted(alias)} is limited to certain users, and ${why}. If this user is not assigned to it (KeyLocker: as designated signer), signing fails.`,
  )
}

/** @returns undefined when the certificate did not come along or cannot be read, which must not fail the job */
function judge(
  record: SigningCertificate,
  thresholds: Thresholds,
  { clock, log }: PreflightPorts,
): CodeSigningCertificate | undefined {
  const read = readCertificate(record)
  if (read === undefined) {
    if (!canSign(record)) throw signingRevoked(record)
    log.warning(
      `The code-signing certificate ${quoted(record.alias)} could not be read from the response, so its expiry was not checked.`,
    )
    return undefined
  }
  const { certificate, chain } = read
  const facts = describeCertificate(certificate)
  const now = clock.now()
  const state = validityState(facts.notAfter, now, thresholds)
  if (state === 'expired') throw signingExpired(record.alias, facts, now)
  if (!canSign(record)) throw signingRevoked(record)
  if (state === 'failing') throw signingExpiring(record.alias, facts, now)
  if (state === 'warning') {
    log.warning(
      `${describeExpiry(record.alias, facts.notAfter, now)} Renew it before that date; signing fails from then on.`,
    )
  }
  if (facts.notBefore > now) {
    log.warning(
      `The code-signing certificate ${quoted(record.alias)} is valid only from ${utcMinute(facts.notBefore)}.`,
    )
  }
  return {
    facts,
    sha1: certificate.fingerprint.replaceAll(':', ''),
    signer: `${signerOf(certificate)}${record.type === '' ? '' : ` (${record.type})`}`,
    certificate,
    chain,
    daysRemaining: daysRemaining(facts.notAfter, now),
    expiring: state === 'warning',
  }
}

function readCertificate({
  certificate: text,
  chain,
}: SigningCertificate): { certificate: X509Certificate; chain: X509Certificate[] } | undefined {
  try {
    const [certificate, ...more] = readCertificates(text)
    if (certificate === undefined) return undefined
    return { certificate, chain: orderChain(certificate, [...more, ...chain.flatMap(readCertificates)]) }
  } catch {
    return undefined
  }
}

/** The organization, or for a person the common name. */
function signerOf({ subject }: X509Certificate): string {
  const lines = subject?.split('\n') ?? []
  const named = ['O=', 'CN='].map(type => lines.find(line => line.startsWith(type))?.slice(type.length))
  return clean(unescapeValue(named.find(value => value !== undefined) ?? ''), 100)
}
