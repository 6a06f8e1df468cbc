import type { Inspected } from '../operations/inspect.ts'
import { printable } from '../text.ts'
import type { Thresholds } from '../x509/validity.ts'
import { utcDay } from './markdown.ts'
import { stateMark } from './state-mark.ts'

/** GitHub draws larger ones too, but nobody can read them; Mermaid itself stops at 50,000 characters. */
export const MOST_BARS = 200
const LONGEST_LABEL = 48
const DAY = 86_400
/** Years of history would squeeze today and the thresholds into a few pixels. */
const MOST_PAST = 120 * DAY
/** From this on the axis counts in months; below, months would repeat. */
const LONG_SPAN = 75 * DAY

/** GitHub's own colours for success, attention, danger and muted. No `theme`, so that dark mode stays dark. */
const INIT = {
  themeVariables: {
    taskBkgColor: '#2da44e',
    taskBorderColor: '#1a7f37',
    taskTextColor: '#ffffff',
    activeTaskBkgColor: '#fb8f44',
    activeTaskBorderColor: '#bc4c00',
    critBkgColor: '#cf222e',
    critBorderColor: '#82071e',
    doneTaskBkgColor: '#afb8c1',
    doneTaskBorderColor: '#6e7781',
    todayLineColor: '#0969da',
  },
  gantt: { barHeight: 18, barGap: 4, leftPadding: 90, topPadding: 50 },
}

/**
 * A Mermaid gantt: one bar per certificate from its start to its end, coloured by state (Mermaid's `crit`, `active`
 * and `done`), with Mermaid's line for today and a milestone for each threshold.
 */
export function renderGantt(certificates: Inspected[], thresholds: Thresholds, now: Date): string {
  const left = after(now, -MOST_PAST)
  return [
    '```mermaid',
    `%%{init: ${JSON.stringify(INIT)}}%%`,
    'gantt',
    '  dateFormat YYYY-MM-DD',
    `  axisFormat ${axisFormat(certificates, thresholds, now)}`,
    '  section Thresholds',
    milestone('today', now, 'done, '),
    milestone('fail-within', after(now, thresholds.failWithin), 'crit, '),
    milestone('warn-within', after(now, thresholds.warnWithin), 'active, '),
    '  section Certificates',
    ...certificates.map((certificate, index) => bar(certificate, index, left, now)),
    '```',
    '',
  ].join('\n')
}

function axisFormat(certificates: Inspected[], { failWithin, warnWithin }: Thresholds, now: Date): string {
  const ends = certificates.map(({ notAfter }) => notAfter.getTime() - now.getTime())
  const span = Math.max(...ends, failWithin * 1000, warnWithin * 1000)
  return span > LONG_SPAN * 1000 ? '%Y-%m' : '%m-%d'
}

function milestone(label: string, day: Date, tag: string): string {
  return `  ${label} :${tag}milestone, ${utcDay(day)}, 0d`
}

function bar(certificate: Inspected, index: number, left: Date, now: Date): string {
  const { notBefore, notAfter } = certificate
  const start = later(left, notBefore ?? (now < notAfter ? now : after(notAfter, -DAY)))
  // A bar needs a width: a certificate of a few hours gets one day.
  const end = later(notAfter, after(start, DAY))
  return `  ${label(certificate)} :${tag(certificate)}c${index}, ${utcDay(start)}, ${utcDay(end)}`
}

function tag({ enabled, state }: Inspected): string {
  if (!enabled) return 'done, '
  return { expired: 'done, crit, ', failing: 'crit, ', warning: 'active, ', fine: '' }[state]
}

/**
 * The state first, so that no nickname stands where Mermaid looks for a keyword; then letters, digits and a little
 * else: colons, semicolons, hashes and percent signs are Mermaid's own.
 */
function label(certificate: Inspected): string {
  const { name, serialNumber, inUse } = certificate
  const plain = printable(name || serialNumber)
    .replace(/[^\p{L}\p{M}\p{N} _-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
  const characters = [...plain]
  const short =
    characters.length > LONGEST_LABEL ? `${characters.slice(0, LONGEST_LABEL - 1).join('')}…` : plain
  return `${stateMark(certificate)} ${inUse ? 'IN USE ' : ''}${short || 'no nickname'}`
}

function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000)
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b
}
