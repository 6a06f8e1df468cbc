import { X509Certificate } from 'node:crypto'
import type { CertificateRecord } from './store.ts'
import type { ServiceUser } from './users.ts'
import type { World } from './world.ts'

/** The current verdict on a client certificate; everything but `accepted` is refused. */
export type Verdict =
  | 'accepted'
  | 'missing'
  | 'foreign'
  | 'not-yet-valid'
  | 'expired'
  | 'unknown'
  | 'disabled'
  | 'user-inactive'

export interface Judgement {
  verdict: Verdict
  /** of the certificate, if it is one of ours */
  user?: ServiceUser
  record?: CertificateRecord
}

/**
 * Judges a client certificate for each request, not for each connection: disabling also takes effect on open
 * connections, at once or after `settings.delays`.
 *
 * @param der what the client sent in the handshake; undefined when it sent nothing
 */
export function judgeClientCertificate(world: World, der: Buffer | undefined): Judgement {
  if (der === undefined) return { verdict: 'missing' }
  const certificate = new X509Certificate(der)
  if (!world.authority.issued(certificate)) return { verdict: 'foreign' }
  const record = world.store.certificateByFingerprint(certificate.fingerprint256)
  const dates = judgeDates(world, certificate)
  if (dates !== undefined) return withRecord(dates, record)
  if (record === undefined) return { verdict: 'unknown' }
  const known = world.front.knows(record, world.clock.now())
  if (known === 'absent') return { verdict: 'unknown', record }
  if (known === 'disabled') return { verdict: 'disabled', record }
  return judgeOwner(world, record)
}

function judgeDates({ clock }: World, certificate: X509Certificate): Verdict | undefined {
  const now = clock.now()
  // RFC 5280 §4.1.2.5: valid through notAfter, inclusive, so the whole of its last second counts.
  if (now < new Date(certificate.validFrom)) return 'not-yet-valid'
  if (now.getTime() >= Date.parse(certificate.validTo) + 1000) return 'expired'
  return undefined
}

function withRecord(verdict: Verdict, record: CertificateRecord | undefined): Judgement {
  return record === undefined ? { verdict } : { verdict, record }
}

function judgeOwner(world: World, record: CertificateRecord): Judgement {
  const user = world.store.userById(record.userId)
  if (user === undefined) return { verdict: 'unknown', record }
  return { verdict: userWorks(world, user) ? 'accepted' : 'user-inactive', user, record }
}

export function userWorks({ clock }: World, user: ServiceUser): boolean {
  return user.status === 'ACTIVE' && (user.endDate === null || clock.now() <= user.endDate)
}
