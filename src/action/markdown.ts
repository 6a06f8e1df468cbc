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

/**
 * A table of names and values; the cells are Markdown already. Markdown has no table without a heading, so the first row
 * is it: an empty one would be a bar across the top.
 */
export function table([first, ...rows]: [name: string, value: string][]): string {
  const line = (cells: string[] = []) => `| ${cells.join(' | ')} |`
  return [line(first), '|:---|:---|', ...rows.map(line)].join('\n')
}

/** What few will look for, folded. */
export function details(summary: string, rows: [name: string, value: string][]): string {
  return `<details><summary>${summary}</summary>\n\n${table(rows)}\n\n</details>`
}
