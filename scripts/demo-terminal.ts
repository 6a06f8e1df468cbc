// How the demo looks: headings, aligned rows, wrapped text, and GitHub's Markdown as a person would see it.
import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
const WIDTH = Math.max(60, Math.min(process.stdout.columns ?? 100, 110))
const LABEL_WIDTH = 25

export function style(format: Style, text: string): string {
  return colour ? styleText(format, text, { validateStream: false }) : text
}

export function print(...lines: string[]): void {
  for (const line of lines) console.log(line)
}

export function heading(title: string): void {
  print('', style(['bold', 'cyan'], `━━ ${title} ${'━'.repeat(Math.max(0, WIDTH - title.length - 4))}`))
}

export function caption(text: string): void {
  print('', style('bold', text))
}

export function paragraph(text: string): void {
  print('', ...wrap(text, WIDTH))
}

/** `name   value`, the value wrapped next to its name. */
export function row(name: string, value: string): void {
  print(...rowLines(name, value, WIDTH - 2).map(line => `  ${line}`))
}

/** Lines that the action wrote, after a bar that distinguishes them from ours. */
export function quote(lines: readonly string[]): void {
  const bar = style('dim', '  │ ')
  print(...lines.flatMap(line => wrap(line, WIDTH - 4).map(part => bar + colourOfLine(line)(part))))
}

/** GitHub's rendering of a job summary, as far as a terminal can. */
export function quoteMarkdown(markdown: string): void {
  const bar = style('dim', '  │ ')
  print(
    ...markdown
      .trim()
      .replaceAll(/^```mermaid\n[\s\S]*?^```$/gm, '(a timeline, which GitHub draws)')
      .split('\n')
      .flatMap(renderLine)
      .map(line => bar + line),
  )
}

function colourOfLine(line: string): (text: string) => string {
  if (line.startsWith('error: ')) return text => style('red', text)
  if (line.startsWith('warning: ')) return text => style('yellow', text)
  return text => text
}

function renderLine(line: string): string[] {
  const title = /^#+ (.*)$/.exec(line)?.[1]
  if (title !== undefined) return [style('bold', inline(title))]
  if (/^\|[-|\s]+\|$/.test(line)) return []
  const [, name, value] = /^\|(.*?)\|(.*)\|$/.exec(line) ?? []
  if (name === undefined || value === undefined) return wrap(inline(line), WIDTH - 4)
  return value.split('<br>').flatMap((part, index) => {
    return rowLines(index === 0 ? inline(name) : '', inline(part), WIDTH - 4)
  })
}

/** Text of a table cell or a line: marks removed, entities decoded (once, last, so that they cannot make new marks). */
function inline(markdown: string): string {
  return markdown
    .replace(/<\/?code>|\*\*|`/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .trim()
}

function rowLines(name: string, value: string, width: number): string[] {
  return wrap(value, width - LABEL_WIDTH).map((line, index) => {
    return style('dim', `${index === 0 ? name : ''} `.padEnd(LABEL_WIDTH)) + line
  })
}

/** Breaks at spaces, and inside a word only when it alone is too long; at least one line. */
function wrap(text: string, width: number): string[] {
  const pattern = new RegExp(`(?=\\S).{1,${width}}(?=\\s|$)|\\S{1,${width}}`, 'gu')
  return text.match(pattern) ?? ['']
}
