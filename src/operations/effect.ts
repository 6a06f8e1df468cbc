import type { DigicertOne } from '../digicert/client.ts'
import { CertificateRefused } from '../digicert/clientauth.ts'
import type { User } from '../digicert/records.ts'
import { hasCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import type { Identity } from '../net/endpoint.ts'
import { span } from '../net/retry.ts'
import type { Clock, Log } from '../ports.ts'
import type { CertificateFacts } from '../x509/certificate.ts'

export interface EffectPorts {
  digicert: DigicertOne
  clock: Clock
  log: Log
}

/** What the mTLS host says of a certificate, and how many milliseconds it was given to change that. */
export type Verdict =
  | { accepted: true; user: User; waitedMs: number }
  | { accepted: false; refusal: Error; waitedMs: number }

export type Refusal = Extract<Verdict, { accepted: false }>

/**
 * How long a change may take to reach the mTLS host, a different system than the one that issues, enables and
 * disables.
 */
const EFFECTIVE_WITHIN_MS = 30_000
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 3_200

/** Asks the mTLS host until it says what it should after a change, or the time is up; the last verdict is returned. */
export async function waitFor(
  wanted: 'accepted' | 'refused',
  identity: Identity,
  ports: EffectPorts,
): Promise<Verdict> {
  const { clock, log, digicert } = ports
  const begun = clock.now().getTime()
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const verdict = await ask(identity, ports)
    // A clock that is set back must not make this wait for hours.
    const waitedMs = Math.max(0, clock.now().getTime() - begun)
    const leftMs = EFFECTIVE_WITHIN_MS - waitedMs
    if (verdict.accepted === (wanted === 'accepted') || leftMs <= 0) return { ...verdict, waitedMs }
    if (wait === FIRST_WAIT_MS) {
      const says =
        wanted === 'accepted' ? 'does not accept the certificate yet' : 'still accepts the certificate'
      log.info(`${hostOf(digicert.hosts.clientauth)} ${says}; checking again for up to ${span(leftMs)}.`)
    }
    await clock.sleep(Math.min(wait, leftMs))
  }
}

/**
 * Asks the mTLS host whether it accepts a certificate: a new certificate gets the time that a change may take,
 * any other one is asked about once.
 */
export async function judge(
  { identity, facts, isNew }: { identity: Identity; facts: CertificateFacts; isNew: boolean },
  ports: EffectPorts,
): Promise<Verdict> {
  return isNew || isRecent(facts, ports.clock.now())
    ? await waitFor('accepted', identity, ports)
    : await ask(identity, ports)
}

/** A certificate that is valid for no longer than this may have been issued by the job before. */
const RECENT_MS = 300_000

/** Valid since a moment ago, or from a few seconds on by a clock that is slow. */
function isRecent({ notBefore }: CertificateFacts, now: Date): boolean {
  const age = now.getTime() - notBefore.getTime()
  return age >= -EFFECTIVE_WITHIN_MS && age < RECENT_MS
}

/** Asks the mTLS host once what it says of a certificate now. */
export async function ask(identity: Identity, { digicert }: Pick<EffectPorts, 'digicert'>): Promise<Verdict> {
  try {
    return { accepted: true, user: await digicert.verify(identity), waitedMs: 0 }
  } catch (error) {
    if (isRefusal(error)) return { accepted: false, refusal: error, waitedMs: 0 }
    throw error
  }
}

/** True for every way in which the mTLS host does not accept a certificate. */
function isRefusal(error: unknown): error is Error {
  return error instanceof CertificateRefused || hasCode(error, 'CERT_REFUSED')
}
