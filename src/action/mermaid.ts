/** The Mermaid gantt that every timeline of ours is. */
import { utcDay, utcMinute } from '../dates.ts'
import { abridged, printable } from '../text.ts'

/** How a bar looks. */
export type Look = 'fine' | 'warning' | 'failing' | 'muted' | 'past'

/** A bar, or a mark where it ends when it begins. */
export interface Row {
  /** Mermaid's name of the bar; a mark has none. */
  id?: string
  /** Made of `ganttText` and words of ours. */
  title: string
  look: Look
  from: Date
  to: Date
}

const LONGEST_LABEL = 40
const DAY_MS = 86_400_000

/** Mermaid's own words, whose colours are set below. */
const TAGS: Record<Look, string> = {
  fine: '',
  warning: 'active, ',
  failing: 'crit, ',
  muted: 'done, ',
  past: 'done, crit, ',
}

/** GitHub's own colours for success, attention, danger and muted. No `theme`, so that dark mode stays dark. */
const COLOURS = {
  taskBkgColor: '#2da44e',
  taskBorderColor: '#1a7f37',
  activeTaskBkgColor: '#fb8f44',
  activeTaskBorderColor: '#bc4c00',
  critBkgColor: '#cf222e',
  critBorderColor: '#82071e',
  doneTaskBkgColor: '#afb8c1',
  doneTaskBorderColor: '#6e7781',
  todayLineColor: '#0969da',
  // A grey that is a shade on white as well as on black: Mermaid makes it 80 % transparent.
  sectionBkgColor: '#8c959f',
  sectionBkgColor2: '#8c959f',
  altSectionBkgColor: 'transparent',
}

/**
 * One row each, with its title at the left, where the theme's own colour for titles is readable. On a bar, or beside
 * one that is too short, no single colour is: a label there is dark on the dark page when its bar is orange.
 */
export function gantt(rows: Row[]): string {
  const titles = distinct(rows.map(({ title }) => title))
  const scale = scaleOf(rows)
  const leftPadding = Math.ceil(Math.max(...titles.map(widthOf))) + 20
  const init = {
    themeVariables: COLOURS,
    gantt: { barHeight: 18, barGap: 4, leftPadding, rightPadding: 30, topPadding: 50 },
  }
  return [
    '```mermaid',
    `%%{init: ${JSON.stringify(init)}}%%`,
    'gantt',
    ...scale.header,
    ...rows.flatMap((row, index) => [`  section ${titles[index]}`, task(row, scale)]),
    '```',
    '',
  ].join('\n')
}

/** Mermaid wants a text for each bar; this one, a variation selector without a character before it, shows nothing. */
const NO_LABEL = '\ufe0f'

function task({ id, look, from, to }: Row, { written, shortest }: Scale): string {
  if (id === undefined) return `  ${NO_LABEL} :${TAGS[look]}milestone, ${written(from)}, 0d`
  // A bar needs a width, and one that ended before the time line begins is shown at its edge.
  const end = later(to, after(from, shortest))
  return `  ${NO_LABEL} :${TAGS[look]}${id}, ${written(from)}, ${written(end)}`
}

/** How times are written, and which of them stand along the axis. */
interface Scale {
  header: string[]
  written(time: Date): string
  /** Of a bar, in seconds. */
  shortest: number
}

/** From how many days on dates are so far apart: no two alike, and no more than fit beside each other. */
const AXES = [
  { days: 1600, interval: '12month', format: '%Y' },
  { days: 430, interval: '3month', format: '%Y-%m' },
  { days: 84, interval: '1month', format: '%Y-%m' },
  { days: 16, interval: '1week', format: '%m-%d' },
  { days: 4, interval: '1day', format: '%m-%d' },
  { days: 1.5, interval: '12hour', format: '%m-%d %H:%M' },
  { days: 0.25, interval: '4hour', format: '%m-%d %H:%M' },
  { days: 0, interval: '1hour', format: '%m-%d %H:%M' },
] as const
/** Where a day is so wide that the hour can be seen. */
const DAYS_WITH_HOURS = 16

function scaleOf(rows: Row[]): Scale {
  const times = rows.flatMap(({ from, to }) => [from.getTime(), later(from, to).getTime()])
  const days = (Math.max(...times) - Math.min(...times)) / DAY_MS
  const { interval, format } = AXES.find(step => days >= step.days) ?? AXES[0]
  const axis = [`  axisFormat ${format}`, `  tickInterval ${interval}`]
  if (days >= DAYS_WITH_HOURS)
    return { header: ['  dateFormat YYYY-MM-DD', ...axis], written: utcDay, shortest: 86_400 }
  return {
    // Mermaid's own line for today follows the reader's time zone, and these times are UTC.
    header: ['  dateFormat YYYY-MM-DD HH:mm', ...axis, '  todayMarker off'],
    written: time => utcMinute(time).replace(' UTC', ''),
    shortest: Math.max(60, (days * 86_400) / 100),
  }
}

/** Mermaid draws rows with the same title as one. */
function distinct(titles: string[]): string[] {
  const seen = new Map<string, number>()
  return titles.map(title => {
    const count = (seen.get(title) ?? 0) + 1
    seen.set(title, count)
    return count === 1 ? title : `${title} (${count})`
  })
}

/** In pixels, rather too much than too little. */
function widthOf(title: string): number {
  return [...title].reduce((sum, character) => sum + widthOfOne(character), 0)
}

function widthOfOne(character: string): number {
  if (character >= '\u1100') return 14
  return /[A-Zmw0-9]/.test(character) ? 8 : 6.5
}

/**
 * Server text for a title: letters, digits and a little else, because colons, semicolons, hashes and percent signs are
 * Mermaid's own.
 */
export function ganttText(text: string): string {
  const plain = printable(text)
    .replace(/[^\p{L}\p{M}\p{N} _-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim()
  return abridged(plain, LONGEST_LABEL) || 'no nickname'
}

export function milestone(title: string, at: Date, look: Look): Row {
  return { title, look, from: at, to: at }
}

export function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000)
}

export function later(a: Date, b: Date): Date {
  return a > b ? a : b
}
