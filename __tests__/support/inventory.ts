// Certificates as `check` and `access` meet them: in an emulator's list, and as the pure parts see them.
import { type BulkRecord, type CertificateRecord, DAY, type Emulator } from '../../emulator/index.ts'
import type { CheckReport } from '../../src/operations/check.ts'
import { type Entry, type Inspected, inspect } from '../../src/operations/inspect.ts'
import { findNothing, type IfNoneFound } from '../../src/operations/nothing-checked.ts'
import { tallyOf } from '../../src/operations/tally.ts'
import type { StepResult } from './runner.ts'

export const NOW = new Date('2026-06-01T12:00:00Z')
export const THRESHOLDS = { failWithin: 30 * 86_400, warnWithin: 90 * 86_400 }

/** A time this many days from now; the minute is the time that a run takes. */
export function inDays(days: number, now = Date.now()): Date {
  return new Date(now + days * DAY + 60_000)
}

export interface Planned extends BulkRecord {
  days: number
}

/** Fills the list of an emulator, in this order. */
export function fill(emulator: Emulator, planned: Planned[]): CertificateRecord[] {
  return emulator.seed(planned.length, index => {
    const { days, ...fields } = planned[index] ?? { days: 0 }
    const endDate = inDays(days)
    return { startDate: new Date(endDate.getTime() - 180 * DAY), endDate, ...fields }
  })
}

/** A certificate that expires this many days after {@link NOW}. */
export function inspected(days: number, fields: Partial<Entry> = {}): Inspected {
  const notAfter = new Date(NOW.getTime() + days * DAY)
  const entry: Entry = {
    kind: 'client',
    id: `id-${days}`,
    name: `ends ${days}`,
    serialNumber: 'AB01',
    notBefore: new Date(notAfter.getTime() - 180 * DAY),
    notAfter,
    enabled: true,
    inUse: false,
    ...fields,
  }
  return inspect(entry, NOW, THRESHOLDS)
}

/** One from issue mode: it lasts a day, and its runner may have vanished before it was disabled. */
export function shortLived(days: number, fields: Partial<Entry> = {}): Inspected {
  const notBefore = new Date(NOW.getTime() + (days - 1) * DAY)
  return inspected(days, { name: `brief ${days}`, notBefore, ...fields })
}

/** A report as `check` writes it. */
export function reportOf(certificates: Inspected[], ifNoneFound: IfNoneFound = 'error'): CheckReport {
  const sought = { name: '', includeDisabled: false }
  const sorted = certificates.toSorted((a, b) => a.notAfter.getTime() - b.notAfter.getTime())
  return {
    certificates: sorted,
    count: sorted.length,
    concerningCount: sorted.filter(({ verdict }) => verdict !== 'fine').length,
    expiringCount: sorted.filter(({ expiring }) => expiring).length,
    expiredCount: sorted.filter(({ state }) => state === 'expired').length,
    shortLivedCount: sorted.filter(certificate => certificate.shortLived).length,
    next: sorted.find(
      certificate => certificate.enabled && certificate.state !== 'expired' && !certificate.shortLived,
    ),
    nothing: findNothing(sorted, tallyOf([], sought), { ...sought, ifNoneFound }),
    now: NOW,
  }
}

/** What is in the `certificates` output and the report file. */
export interface Listed {
  kind: string
  id: string
  name: string
  serial_number: string
  not_before: string | null
  not_after: string
  days_remaining: number
  state: string
  short_lived: boolean
  enabled: boolean
  in_use: boolean
}

export function listedIn({ outputs }: StepResult): Listed[] {
  return JSON.parse(outputs.certificates ?? '') as Listed[]
}

/** Nicknames that no sane person chooses, and a few that sane people do. */
export const HOSTILE_NICKNAMES = [
  'a:b',
  'a;b',
  'a#b',
  '%% a comment',
  '%%{init: {"theme":"dark"}}%%',
  '"quoted" \'twice\'',
  '<img src=x onerror=alert(1)><script>alert(1)</script>',
  '&lt;b&gt; &#35;quot;',
  '🔑🚀👩‍👩‍👧',
  'شهادة التوقيع \u202Egnp.exe\u2066',
  'ไทย प्रमाणपत्र',
  'click here',
  'click c1 call alert(1)',
  'click c1 href "https://evil.example"',
  'call me',
  'href "https://evil.example"',
  'section nine',
  'section',
  'title of all',
  'after c0',
  'until c1',
  'gantt',
  'dateFormat X',
  'axisFormat %s',
  'tickInterval 1millisecond',
  'excludes weekends',
  'includes 2026-01-01',
  'todayMarker off',
  'weekday monday',
  'weekend friday',
  'topAxis',
  'inclusiveEndDates',
  'accTitle',
  'accDescr',
  'accDescr {',
  '2026-06-01',
  '2026-06-01 release',
  'crit, done, milestone, c0, 2026-01-01, 1d',
  'vert',
  'end',
  'line\nbreak :c0, 2026-01-01, 1d',
  '```\n\n# out of the block',
  '---\ntitle: x\n---',
  '',
  ' ',
  'x'.repeat(5_000),
  '🔑'.repeat(300),
  '!@$^*()[]{}|\\~`',
  '---',
  '__proto__',
  'constructor',
  '12345',
]
