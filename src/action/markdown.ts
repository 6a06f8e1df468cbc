/**
 * Server text in Markdown: whatever Markdown or HTML could read as markup becomes an entity, and so do the dots,
 * colons and underscores that would make a link (`www.`, `https:`) or emphasis; inside words they are harmless.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(MARKUP, character => `&#${character.codePointAt(0)};`)
}

// Not with the flag `i`: folding the case of whole Unicode classes takes longer than all the rest of a summary.
const MARKUP = /[^\p{L}\p{N} ,;=/+.:_-]|(?<=[wW]{3})\.|:(?=\/)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

/** The same, in a fixed-width font. Entities work inside `<code>`, unlike between backticks. */
export function code(text: string): string {
  return `<code>${escapeMarkdown(text)}</code>`
}

/** `2026-11-24 09:41 UTC` */
export function utcMinute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-11-24` */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** A table of names and values, without a heading; the cells are Markdown already. */
export function table(rows: [name: string, value: string][]): string {
  return ['| | |', '|---|---|', ...rows.map(cells => `| ${cells.join(' | ')} |`)].join('\n')
}
