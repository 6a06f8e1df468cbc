import type { CertificateRecord } from '../../digicert/records.ts'
import type { WorkflowRun } from '../../github/runs.ts'
import type { RunAttempt } from '../nickname.ts'

/** `unknown`: the repository has no such run, or no such attempt, or that run cannot have made the certificate. */
export type RunVerdict = 'over' | 'running' | 'unknown'

/** What a run made, and which server counts the runs. */
export interface Made {
  run: RunAttempt
  record: Pick<CertificateRecord, 'startDate'>
  isOwnServer: boolean
}

/**
 * Whether the attempt of a run that made a certificate is over. Pure; in doubt, it is not over.
 * @param found undefined when the repository has no such run
 */
export function judgeRun({ run, record, isOwnServer }: Made, found: WorkflowRun | undefined): RunVerdict {
  // Our list and GitHub's response may come from different moments: an attempt that GitHub does not know yet is young.
  if (found === undefined || run.attempt > found.attempt) return 'unknown'
  if (isOwnServer && !mayHaveMade(found, record)) return 'unknown'
  if (run.attempt < found.attempt) return 'over'
  return found.status === 'completed' ? 'over' : 'running'
}

/** A start may be dated to the day in any time zone, and comes from another clock than GitHub's. */
const DOUBT_MS = 2 * 86_400_000

/** Two servers of one company may both have a run 42, and certificates of one service user: then the dates tell. */
function mayHaveMade({ createdAt, updatedAt }: WorkflowRun, { startDate }: Made['record']): boolean {
  if (startDate === undefined) return true
  const isBefore = createdAt !== undefined && startDate.getTime() < createdAt.getTime() - DOUBT_MS
  const isAfter = updatedAt !== undefined && startDate.getTime() > updatedAt.getTime() + DOUBT_MS
  return !isBefore && !isAfter
}
