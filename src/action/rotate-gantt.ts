import type { IssueReason, RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport } from '../operations/rotate/types.ts'
import { after, gantt, ganttText, milestone, type Row } from './mermaid.ts'

const DAY = 86_400

type Waiting = RotationReport['waiting'][number]
type Disabled = RotationReport['disabled'][number]

/** Old and new on one time line: how long both work, when the grace period ends, and when the next rotation is due. */
export function renderRotationGantt(report: RotationReport, { graceSeconds }: RotationSettings): string {
  const { now, dueFrom, waiting, disabled } = report
  const next = isDue(report) ? now : dueFrom
  return gantt([
    milestone('today', now, 'muted'),
    milestone('next rotation', next, 'warning'),
    current(report),
    ...waiting.flatMap((entry, index) => [
      waitingBar(entry, index, now),
      ...gracePeriod(entry, index, graceSeconds),
    ]),
    ...disabled.map((entry, index) => disabledBar(entry, waiting.length + index, now)),
  ])
}

const STILL_ENABLED = { superseded: 'replaced', orphan: 'not in use' } as const

function waitingBar({ record, why }: Waiting, index: number, now: Date): Row {
  const to = record.endDate ?? now
  const title = `🟠 ${STILL_ENABLED[why]}: ${ganttText(record.name)}`
  return { id: `old${index}`, title, look: 'warning', from: record.startDate ?? after(to, -DAY), to }
}

/** Below the bar of the certificate that is disabled when it ends. */
function gracePeriod({ until }: Waiting, index: number, graceSeconds: number): Row[] {
  if (until === undefined) return []
  const from = after(until, -graceSeconds)
  return [{ id: `grace${index}`, title: '⏳ grace period', look: 'failing', from, to: until }]
}

function disabledBar({ record }: Disabled, index: number, now: Date): Row {
  const title = `⚪ disabled: ${ganttText(record.name)}`
  return { id: `old${index}`, title, look: 'muted', from: record.startDate ?? after(now, -DAY), to: now }
}

const MARKS = { fine: '🟢', warning: '🟠', failing: '🔴' } as const
const LOOKS: Record<IssueReason, keyof typeof MARKS> = {
  due: 'warning',
  forced: 'warning',
  disabled: 'failing',
  refused: 'failing',
}

/** The next run issues a new one, whatever the date: this one did not, although there is a reason. */
function isDue({ rotated, reason, dueFrom, now }: RotationReport): boolean {
  return dueFrom <= now || (!rotated && reason !== undefined)
}

/** The certificate in use; when a new one is due and was not issued, its bar shows it. */
function current(report: RotationReport): Row {
  const { facts, record } = report.current
  const reason = report.rotated ? undefined : report.reason
  const look = isDue(report) ? LOOKS[reason ?? 'due'] : 'fine'
  const due = look === 'fine' ? '' : ', due'
  const what = handsOver(report) ? 'new' : 'in use'
  return {
    id: 'current',
    title: `${MARKS[look]} ${what}${due}: ${ganttText(record.name)}`,
    look,
    from: facts.notBefore,
    to: facts.notAfter,
  }
}

/** A new certificate was handed over: no job uses it before a later step has stored it. */
export function handsOver({ effective, rotated }: RotationReport): boolean {
  return effective === 'later' && rotated
}
