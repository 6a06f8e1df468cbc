import { setOutput } from '@actions/core'
import type { CheckReport } from '../operations/check.ts'
import type { Inspected } from '../operations/inspect.ts'
import { fitting } from './most-important.ts'
import { isoTime } from './outputs.ts'

/** GitHub allows 1 MB of outputs for a job, counted as UTF-16; this leaves room for the job's others. */
const LONGEST_OUTPUT = 300_000

/** A certificate in the `certificates` output and in the report file. */
function toJson(certificate: Inspected): Record<string, unknown> {
  const { kind, id, name, alias, serialNumber, notBefore, notAfter, enabled, inUse, state, shortLived } =
    certificate
  return {
    kind,
    id,
    name,
    ...(alias === undefined ? {} : { alias }),
    serial_number: serialNumber,
    not_before: notBefore === undefined ? null : isoTime(notBefore),
    not_after: isoTime(notAfter),
    days_remaining: certificate.daysRemaining,
    state,
    short_lived: shortLived,
    enabled,
    in_use: inUse,
  }
}

/** The whole report as JSON text, for the report file. */
export function renderReport({ certificates, next, now, ...counts }: CheckReport): string {
  const head = {
    checked_at: now.toISOString(),
    count: counts.count,
    // Of more than 5,000, those that matter most.
    listed_count: certificates.length,
    expiring_count: counts.expiringCount,
    expired_count: counts.expiredCount,
    short_lived_count: counts.shortLivedCount,
    next_expiry: next === undefined ? null : isoTime(next.notAfter),
  }
  return `${JSON.stringify({ ...head, certificates: certificates.map(toJson) }, null, 1)}\n`
}

/** @returns how many certificates the `certificates` output contains */
export function setCheckOutputs(report: CheckReport, reportFile: string): number {
  const { next } = report
  const { json, count } = renderList(report.certificates)
  setOutput('certificates', json)
  setOutput('expiring-count', String(report.expiringCount))
  setOutput('expired-count', String(report.expiredCount))
  setOutput('next-expiry', next === undefined ? '' : isoTime(next.notAfter))
  setOutput('days-remaining', next === undefined ? '' : String(next.daysRemaining))
  setOutput('report-file', reportFile)
  return count
}

/** As many certificates as fit, those that matter least left out. */
export function renderList(certificates: Inspected[]): { json: string; count: number } {
  const room = { most: certificates.length, bytes: LONGEST_OUTPUT }
  const { shown, text } = fitting(certificates, room, some => JSON.stringify(some.map(toJson)))
  return { json: text, count: shown.length }
}
