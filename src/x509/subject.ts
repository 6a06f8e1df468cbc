/** The subject name that a user asks for, in either of the two usual notations. */
import { ActionError } from '../errors.ts'
import { withoutTrailing } from './trailing.ts'

const TYPES = ['CN', 'O', 'OU', 'C', 'ST', 'L'] as const

export interface Rdn {
  type: (typeof TYPES)[number]
  value: string
}

type Notation = 'rfc4514' | 'openssl'

/** X.520 upper bounds, in characters. */
const LONGEST: Record<Rdn['type'], number> = { CN: 64, O: 64, OU: 64, C: 2, ST: 128, L: 128 }

const EXAMPLE = 'Write it as CN=Signing Service,O=Example Inc,C=US or /CN=Signing Service/O=Example Inc/C=US.'

/**
 * Reads a subject and returns its parts in the order in which the certificate contains them. RFC 4514 text
 * ("CN=…,O=…,C=US") lists them from the most specific one, so it is reversed (§2.1); OpenSSL's "/CN=…/O=…/C=US" is used
 * as is.
 */
export function parseSubject(text: string): Rdn[] {
  const trimmed = trimUnescaped(text)
  if (trimmed === '') throw selfEvident('The subject is empty.', EXAMPLE)
  if (/[\p{Cc}\u2028\u2029]/u.test(trimmed) || !trimmed.isWellFormed()) {
    throw invalid(
      'The subject contains a control character.',
      'A line break or tab was pasted with it.',
      EXAMPLE,
    )
  }
  const notation = trimmed.startsWith('/') ? 'openssl' : 'rfc4514'
  const parts = notation === 'openssl' ? splitUnescaped(trimmed.slice(1), '/') : splitUnescaped(trimmed, ',')
  const rdns = parts.map(part => readRdn(part, notation))
  if (!rdns.some(rdn => rdn.type === 'CN')) {
    throw selfEvident('The subject has no CN (common name), which a client certificate must have.', EXAMPLE)
  }
  return notation === 'openssl' ? rdns : rdns.reverse()
}

/** Undoes the escapes of RFC 4514 §3: `\2C` is a byte of UTF-8, `\,` the character itself. */
export function unescapeValue(text: string): string {
  const bytes: Buffer[] = []
  for (const [piece, hex, char] of text.matchAll(/\\([0-9a-f]{2})|\\(.)|[^\\]+|\\/gisu)) {
    bytes.push(hex === undefined ? Buffer.from(char ?? piece) : Buffer.from(hex, 'hex'))
  }
  return Buffer.concat(bytes).toString('utf8')
}

/** Splits at a separator that is neither escaped nor inside double quotes. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (const [token] of text.matchAll(/\\.|./gsu)) {
    if (token === '"' && separator === ',') quoted = !quoted
    if (token === separator && !quoted) {
      parts.push(part)
      part = ''
    } else {
      part += token
    }
  }
  if (quoted)
    throw invalid(
      'The subject has an opening " without a closing one.',
      'A quote is missing, or was meant as part of a value.',
      'Close it, or write \\" for a quote inside a value.',
    )
  return [...parts, part]
}

function readRdn(part: string, notation: Notation): Rdn {
  const equals = part.indexOf('=')
  const name = part.slice(0, equals).trim()
  if (equals < 0 || /\s/.test(name)) throw notAnAttribute(notation)
  const type = readType(name)
  const value = readValue(type, part.slice(equals + 1), notation)
  return { type, value: checkValue(type, value) }
}

function readType(text: string): Rdn['type'] {
  const type = TYPES.find(name => name === text.toUpperCase())
  if (type !== undefined) return type
  throw invalid(
    `The subject uses ${/^[\w.]{1,30}$/.test(text) ? text : 'an attribute'}, which is not supported.`,
    'Only CN, O, OU, C, ST and L can be requested, or the separator (a comma after each part, or a slash before it) is wrong.',
    `Remove or rename the attribute. ${EXAMPLE}`,
  )
}

function readValue(type: Rdn['type'], text: string, notation: Notation): string {
  const quoted = notation === 'openssl' ? null : /^\s*"((?:\\.|[^"\\])*)"\s*$/su.exec(text)
  if (quoted !== null) return unescapeValue(quoted[1] ?? '')
  const bare = trimUnescaped(text)
  refuseUnescaped(type, bare, notation)
  // OpenSSL has no hex pairs: a backslash only takes the next character literally.
  return notation === 'openssl' ? bare.replace(/\\(.)/gsu, '$1') : unescapeValue(bare)
}

/** Spaces and line breaks around a value do not count, unless the last space is escaped. */
function trimUnescaped(text: string): string {
  const start = text.replace(/^[ \t\r\n]+/, '')
  const end = withoutTrailing(start, ' \t\r\n')
  return end.length < start.length && endsInEscape(end) ? `${end} ` : end
}

