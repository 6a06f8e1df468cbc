/** The words for what keeps later steps from signing. */

import { utcMinute } from '../../dates.ts'
import type { User } from '../../digicert/records.ts'
import type { Keypair, SigningCertificate } from '../../digicert/signing-records.ts'
import type { SigningAbsent, SigningRefused } from '../../digicert/software-trust.ts'
import { ActionError, type ErrorCode } from '../../errors.ts'
import { clean } from '../../text.ts'
import type { CertificateFacts } from '../../x509/certificate.ts'
import { describeRemaining } from '../../x509/validity.ts'
import { isAlike, quoted } from './alike.ts'

/** @param visible the aliases that this user may see, the nearest first; undefined when the service does not say */
export function unknownKeypair(alias: string, visible: string[] | undefined): ActionError {
  return failure(
    'KEYPAIR_UNKNOWN',
    `No keypair with the alias ${quoted(alias)} is visible to this user.${describeVisible(alias, visible, 'keypairs')}`,
    whyUnknown(alias, visible, 'keypair'),
    "Copy the alias from DigiCert ONE (Software Trust: Keypairs; KeyLocker: Certificates) into 'keypair-alias'. Upper and lower case count.",
  )
}

/** @param visible likewise */
export function unknownCertificate(alias: string, visible: string[] | undefined): ActionError {
  return failure(
    'SIGNING_CERT_UNKNOWN',
    `No code-signing certificate with the alias ${quoted(alias)} is visible to this user.${describeVisible(alias, visible, 'certificates')}`,
    whyUnknown(alias, visible, 'certificate'),
    "Copy the alias from DigiCert ONE (Certificates) into 'certificate-alias', or give 'keypair-alias' alone to use the keypair's default certificate.",
  )
}

/** The certificate exists, but with another keypair. */
export function certificateOfOther(
  { alias }: SigningCertificate,
  keypair: Pick<Keypair, 'alias'>,
  owner: string,
): ActionError {
  const whose = owner === '' ? 'belongs to another keypair' : `belongs to the keypair ${quoted(owner)}`
  return failure(
    'SIGNING_CERT_UNKNOWN',
    `The code-signing certificate ${quoted(alias)} is not one of the keypair ${quoted(keypair.alias)}: it ${whose}.`,
    'One of the two aliases is outdated or was copied from another keypair.',
    "Set only 'certificate-alias' to use the keypair of that certificate, or only 'keypair-alias' to use its default certificate.",
  )
}

export function noCertificate({ alias }: Keypair): ActionError {
  return failure(
    'KEYPAIR_NO_CERTIFICATE',
    `The keypair ${quoted(alias)} has no code-signing certificate.`,
    'The certificate has not been issued yet, or this user may not see it.',
    'In DigiCert ONE, request or import a certificate for this keypair, or use another keypair.',
  )
}

/** A keypair that is limited to users, this one not among them. */
export function notAllowed({ alias }: Keypair, { name, id }: User): ActionError {
  return failure(
    'KEYPAIR_NOT_ALLOWED',
    `The user ${quoted(name || id)} is not among those who may sign with the keypair ${quoted(alias)}.`,
    'The keypair is limited to certain users (KeyLocker: to one designated signer), and only with their API key and client certificate can it sign.',
    `Use the API key of one of those users (KeyLocker: of the designated signer) as 'api-key', with a client certificate of the same user, or add this user to the keypair in DigiCert ONE.`,
  )
}

/** The signing certificate has expired. */
export function signingExpired(alias: string, { notAfter }: CertificateFacts, now: Date): ActionError {
  return new ActionError('SIGNING_CERT_EXPIRED', {
    what: `The code-signing certificate ${quoted(alias)} ${describeRemaining(notAfter, now)}, on ${utcMinute(notAfter)}. Software Trust refuses to sign with it, or what it signs is not trusted.`,
    fix: "Renew it in DigiCert ONE and make the new one the keypair's default, or set 'certificate-alias' to the new one.",
  })
}

export function signingExpiring(alias: string, { notAfter }: CertificateFacts, now: Date): ActionError {
  return new ActionError('SIGNING_CERT_EXPIRING', {
    what: `${describeExpiry(alias, notAfter, now)} That is less time than 'signing-fail-within' requires.`,
    fix: "Renew it in DigiCert ONE, or lower 'signing-fail-within' until then.",
  })
}

