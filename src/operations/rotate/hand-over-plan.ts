import type { CertificateRecord } from '../../digicert/records.ts'
import {
  afterGrace,
  type Dated,
  dueDate,
  hasExpired,
  type Leftover,
  latestStart,
  type Observation,
  type Plan,
  type RotationSettings,
  reasonToIssue,
} from './plan.ts'

/**
 * The decision of a rotation whose P12 a later step stores. Pure. What the store contains was just handed to the run, so
 * there is no doubt to settle; but nothing says when that changed, or whether the store keeps what it receives.
 *
 * - A new certificate is handed over, and nothing goes because of it before a run is handed that one.
 * - What is superseded or an orphan goes after the grace period, which counts from the start of the certificate in use.
 * - As long as the old P12 comes back, each run issues another certificate. An orphan may have been stored until the next
 *   one was handed over, so it goes when the next one is older than the grace period, and the youngest one stays: this
 *   bounds how many are enabled.
 */
export function planHandOver<T extends Dated>(observed: Observation<T>, settings: RotationSettings): Plan<T> {
  const { now, notAfter, targets } = observed
  const dueFrom = dueDate(notAfter, settings)
  const issue = reasonToIssue(observed, dueFrom, settings)
  const leftovers = issue === undefined ? replaced(observed, settings) : overtaken(observed, settings)
  const disable = leftovers.filter(
    ({ record, until }) => hasExpired(record, now) || (until !== undefined && until <= now),
  )
  return {
    issue,
    write: issue === undefined ? [] : targets.map(target => ({ target, why: 'new' })),
    disable: disable.map(({ record, why }) => ({ record, why })),
    waiting: leftovers.filter(leftover => !disable.includes(leftover)),
    dueFrom,
  }
}

/** While the certificate in use stays: all others go. */
function replaced<T extends Dated>(observed: Observation<T>, settings: RotationSettings): Leftover[] {
  const start = startOf(observed)
  return leftoversOf(
    observed,
    () => afterGrace(start, settings),
    record => afterGrace(Math.max(start, latestStart(record)), settings),
  )
}

/** While it is being replaced: only what something newer has taken the place of. */
function overtaken<T extends Dated>(observed: Observation<T>, settings: RotationSettings): Leftover[] {
  const start = startOf(observed)
  return leftoversOf(
    observed,
    () => undefined,
    record => afterGrace(Math.max(start, nextStart(record, observed.family.orphans)), settings),
  )
}

function leftoversOf<T extends Dated>(
  { family }: Observation<T>,
  superseded: () => Date | undefined,
  orphan: (record: CertificateRecord) => Date | undefined,
): Leftover[] {
  const all = [
    ...family.predecessors.map(record => ({ record, why: 'superseded' as const, until: superseded() })),
    ...family.orphans.map(record => ({ record, why: 'orphan' as const, until: orphan(record) })),
  ]
  return all.filter(({ record }) => record.enabled !== false)
}

function startOf<T extends Dated>({ family: { current }, notBefore }: Observation<T>): number {
  return latestStart({ startDate: current.startDate ?? notBefore })
}

/** When the orphan after this one started; not a number for the youngest. One that is disabled may never have been handed over. */
function nextStart({ startDate }: CertificateRecord, orphans: CertificateRecord[]): number {
  if (startDate === undefined) return Number.NaN
  const younger = orphans.filter(
    other => other.enabled !== false && other.startDate !== undefined && other.startDate > startDate,
  )
  return younger.length === 0 ? Number.NaN : Math.min(...younger.map(latestStart))
}
