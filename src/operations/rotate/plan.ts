import type { CertificateRecord } from '../../digicert/records.ts'
import { replacedSerial } from '../nickname.ts'
import type { Family } from './family.ts'

/** A target as a run finds it. */
export interface Dated {
  /** Of the secret; undefined when there is none. */
  updatedAt: Date | undefined
  /** The workflow can get its P12 from here. */
  feeds: boolean
}

/** Everything that a rotation decides on. Every run reads it again; nothing is remembered from run to run. */
export interface Observation<T extends Dated> {
  now: Date
  family: Family
  /** The dates in the certificate itself. */
  notBefore: Date
  notAfter: Date
  /** The clientauth host does not accept the certificate in use. */
  refused: boolean
  /** In the order in which a run writes them. */
  targets: T[]
}

export interface RotationSettings {
  rotateWithinSeconds: number
  graceSeconds: number
  force: boolean
}

export type IssueReason = 'due' | 'disabled' | 'refused' | 'forced'

/**
 * Why a target is written: with a new certificate; there is no secret yet; the secret may not contain the certificate
 * in use; or once more before something is disabled.
 */
export type WriteReason = 'new' | 'missing' | 'doubtful' | 'again'

/** Why a certificate goes: its successor is everywhere, or it is not what came into use. */
export type DisableReason = 'superseded' | 'orphan'

export interface Plan<T extends Dated> {
  issue: IssueReason | undefined
  write: { target: T; why: WriteReason }[]
  /** Only after everything in `write` is written. */
  disable: { record: CertificateRecord; why: DisableReason }[]
  /** What is left enabled for now, and when its grace period is over; undefined while something has to be written first. */
  waiting: { record: CertificateRecord; why: DisableReason; until: Date | undefined }[]
  /** From when on the certificate in use is due to be replaced. */
  dueFrom: Date
}

/**
 * The decision of a rotation: what to issue, to write and to disable, in this order. Pure.
 *
 * - A new certificate goes to every target, and nothing is disabled that was there before the run.
 * - A target that may not contain the certificate in use is written again, and then nothing is disabled.
 * - What is superseded or an orphan is disabled after the grace period. Whatever the dates say, the targets are written
 *   once more before. What has expired is disabled at once: nobody can use it any more.
 */
export function planRotation<T extends Dated>(observed: Observation<T>, settings: RotationSettings): Plan<T> {
  const { now, notAfter, targets } = observed
  const dueFrom = dueDate(notAfter, settings)
  const issue = reasonToIssue(observed, dueFrom, settings)
  const needed =
    issue === undefined ? findDoubtful(observed) : targets.map(target => ({ target, why: 'new' as const }))
  const settled = issue === undefined && needed.length === 0
  const leftovers = findLeftovers(observed, settings)
  const over = leftovers.filter(({ until }) => settled && until !== undefined && until <= now)
  const disable = leftovers.filter(leftover => over.includes(leftover) || hasExpired(leftover.record, now))
  return {
    issue,
    write: over.length === 0 ? needed : onceMore(observed, over),
    disable: disable.map(({ record, why }) => ({ record, why })),
    waiting: leftovers
      .filter(leftover => !disable.includes(leftover))
      .map(leftover => (settled ? leftover : { ...leftover, until: undefined })),
    dueFrom,
  }
}

export function dueDate(notAfter: Date, { rotateWithinSeconds }: RotationSettings): Date {
  return new Date(notAfter.getTime() - rotateWithinSeconds * 1000)
}

export function reasonToIssue<T extends Dated>(
  { now, family, refused }: Observation<T>,
  dueFrom: Date,
  { force }: RotationSettings,
): IssueReason | undefined {
  if (family.current.enabled === false) return 'disabled'
  if (now >= dueFrom) return 'due'
  if (refused) return 'refused'
  return force ? 'forced' : undefined
}

const DAY_MS = 86_400_000
/** A start may be backdated, or to the day in any time zone, and comes from another clock than the time of a write. */
const DOUBT_MS = 2 * DAY_MS

/** The targets that may not contain the certificate in use. */
function findDoubtful<T extends Dated>(observed: Observation<T>): Plan<T>['write'] {
  const contains = judgeTargets(observed)
  return observed.targets.flatMap((target): Plan<T>['write'] => {
    if (target.updatedAt === undefined) return [{ target, why: 'missing' }]
    return contains(target, target.updatedAt.getTime()) ? [] : [{ target, why: 'doubtful' }]
  })
}

