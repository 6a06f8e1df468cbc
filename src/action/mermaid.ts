/** The parts that every Mermaid gantt of ours is made of. */
import { printable } from '../text.ts'
import { utcDay } from './markdown.ts'

const LONGEST_LABEL = 48
/** From this on the axis counts in months; below, months would repeat. */
const LONG_SPAN_MS = 75 * 86_400_000

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

/** @param span of the time line, in milliseconds */
export function gantt(span: number, lines: string[]): string {
  return [
    '```mermaid',
    `%%{init: ${JSON.stringify(INIT)}}%%`,
    'gantt',
    '  dateFormat YYYY-MM-DD',
    `  axisFormat ${span > LONG_SPAN_MS ? '%Y-%m' : '%m-%d'}`,
    ...lines,
    '```',
    '',
  ].join('\n')
}

export function milestone(label: string, day: Date, tag: string): string {
  return `  ${label} :${tag}milestone, ${utcDay(day)}, 0d`
}

/**
 * Server text for a label: letters, digits and a little else, because colons, semicolons, hashes and percent signs are
 * Mermaid's own. Must not be first in a line, where Mermaid looks for keywords.
 */
export function ganttText(text: string): string {
  const plain = printable(text)
    .replace(/[^\p{L}\p{M}\p{N} _-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
  const characters = [...plain]
  const short =
    characters.length > LONGEST_LABEL ? `${characters.slice(0, LONGEST_LABEL - 1).join('')}…` : plain
  return short || 'no nickname'
}

export function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000)
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b
}
