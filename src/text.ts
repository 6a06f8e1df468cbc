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

/** The same of whatever a server sent, without space around it and of bounded length; empty when it is no text. */
export function clean(text: unknown, limit = 300): string {
  if (typeof text !== 'string') return ''
  const plain = printable(text).trim()
  const characters = [...plain]
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : plain
}

/** `1 certificate`, `2 certificates` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