/** Whether a target, last written at some time, contains the certificate in use for all that can be known. */
function judgeTargets<T extends Dated>({ now, family, notBefore, targets }: Observation<T>) {
  const start = (family.current.startDate ?? notBefore).getTime()
  const source = soleFeeder(targets)
  const together = writtenTogether(targets)
  // While the predecessor works, so does a target that contains it, and one more write comes before it is disabled.
  const harmless = predecessorWorks(family, now)
  return (target: T, time: number): boolean => {
    const ofThatTime = ({ startDate }: CertificateRecord) =>
      startDate !== undefined && Math.abs(time - startDate.getTime()) < DOUBT_MS
    if (time < start - DOUBT_MS) return false
    if (time >= start + DOUBT_MS && !family.orphans.some(ofThatTime)) return true
    if (target === source) return true
    return harmless && together(target) && !family.successors.some(ofThatTime)
  }
}

/** The same applies where there is no predecessor that a target could contain. */
function predecessorWorks({ current, predecessors: [predecessor] }: Family, now: Date): boolean {
  if (predecessor === undefined) return replacedSerial(current.name) === undefined
  return predecessor.enabled !== false && !hasExpired(predecessor, now)
}

export function hasExpired({ endDate }: CertificateRecord, now: Date): boolean {
  return endDate !== undefined && endDate <= now
}

/** Where the P12 that this run works with came from, when it can only be one target: what it contains is known. */
function soleFeeder<T extends Dated>(targets: T[]): T | undefined {
  const [first, second] = targets.filter(({ feeds }) => feeds)
  return second === undefined ? first : undefined
}

/** One write, as long as GitHub does not ask for patience. */
const STEP_MS = 30_000
/** What the writes of one run may take: minutes, and for each its turn and as long again for GitHub's rate limits. */
const spanMs = (writes: number) => (300 + 2 * writes) * 1000

/**
 * Whether one run seems to have written a target and all that feed the workflow, which come first and one by one: the
 * first of them most likely fed this run, and the others are no older than it. GitHub's clock alone decides that; a run
 * that overlapped, or a clock set back, can still feign it.
 */
function writtenTogether<T extends Dated>(targets: T[]): (target: T) => boolean {
  const time = ({ updatedAt }: Dated) => updatedAt?.getTime() ?? Number.NaN
  const within = (after: number, limit: number) => after >= 0 && after <= limit
  const fed = targets.filter(({ feeds }) => feeds).map(time)
  const last = fed.at(-1) ?? Number.NaN
  const inOneGo = fed.every((at, index) => within(at - (fed[index - 1] ?? at), STEP_MS))
  return target => inOneGo && (target.feeds || within(time(target) - last, spanMs(targets.length)))
}

/**
 * What to write before these are disabled. The sole feeder may be left out when only the direct predecessor goes: the
 * run was handed its successor from there.
 */
function onceMore<T extends Dated>(
  { family, targets }: Observation<T>,
  leftovers: Leftover[],
): Plan<T>['write'] {
  const ordinary = leftovers.every(({ record }) => record === family.predecessors[0])
  const spared = ordinary ? soleFeeder(targets) : undefined
  return targets.filter(target => target !== spared).map(target => ({ target, why: 'again' }))
}

export interface Leftover {
  record: CertificateRecord
  why: DisableReason
  /** When its grace period is over; undefined where that cannot be known. */
  until: Date | undefined
}

/** Everything of the family that is still enabled and not in use. Jobs may use it since the last write of a target. */
function findLeftovers<T extends Dated>(
  { family, targets }: Observation<T>,
  settings: RotationSettings,
): Leftover[] {
  const writes = targets.flatMap(({ updatedAt }) => (updatedAt === undefined ? [] : [updatedAt.getTime()]))
  const lastWrite = Math.max(...writes)
  const superseded = family.predecessors.map(record => ({
    record,
    why: 'superseded' as const,
    until: afterGrace(lastWrite, settings),
  }))
  const orphans = family.orphans.map(record => ({
    record,
    why: 'orphan' as const,
    until: afterGrace(Math.max(lastWrite, latestStart(record)), settings),
  }))
  return [...superseded, ...orphans].filter(({ record }) => record.enabled !== false)
}

/** Undefined where the time is not known. */
export function afterGrace(time: number, { graceSeconds }: RotationSettings): Date | undefined {
  return Number.isFinite(time) ? new Date(time + graceSeconds * 1000) : undefined
}

/** Midnight stands for any time of that day. Not a number where the API tells no start. */
export function latestStart({ startDate }: Pick<CertificateRecord, 'startDate'>): number {
  const time = startDate?.getTime() ?? Number.NaN
  return time % DAY_MS === 0 ? time + DAY_MS : time
}