/** Whether the last backslash would escape what follows. */
function endsInEscape(text: string): boolean {
  return (text.length - withoutTrailing(text, '\\').length) % 2 === 1
}

function refuseUnescaped(type: Rdn['type'], text: string, notation: Notation): void {
  const plain = text.replace(/\\./gsu, '')
  const special = (notation === 'openssl' ? /\+/ : /[+;"]/).exec(plain)?.[0]
  if (special === '+') {
    throw invalid(
      `The subject's ${type} contains an unescaped +.`,
      'The + is part of the name; or it was meant to join several attributes into one, which is not supported.',
      'Write \\+ for a plus sign in a name, or separate the attributes by a comma.',
    )
  }
  if (special !== undefined) {
    throw invalid(
      `The subject's ${type} contains an unescaped ${special}.`,
      `The character is part of the name, but in RFC 4514 an unescaped ${special} has a meaning of its own.`,
      `Write \\${special} for the character itself.`,
    )
  }
  if (notation === 'rfc4514' && text.startsWith('#')) {
    throw invalid(
      `The subject's ${type} starts with #.`,
      'The # is part of the name, but RFC 4514 reserves it for encoded values, which are not supported.',
      'Write \\# for the character itself.',
    )
  }
  if (endsInEscape(text)) {
    throw selfEvident(`The subject's ${type} ends in a lone backslash.`, 'Write \\\\ for a backslash.')
  }
}

function checkValue(type: Rdn['type'], value: string): string {
  if (value.trim() === '') throw selfEvident(`The subject's ${type} is empty.`, EXAMPLE)
  if (/[\p{Cc}\ufffd]/u.test(value)) {
    throw invalid(
      `The subject's ${type} contains a control character or broken UTF-8.`,
      'A hex escape in the value stands for it.',
      EXAMPLE,
    )
  }
  if (type === 'C') return checkCountry(value)
  const length = [...value].length
  if (length > LONGEST[type]) {
    throw selfEvident(
      `The subject's ${type} is ${length} characters long; X.520 allows ${LONGEST[type]}.`,
      `Shorten it to ${LONGEST[type]} characters.`,
    )
  }
  return value
}

function checkCountry(value: string): string {
  if (/^[a-z]{2}$/i.test(value)) return value.toUpperCase()
  throw invalid(
    "The subject's C is not two letters.",
    'The name of the country was written instead of its ISO 3166 code.',
    'Write the code, such as C=US or C=DE.',
  )
}

function notAnAttribute(notation: Notation): ActionError {
  return invalid(
    'A part of the subject does not have the form NAME=value.',
    notation === 'openssl'
      ? 'A slash inside a value starts the next attribute, or a name is missing.'
      : 'A comma inside a value starts the next attribute, or a name is missing.',
    `Write ${notation === 'openssl' ? '\\/ for a slash' : '\\, for a comma'} inside a value. ${EXAMPLE}`,
  )
}

function invalid(what: string, why: string, fix: string): ActionError {
  return new ActionError('INPUT_INVALID', { what, why, fix })
}

/** What needs no cause. */
function selfEvident(what: string, fix: string): ActionError {
  return new ActionError('INPUT_INVALID', { what, fix })
}
