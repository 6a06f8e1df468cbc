/** Which of several certificates with a private key in the file is meant, and why not another one. */

import type { X509Certificate } from 'node:crypto'
import { utcMinute } from '../../dates.ts'
import { datesOf, isValid } from '../certificate.ts'
import { isForClients } from '../purpose.ts'

/** A certificate that could have been used as well. */
export interface PassedOver {
  certificate: X509Certificate
  friendlyName?: string
  /** Continues the name of the certificate: "expired on …". */
  why: string
}

interface Criterion {
  /** Higher is better. */
  score(certificate: X509Certificate): number
  /** Why one that scores less is passed over. */
  why(certificate: X509Certificate): string
}

/** The first on which two differ decides between them. */
function criteria(now: Date): Criterion[] {
  return [
    { score: ({ ca }) => (ca ? 0 : 1), why: () => 'is a CA certificate' },
    { score: ({ raw }) => (isForClients(raw) ? 1 : 0), why: () => 'is not for client authentication' },
    {
      score: certificate => (isValid(certificate, now) ? 1 : 0),
      why: certificate => notNow(certificate, now),
    },
    {
      score: certificate => datesOf(certificate).notAfter.getTime(),
      why: certificate => `expires earlier, on ${utcMinute(datesOf(certificate).notAfter)}`,
    },
  ]
}

function notNow(certificate: X509Certificate, now: Date): string {
  const { notBefore, notAfter } = datesOf(certificate)
  return now < notBefore ? `is valid only from ${utcMinute(notBefore)}` : `expired on ${utcMinute(notAfter)}`
}

/** The certificates with the best one first; of equals the one that comes first. */
export function bestFirst<T extends { certificate: X509Certificate }>(candidates: T[], now: Date): T[] {
  const ranked = candidates.map(candidate => ({
    candidate,
    scores: criteria(now).map(({ score }) => score(candidate.certificate)),
  }))
  return ranked
    .sort((a, b) => a.scores.map((score, at) => (b.scores[at] ?? 0) - score).find(Boolean) ?? 0)
    .map(({ candidate }) => candidate)
}

export function whyNot(other: X509Certificate, chosen: X509Certificate, now: Date): string {
  const deciding = criteria(now).find(({ score }) => score(other) < score(chosen))
  return deciding?.why(other) ?? 'comes later in the file'
}
