import type { CertificateRecord } from '../digicert/records.ts'
import type { Family } from './family.ts'

/** A target as a run finds it. */
export interface Dated {
  /** Of the secret; undefined when there is none. */
  updatedAt: Date | undefined
}

/** All that a rotation decides on. Every run reads it anew; nothing is remembered from run to run. */
export interface Observation<T extends Dated> {
  now: Date
  family: Family
  /** The dates in the certificate itself. */
  notBefore: Date
  notAfter: Date
  /** The clientauth host does not accept the certificate in use. */
  refused: boolean
  targets: T[]
}

export interface RotationSettings {
  rotateWithinSeconds: number
  graceSeconds: number
  force: boolean
}

export type IssueReason = 'due' | 'disabled' | 'refused' | 'forced'

/**
 * Why a target is written: with a new certificate; there is no secret yet; the secret is older than the certificate in
 * use; or once more before something is disabled that might have got there.
 */
export type WriteReason = 'new' | 'missing' | 'stale' | 'again'

/** Why a certificate goes: its successor is everywhere, or it never came into use. */
export type DisableReason = 'superseded' | 'orphan'

export interface Plan<T extends Dated> {
  issue: IssueReason | undefined
  write: { target: T; why: WriteReason }[]
  /** Only after everything in `write` is written. */
  disable: { record: CertificateRecord; why: DisableReason }[]
  /** What is left enabled for now, and when its grace ends; undefined while something has to be written first. */
  waiting: { record: CertificateRecord; why: DisableReason; until: Date | undefined }[]
  /** From when on the certificate in use is due to be replaced. */
  dueFrom: Date
}

/**
 * The decision of a rotation: what to issue, to write and to disable, in this order. Pure.
 *
 * - A new certificate goes to every target. Nothing that any of them might hold is disabled in the same run.
 * - A target whose secret is older than the certificate in use missed it and is written again.
 * - What is superseded or an orphan goes after its grace, which counts from the last write of a target, or from the
 *   start of the orphan.
 * - When more than the direct predecessor is left, a run broke off or two overlapped, and a target may hold any of
 *   them: every target is written again first. So it is when the targets were not written by one run.
 */
export function planRotation<T extends Dated>(observed: Observation<T>, settings: RotationSettings): Plan<T> {
  const { now, family, targets } = observed
  const dueFrom = new Date(observed.notAfter.getTime() - settings.rotateWithinSeconds * 1000)
  const issue = reasonToIssue(observed, dueFrom, settings)
  const leftovers = findLeftovers(observed, settings)
  const stale =
    issue === undefined ? missed(observed) : targets.map(target => ({ target, why: 'new' as const }))
  const settled = stale.length === 0
  const over = leftovers.filter(({ until }) => until !== undefined && until <= now)
  const disable = over.filter(leftover => settled || !leftover.mayBeHeld)
  const heldByOthers = disable.some(({ record, mayBeHeld }) => mayBeHeld && record !== family.predecessors[0])
  const doubtful = settled && (heldByOthers || (disable.length > 0 && writtenApart(observed)))
  return {
    issue,
    write: doubtful ? targets.map(target => ({ target, why: 'again' })) : stale,
    disable: disable.map(({ record, why }) => ({ record, why })),
    waiting: leftovers
      .filter(leftover => !disable.includes(leftover))
      .map(({ record, why, until, mayBeHeld }) => ({
        record,
        why,
        until: settled || !mayBeHeld ? until : undefined,
      })),
    dueFrom,
  }
}

function reasonToIssue<T extends Dated>(
  { now, family, refused }: Observation<T>,
  dueFrom: Date,
  { force }: RotationSettings,
): IssueReason | undefined {
  if (family.current.enabled === false) return 'disabled'
  if (now >= dueFrom) return 'due'
  if (refused) return 'refused'
  return force ? 'forced' : undefined
}

/** The targets that do not hold the certificate in use: written before it was there, or never. */
function missed<T extends Dated>({ targets, family, notBefore }: Observation<T>): Plan<T>['write'] {
  const start = family.current.startDate ?? notBefore
  return targets.flatMap((target): Plan<T>['write'] => {
    if (target.updatedAt === undefined) return [{ target, why: 'missing' }]
    return target.updatedAt < start ? [{ target, why: 'stale' }] : []
  })
}

/** More than the writes of one run take: GitHub is asked for one a second when there are many. */
const APART_SECONDS = 300

/**
 * True when the targets were not written by one run. Then one of them may have been written shortly before the
 * certificate in use was there, though its start says otherwise: servers date certificates back, or to the day, and
 * two servers have two clocks.
 */
function writtenApart<T extends Dated>({ targets }: Observation<T>): boolean {
  const times = targets.flatMap(({ updatedAt }) => updatedAt?.getTime() ?? [])
  return Math.max(...times) - Math.min(...times) > (APART_SECONDS + targets.length) * 1000
}

interface Leftover {
  record: CertificateRecord
  why: DisableReason
  /** Undefined where the API tells no start: its age cannot be known. */
  until: Date | undefined
  /** False when every target was last written before it was issued. */
  mayBeHeld: boolean
}

/** Everything of the family that is still enabled and not in use. */
function findLeftovers<T extends Dated>(
  { family, targets }: Observation<T>,
  { graceSeconds }: RotationSettings,
): Leftover[] {
  const writes = targets.flatMap(({ updatedAt }) => (updatedAt === undefined ? [] : [updatedAt.getTime()]))
  const lastWrite = writes.length === 0 ? undefined : new Date(Math.max(...writes))
  const superseded = family.predecessors.map(record => ({
    record,
    why: 'superseded' as const,
    until: after(lastWrite, graceSeconds),
    mayBeHeld: true,
  }))
  const orphans = family.orphans.map(record => ({
    record,
    why: 'orphan' as const,
    until: after(record.startDate, graceSeconds),
    mayBeHeld:
      record.startDate === undefined || writes.some(time => time >= (record.startDate?.getTime() ?? 0)),
  }))
  return [...superseded, ...orphans].filter(({ record }) => record.enabled !== false)
}

function after(time: Date | undefined, seconds: number): Date | undefined {
  return time === undefined ? undefined : new Date(time.getTime() + seconds * 1000)
}
