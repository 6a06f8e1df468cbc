import { error, info, notice, warning } from '@actions/core'
import { utcMinute } from '../dates.ts'
import { ActionError, type ErrorCode } from '../errors.ts'
import type { CheckReport } from '../operations/check.ts'
import type { Inspected } from '../operations/inspect.ts'
import type { NothingChecked } from '../operations/nothing-checked.ts'
import { counted } from '../text.ts'
import { describeRemaining } from '../x509/validity.ts'
import { explain, titleOf } from './report.ts'

/** GitHub shows ten annotations of a kind for a step. */
const MOST_ANNOTATIONS = 10

/**
 * One annotation for each certificate that needs attention, errors first, at most ten, then a count.
 * @returns the error that fails the run, which is the annotation of the worst one; undefined when nothing fails
 */
export function annotate({
  certificates,
  nothing,
  now,
  concerningCount,
}: CheckReport): ActionError | undefined {
  if (nothing !== undefined) return announce(nothing)
  const [worst, ...others] = byUrgency(certificates)
  if (worst === undefined) {
    info('No certificate needs attention.')
    if (certificates.every(({ shortLived, inUse }) => shortLived && !inUse)) info(ONLY_SHORT_LIVED)
    return undefined
  }
  const failure = worst.verdict === 'fail' ? explainCertificate(worst, now) : undefined
  const separate = failure === undefined ? [worst, ...others] : others
  const room = failure === undefined ? MOST_ANNOTATIONS : MOST_ANNOTATIONS - 1
  for (const certificate of separate.slice(0, room)) {
    const show = certificate.verdict === 'fail' ? error : warning
    show(sentence(certificate, now), { title: titleOf(codeOf(certificate)) })
  }
  // The one that fails the run is shown as its error.
  const count = concerningCount - (failure === undefined ? 0 : 1)
  if (count > room) {
    // A notice, because an eleventh warning would not be shown.
    notice(
      `${counted(count - room, 'more certificate')} not shown here: see the job summary and the report file.`,
    )
  }
  return failure
}

const ONLY_SHORT_LIVED =
  "All certificates are short-lived, so this check found none whose expiry needs to be monitored. If there should be one, check 'name' and 'api-key'."

function announce({ verdict, error: reason }: NothingChecked): ActionError | undefined {
  if (verdict === 'fail') return reason
  if (verdict === 'warn') warning(explain(reason), { title: titleOf(reason.code) })
  else info(reason.message)
  return undefined
}

/** Failing ones first, those in use before the others; then what expires soon; what has expired is history. */
function byUrgency(certificates: Inspected[]): Inspected[] {
  const concerning = certificates.filter(({ verdict }) => verdict !== 'fine')
  return concerning.toSorted((a, b) => urgency(b) - urgency(a))
}

function urgency({ verdict, inUse, state }: Inspected): number {
  return (verdict === 'fail' ? 4 : 0) + (inUse ? 2 : 0) + (state === 'expired' ? 0 : 1)
}

type Code = Extract<
  ErrorCode,
  'CERT_EXPIRED' | 'CERT_EXPIRING' | 'CERT_DISABLED' | 'SIGNING_CERT_EXPIRED' | 'SIGNING_CERT_EXPIRING'
>

/** What is wrong with a certificate, and what to do about it. */
export function explainCertificate(certificate: Inspected, now: Date): ActionError {
  const code = codeOf(certificate)
  return new ActionError(code, { what: sentence(certificate, now), ...WORDS[code] })
}

const REPLACE = 'Issue a new certificate, replace the stored P12 with it, and disable this one.'

const RENEW = "Renew it in DigiCert ONE and make the new one its keypair's default certificate."

const WORDS: Record<Code, { why?: string; fix: string }> = {
  CERT_EXPIRED: { fix: `A client certificate cannot be renewed. ${REPLACE}` },
  CERT_EXPIRING: { fix: `${REPLACE} If that is too early, lower 'fail-within'.` },
  CERT_DISABLED: {
    why: 'A rotation disabled it after its grace period, or somebody did so in DigiCert ONE.',
    fix: 'Replace the stored P12 with one that contains an enabled certificate, or enable this one again if disabling it was a mistake.',
  },
  SIGNING_CERT_EXPIRED: { fix: `${RENEW} What is signed with the old one from now on is not trusted.` },
  SIGNING_CERT_EXPIRING: { fix: `${RENEW} If that is too early, lower 'fail-within'.` },
}

function codeOf({ kind, enabled, inUse, state }: Inspected): Code {
  if (kind === 'signing') return state === 'expired' ? 'SIGNING_CERT_EXPIRED' : 'SIGNING_CERT_EXPIRING'
  if (inUse && !enabled) return 'CERT_DISABLED'
  return state === 'expired' ? 'CERT_EXPIRED' : 'CERT_EXPIRING'
}

function sentence(certificate: Inspected, now: Date): string {
  if (certificate.kind === 'signing') return signingSentence(certificate, now)
  const { name, id, serialNumber, inUse, enabled, notAfter, state } = certificate
  const which = `"${name || serialNumber}"${id === '' ? '' : ` (id ${id})`}${inUse ? ', the one in use,' : ''}`
  if (inUse && !enabled) return `${which} is disabled.`
  const remaining = describeRemaining(notAfter, now)
  const day = utcMinute(notAfter)
  if (state !== 'expired') return `${which} expires in ${remaining}, on ${day}.`
  return `${which} ${remaining}, on ${day}${inUse ? '' : ', and is still enabled'}.`
}

function signingSentence({ name, serialNumber, notAfter, state }: Inspected, now: Date): string {
  const remaining = describeRemaining(notAfter, now)
  const expires = state === 'expired' ? remaining : `expires in ${remaining}`
  return `The code-signing certificate "${name || serialNumber}" ${expires}, on ${utcMinute(notAfter)}.`
}
