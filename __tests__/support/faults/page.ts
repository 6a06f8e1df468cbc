// __tests__/reliability.md: what the matrix found, between marks that say which part is whose.
import type { Cell, Result } from './matrix.ts'
import type { Server } from './world.ts'

/** The part of the page that one operation's cells make. */
export function renderOperation(cells: readonly Cell[]): string {
  const steps = new Set(cells.map(({ step }) => step))
  return [...steps].map(step => renderStep(cells.filter(cell => cell.step === step))).join('\n')
}

/** What users read when the fault lasts, for the server that a step contacts. */
export function renderWords(cells: readonly Cell[]): string {
  const rows = grouped(cells, ({ lasting }) => `${lasting.outcome} | ${escaped(general(lasting.words))}`)
  return table(['What goes wrong', 'Code', 'Words'], rows)
}

/** The page with this part replaced. */
export function replacePart(page: string, part: string, text: string): string {
  const [start, end] = [`<!-- ${part} -->\n`, `<!-- end of ${part} -->\n`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`__tests__/reliability.md has no marks for ${part}`)
  return `${page.slice(0, from + start.length)}\n${text}\n${page.slice(to)}`
}

/** The step whose messages stand for all of a server: the first request to it, in an operation that stops there. */
export const WORDS: readonly { part: string; operation: string; server: Server }[] = [
  { part: 'words of the API host', operation: 'check', server: 'api' },
  { part: 'words of the clientauth host', operation: 'stored', server: 'clientauth' },
  { part: 'words of GitHub', operation: 'rotate', server: 'github' },
]

function renderStep(cells: readonly Cell[]): string {
  const [{ step, operation } = { step: undefined, operation: undefined }] = cells
  const follows = operation?.afterwards === undefined ? [] : [`Enabled ${operation.afterwards.name}`]
  const rows = grouped(cells, ({ once, lasting }) =>
    [
      once === undefined ? '–' : outcome(once),
      outcome(lasting),
      pair(once, lasting, ({ requests }) => String(requests)),
      pair(once, lasting, ({ waitedMs }) => `${waitedMs / 1000}`),
      pair(once, lasting, ({ left }) => left),
      ...(follows.length === 0 ? [] : [pair(once, lasting, ({ afterwards = '' }) => afterwards)]),
    ].join(' | '),
  )
  const head = ['What goes wrong', 'Once', 'Lasting', 'Requests', 'Waits (s)', 'Enabled', ...follows]
  return `#### ${step?.label}\n\n${table(head, rows)}`
}

function outcome({ outcome: code }: Result): string {
  return code.replaceAll(/[A-Z][A-Z_]+/g, name => `\`${name}\``)
}

/** `once / lasting`, or one of them when they are the same. */
function pair(once: Result | undefined, lasting: Result, show: (result: Result) => string): string {
  if (once === undefined || show(once) === show(lasting)) return show(lasting)
  return `${show(once)} / ${show(lasting)}`
}

/** Faults with the same result share a row. */
function grouped(cells: readonly Cell[], row: (cell: Cell) => string): string[] {
  const rows = new Map<string, string[]>()
  for (const cell of cells) {
    const key = row(cell)
    rows.set(key, [...(rows.get(key) ?? []), cell.fault.name])
  }
  return [...rows].map(([key, names]) => `${names.join('; ')} | ${key}`)
}

function table(head: string[], rows: string[]): string {
  return [head.join(' | '), head.map(() => '---').join('|'), ...rows].map(row => `| ${row} |\n`).join('')
}

/** Without what differs from run to run. */
function general(words: string): string {
  return words.replaceAll(/\b[0-9A-F]{16,}\b/g, '…').replaceAll(/within 30\.\d+ s/g, 'within `timeout`')
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
