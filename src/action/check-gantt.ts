import type { Inspected } from '../operations/inspect.ts'
import type { Thresholds } from '../x509/validity.ts'
import { sectionsOf } from './check-sections.ts'
import { after, gantt, ganttText, type Look, later, milestone, type Row } from './mermaid.ts'
import { stateMark } from './state-mark.ts'

/** GitHub draws larger ones too, but nobody can read them; Mermaid itself stops at 50,000 characters. */
export const MOST_BARS = 200
const DAY = 86_400
/** Years of history would squeeze today and the thresholds into a few pixels. */
const MOST_PAST = 120 * DAY

/**
 * A Mermaid gantt: a mark for today and one for each threshold, then one bar per certificate from its start to its
 * expiry, in the order given.
 */
export function renderGantt(certificates: Inspected[], thresholds: Thresholds, now: Date): string {
  const left = after(now, -MOST_PAST)
  const sections = sectionsOf(certificates)
  const bars = sections.flatMap(({ members }) => members)
  return gantt([
    milestone('today', now, 'muted'),
    milestone('fail-within', after(now, thresholds.failWithin), 'failing'),
    milestone('warn-within', after(now, thresholds.warnWithin), 'warning'),
    ...bars.map((certificate, index) => ({
      id: `c${index}`,
      ...bar(certificate, left, now, sections.length > 1),
    })),
  ])
}

function bar(certificate: Inspected, left: Date, now: Date, ofBothKinds: boolean): Row {
  const { kind, notBefore, notAfter } = certificate
  const from = later(left, notBefore ?? (now < notAfter ? now : after(notAfter, -DAY)))
  const isSigning = ofBothKinds && kind === 'signing'
  return {
    title: `${label(certificate)}${isSigning ? ', code signing' : ''}`,
    look: look(certificate),
    from,
    to: notAfter,
  }
}

/** Disabled and short-lived ones are muted: neither calls for anything, unless it is the one in use. */
function look({ enabled, state, shortLived, inUse }: Inspected): Look {
  if (!enabled) return inUse ? 'failing' : 'muted'
  if (state === 'expired') return inUse ? 'failing' : shortLived ? 'muted' : 'past'
  return shortLived ? 'muted' : state
}

function label(certificate: Inspected): string {
  const { name, serialNumber, inUse } = certificate
  return `${stateMark(certificate)} ${inUse ? 'IN USE ' : ''}${ganttText(name || serialNumber)}`
}
