import { abridged } from '../text.ts'

/**
 * Server text in Markdown: whatever Markdown or HTML could read as markup becomes an entity, and so do the dots,
 * colons and underscores that would make a link (`www.`, `https:`) or emphasis; inside words they are harmless.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(MARKUP, character => `&#${character.codePointAt(0)};`)
}

// Not with the flag `i`: folding the case of whole Unicode classes takes longer than all the rest of a summary.
const MARKUP = /[^\p{L}\p{N} ,;=/+.:_-]|(?<=[wW]{3})\.|:(?=\/)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu

/** Words of ours, in which what stands between backticks is code. */
export function prose(text: string): string {
  return escapeMarkdown(text).replace(/&#96;(.+?)&#96;/g, '<code>$1</code>')
}

/** Server text in a fixed-width font. Entities work inside `<code>`, unlike between backticks. */
export function code(text: string): string {
  return `<code>${escapeMarkdown(text)}</code>`
}

/** Of letters between which a browser breaks no line. */
const LONGEST_WORD = 40
const LONGEST_NAME = 120

/** A name for a cell between others: one that is too long, or breaks nowhere, would push them out of sight. */
export function fittingName(name: string): string {
  const words = name.replace(/[^\s-]+/gu, word => abridged(word, LONGEST_WORD))
  return abridged(words, LONGEST_NAME)
}

/** Lines of a message, which may contain a list: each line that begins with a dash is one of its items. */
export function paragraphs(message: string): string[] {
  const lines = message.split('\n')
  return lines.flatMap((line, index) => {
    if (!line.startsWith('- ')) return [leftToRight(line), '']
    const item = `* ${leftToRight(line.slice(2))}`
    return lines[index + 1]?.startsWith('- ') ? [item] : [item, '']
  })
}

/**
 * GitHub turns a line around whose first letter is Hebrew or Arabic, as that of a nickname may be. These begin with a
 * word of ours: a mark that nobody sees is what server text is cleared of.
 */
export function leftToRight(text: string): string {
  const [first = ''] = /\p{L}/u.exec(text) ?? []
  return `${RIGHT_TO_LEFT.test(first) ? 'Certificate ' : ''}${escapeMarkdown(text)}`
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u

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
