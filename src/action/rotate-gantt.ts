import type { IssueReason, RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport } from '../operations/rotate/types.ts'
import { after, gantt, ganttText, later, milestone, type Row } from './mermaid.ts'

const DAY = 86_400

/** Old and new on one time line: how long both work, when the grace period ends, and when the next rotation is due. */
export function renderRotationGantt(report: RotationReport, { graceSeconds }: RotationSettings): string {
  const { now, dueFrom, waiting, disabled } = report
  const gone = new Set(disabled.map(({ record }) => record.id))
  const old = [...waiting, ...disabled].map(({ record }, index): Row => {
    const isGone = gone.has(record.id)
    const to = isGone ? now : (record.endDate ?? now)
    const from = record.startDate ?? after(to, -DAY)
    const title = `${isGone ? '⚪ disabled:' : '🟠 replaced:'} ${ganttText(record.name)}`
    return { id: `old${index}`, title, look: isGone ? 'muted' : 'warning', from, to }
  })
  const graces = waiting.flatMap(({ until }, index): Row[] =>
    until === undefined
      ? []
      : [
          {
            id: `grace${index}`,
            title: '⏳ grace period',
            look: 'failing',
            from: after(until, -graceSeconds),
            to: until,
          },
        ],
  )
  return gantt([
    milestone('today', now, 'muted'),
    milestone('next rotation', later(dueFrom, now), 'warning'),
    current(report),
    ...old,
    ...graces,
  ])
}

const MARKS = { fine: '🟢', warning: '🟠', failing: '🔴' } as const
const LOOKS: Record<IssueReason, keyof typeof MARKS> = {
  due: 'warning',
  forced: 'warning',
  disabled: 'failing',
  refused: 'failing',
}

/** The certificate in use; when a new one is due and was not issued, its bar shows it. */
function current({ current, rotated, reason, dueFrom, now }: RotationReport): Row {
  const { notBefore, notAfter } = current.facts
  const still = rotated ? undefined : reason
  const isDue = still === undefined && dueFrom <= now
  const look = still === undefined ? (isDue ? 'warning' : 'fine') : LOOKS[still]
  const due = look === 'fine' ? '' : ', due'
  return {
    id: 'current',
    title: `${MARKS[look]} in use${due}: ${ganttText(current.record.name)}`,
    look,
    from: notBefore,
    to: notAfter,
  }
}
