/**
 * Server text is data. This is the one place where it is made safe for a line of log or an error: no control
 * characters (ANSI escapes, line breaks that would start a workflow command), no invisible or direction-changing
 * characters, no `##[` (a workflow command anywhere in a line, for older runners).
 */
export function printable(text: string): string {
  return text
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu, ' ')
    .replace(/##\[/g, '# #[')
}

/** What almost every text is: nothing in it, or around it, that would have to go. */
const PLAIN = /^(?:[!-"$-~](?:[ -"$-~]*[!-"$-~])?)?$/

/** How much of a text is read for each character that may remain: escape sequences take more than they leave. */
const LOOKED_AT = 16

/**
 * The same for anything a server sent, trimmed and of bounded length; empty when it is not text. Cut
 * before it is cleaned, because what a text costs must not grow with it.
 */
export function clean(text: unknown, limit = 300): string {
  if (typeof text !== 'string') return ''
  if (text.length <= limit && PLAIN.test(text)) return text
  const beginning = text.slice(0, limit * LOOKED_AT)
  const characters = [...printable(beginning).trim()]
  const isWhole = beginning.length === text.length && characters.length <= limit
  // Joined again, because a slice would keep the whole text that it was cut from in memory.
  return isWhole ? characters.join('') : `${characters.slice(0, limit - 1).join('')}…`
}

/** How much of the end of a shortened text stays: nicknames differ there. */
const KEPT_END = 12

/** Shortened in its middle, so that its beginning and its end are recognized. */
export function abridged(text: string, limit: number): string {
  const characters = [...text]
  if (characters.length <= limit) return text
  const beginning = characters.slice(0, limit - 1 - KEPT_END)
  return `${beginning.join('')}…${characters.slice(-KEPT_END).join('')}`
}

/** `1 certificate`, `2 certificates` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
