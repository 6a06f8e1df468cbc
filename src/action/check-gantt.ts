import type { Inspected } from '../operations/inspect.ts'
import type { Thresholds } from '../x509/validity.ts'
import { sectionsOf } from './check-sections.ts'
import { utcDay } from './markdown.ts'
import { after, gantt, ganttText, later, milestone } from './mermaid.ts'
import { stateMark } from './state-mark.ts'

/** GitHub draws larger ones too, but nobody can read them; Mermaid itself stops at 50,000 characters. */
export const MOST_BARS = 200
const DAY = 86_400
/** Years of history would squeeze today and the thresholds into a few pixels. */
const MOST_PAST = 120 * DAY

/**
 * A Mermaid gantt: one bar per certificate from its start to its end, coloured by state (Mermaid's `crit`, `active`
 * and `done`), with Mermaid's line for today and a milestone for each threshold.
 */
export function renderGantt(certificates: Inspected[], thresholds: Thresholds, now: Date): string {
  const left = after(now, -MOST_PAST)
  const sections = sectionsOf(certificates)
  return gantt(longestSpan(certificates, thresholds, now), [
    '  section Thresholds',
    milestone('today', now, 'done, '),
    milestone('fail-within', after(now, thresholds.failWithin), 'crit, '),
    milestone('warn-within', after(now, thresholds.warnWithin), 'active, '),
    ...sections.flatMap(({ title, members }) => [
      `  section ${sections.length === 1 ? 'Certificates' : title}`,
      ...members.map(certificate => bar(certificate, certificates.indexOf(certificate), left, now)),
    ]),
  ])
}

/** From today on, in milliseconds. */
function longestSpan(certificates: Inspected[], { failWithin, warnWithin }: Thresholds, now: Date): number {
  const ends = certificates.map(({ notAfter }) => notAfter.getTime() - now.getTime())
  return Math.max(...ends, failWithin * 1000, warnWithin * 1000)
}

function bar(certificate: Inspected, index: number, left: Date, now: Date): string {
  const { notBefore, notAfter } = certificate
  const start = later(left, notBefore ?? (now < notAfter ? now : after(notAfter, -DAY)))
  // A bar needs a width: a certificate of a few hours gets one day.
  const end = later(notAfter, after(start, DAY))
  return `  ${label(certificate)} :${tag(certificate)}c${index}, ${utcDay(start)}, ${utcDay(end)}`
}

function tag({ enabled, state, shortLived }: Inspected): string {
  // Muted, because neither calls for anything; the sign in the label tells them apart.
  if (!enabled || shortLived) return 'done, '
  return { expired: 'done, crit, ', failing: 'crit, ', warning: 'active, ', fine: '' }[state]
}

/** The state first, so that no nickname stands where Mermaid looks for a keyword. */
function label(certificate: Inspected): string {
  const { name, serialNumber, inUse } = certificate
  return `${stateMark(certificate)} ${inUse ? 'IN USE ' : ''}${ganttText(name || serialNumber)}`
}