export function describeExpiry(alias: string, notAfter: Date, now: Date): string {
  return `The code-signing certificate ${quoted(alias)} expires in ${describeRemaining(notAfter, now)}, on ${utcMinute(notAfter)}.`
}

export function signingRevoked({ alias, status }: SigningCertificate): ActionError {
  return failure(
    'SIGNING_CERT_REVOKED',
    `The code-signing certificate ${quoted(alias)} has the status ${status}.`,
    'The certificate was replaced, revoked or suspended; only one with the status ACTIVE can sign.',
    "Use its successor: make that the keypair's default certificate in DigiCert ONE, or set 'certificate-alias' to it.",
  )
}

/** What is known of a certificate that was accepted a moment ago. */
export interface Accepted {
  user: User
  /** Issued by this run. */
  isNew: boolean
}

/** The signing service refuses key and certificate together, although the certificate alone was accepted. */
export function signingRefused(
  { status, reason, message }: SigningRefused,
  { user, isNew }: Accepted,
): ActionError {
  const who = quoted(user.name || user.id)
  const { why, fix } = isSecondFactor(message)
    ? secondFactor(who, isNew)
    : status === 401
      ? {
          why: `The certificate was accepted as user ${who}, so it is the API key that is refused.`,
          fix: KEY_OF_SAME,
        }
      : {
          why: `The role of user ${who}, as whom the certificate was accepted, does not include Software Trust, the account has no license for it, or the API key belongs to another user.`,
          fix: "In DigiCert ONE, give this user a role with access to Software Trust keypairs and certificates, and use the API key of the same user as 'api-key'.",
        }
  return failure('SIGNING_REFUSED', message, why, fix, reason)
}

const KEY_OF_SAME = "Use the API key of the user that the certificate belongs to as 'api-key'."

/** smctl's famous sentence, which names the one thing that is not at fault here. */
function secondFactor(who: string, isNew: boolean): { why: string; fix: string } {
  const accepted = `The two factors are the API key and the client certificate of the same user. The certificate was accepted as user ${who} a moment ago`
  return isNew
    ? {
        why: `${accepted}; the signing service may not know it yet, or does not associate it with this API key.`,
        fix: 'Run the job again in a minute. If the problem persists, check in DigiCert ONE that the user of this API key is active and may use Software Trust.',
      }
    : { why: `${accepted}, so the API key most likely belongs to another user.`, fix: KEY_OF_SAME }
}

export function isSecondFactor(message: string): boolean {
  return /multi-?factor/i.test(message)
}

/**
 * The account has no signing service, or it is elsewhere.
 * @param without what to do to continue without one, as the second half of a sentence
 */
export function signingAbsent({ message, cause }: SigningAbsent, without: string): ActionError {
  return failure(
    'SIGNING_UNAVAILABLE',
    `There is no signing service: ${message}`,
    'The account does not include Software Trust or KeyLocker, or they are not on this host.',
    `Check 'host' and that the account includes Software Trust or KeyLocker. If your jobs sign with something else, ${without}.`,
    cause,
  )
}

/** A failure that kept us from finding out: its own words, and what they are about. */
export function notVerified(cause: ActionError): ActionError {
  const { code, message, why, fix } = cause
  const what = clean(`Could not verify what later steps sign with: ${message}`, 2000)
  return new ActionError(code, { what, why, fix }, cause)
}

function describeVisible(alias: string, visible: string[] | undefined, noun: string): string {
  if (visible === undefined) return ''
  const [first] = visible
  if (first === undefined) return ` No ${noun} are visible to this user at all.`
  const others = `Visible ${noun}: ${visible.map(quoted).join(', ')}.`
  return isAlike(alias, first) ? ` ${quoted(first)} ${difference(alias, first)}. ${others}` : ` ${others}`
}

function difference(alias: string, other: string): string {
  return alias.toLowerCase() === other.toLowerCase()
    ? 'differs in case only'
    : 'differs only in case or white space'
}

function whyUnknown(alias: string, visible: string[] | undefined, noun: string): string {
  const [first] = visible ?? [alias]
  if (first === undefined)
    return `This user is not assigned to any ${noun}, its role does not show them, or they belong to another account.`
  if (isAlike(alias, first)) return 'The alias was typed, and not copied exactly as DigiCert ONE shows it.'
  return `The alias is misspelled, or the ${noun} is not assigned to this user or belongs to another account.`
}

function failure(code: ErrorCode, what: string, why: string, fix: string, cause?: unknown): ActionError {
  return new ActionError(code, { what: clean(what, 2000), why, fix }, cause)
}
