import type { RotationSettings } from '../operations/rotate/plan.ts'
import type { RotationReport } from '../operations/rotate/types.ts'
import { utcDay } from './markdown.ts'
import { after, gantt, ganttText, later, milestone } from './mermaid.ts'

const DAY = 86_400

/** Old and new on one time line: how long both work, when the grace ends, and from when on the next rotation is due. */
export function renderRotationGantt(report: RotationReport, { graceSeconds }: RotationSettings): string {
  const { current, now, dueFrom, waiting, disabled } = report
  const { notBefore, notAfter } = current.facts
  const old = [...waiting, ...disabled].map(({ record }) => record)
  const ends = [notAfter, ...old.flatMap(({ endDate }) => endDate ?? [])]
  const span = Math.max(...ends.map(Number)) - Math.min(Number(notBefore), Number(now))
  const gone = new Set(disabled.map(({ record }) => record.id))
  return gantt(span, [
    '  section Dates',
    milestone('today', now, 'done, '),
    milestone('next rotation', later(dueFrom, now), 'active, '),
    '  section In use',
    bar(`🟢 ${ganttText(current.record.name)}`, 'current, ', notBefore, notAfter),
    ...(old.length === 0 ? [] : ['  section Replaced']),
    ...old.map((record, index) => {
      const mark = gone.has(record.id) ? '⚪' : '🟠'
      const end = gone.has(record.id) ? now : (record.endDate ?? now)
      const start = record.startDate ?? after(end, -DAY)
      const tag = gone.has(record.id) ? 'done' : 'active'
      return bar(`${mark} ${ganttText(record.name)}`, `${tag}, old${index}, `, start, end)
    }),
    ...waiting.flatMap(({ until }, index) =>
      until === undefined
        ? []
        : [bar(`⏳ grace ${index + 1}`, `crit, grace${index}, `, after(until, -graceSeconds), until)],
    ),
  ])
}

function bar(label: string, tag: string, start: Date, end: Date): string {
  return `  ${label} :${tag}${utcDay(start)}, ${utcDay(later(end, after(start, DAY)))}`
}
