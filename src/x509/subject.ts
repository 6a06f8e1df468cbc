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
 * Reads a subject and gives its parts in the order the certificate holds them. RFC 4514 text ("CN=…,O=…,C=US") lists
 * them from the most specific one, so it is reversed (§2.1); OpenSSL's "/CN=…/O=…/C=US" is taken as it is written.
 */
export function parseSubject(text: string): Rdn[] {
  const trimmed = trimUnescaped(text)
  if (trimmed === '') throw invalid('The subject is empty.', 'No name was given.', EXAMPLE)
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
    throw invalid(
      'The subject has no CN (common name).',
      'A client certificate is known by its common name.',
      EXAMPLE,
    )
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
      'A quote is missing or was meant as part of a value.',
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
    'Only CN, O, OU, C, ST and L can be requested; names are separated by a comma, or each preceded by a slash.',
    `Remove or rename the attribute. ${EXAMPLE}`,
  )
}

function readValue(type: Rdn['type'], text: string, notation: Notation): string {
  const quoted = notation === 'openssl' ? null : /^\s*"((?:\\.|[^"\\])*)"\s*$/su.exec(text)
  if (quoted !== null) return unescapeValue(quoted[1] ?? '')
  const bare = trimUnescaped(text)
  refuseUnescaped(type, bare, notation)
  // OpenSSL knows no hex pairs: a backslash takes the next character as it is.
  return notation === 'openssl' ? bare.replace(/\\(.)/gsu, '$1') : unescapeValue(bare)
}

/** Spaces and line breaks around a value do not count, unless the last space is escaped. */
function trimUnescaped(text: string): string {
  const start = text.replace(/^[ \t\r\n]+/, '')
  const end = withoutTrailing(start, ' \t\r\n')
  return end.length < start.length && endsInEscape(end) ? `${end} ` : end
}

/** Whether a backslash at the end escapes what would follow. */
function endsInEscape(text: string): boolean {
  return (text.length - withoutTrailing(text, '\\').length) % 2 === 1
}

function refuseUnescaped(type: Rdn['type'], text: string, notation: Notation): void {
  const plain = text.replace(/\\./gsu, '')
  const special = (notation === 'openssl' ? /\+/ : /[+;"]/).exec(plain)?.[0]
  if (special === '+') {
    throw invalid(
      `The subject's ${type} contains an unescaped +.`,
      'A + joins several attributes into one, which is not supported; or it is part of the name.',
      'Separate the attributes by a comma, or write \\+ for a plus sign in a name.',
    )
  }
  if (special !== undefined) {
    throw invalid(
      `The subject's ${type} contains an unescaped ${special}.`,
      `RFC 4514 gives ${special} a meaning of its own.`,
      `Write \\${special} for the character itself.`,
    )
  }
  if (notation === 'rfc4514' && text.startsWith('#')) {
    throw invalid(
      `The subject's ${type} starts with #.`,
      'RFC 4514 keeps # for encoded values, which are not supported.',
      'Write \\# for the character itself.',
    )
  }
  if (endsInEscape(text)) {
    throw invalid(
      `The subject's ${type} ends in a lone backslash.`,
      'A backslash escapes the character after it.',
      'Write \\\\ for a backslash.',
    )
  }
}

function checkValue(type: Rdn['type'], value: string): string {
  if (value.trim() === '')
    throw invalid(`The subject's ${type} is empty.`, 'There is nothing after the equals sign.', EXAMPLE)
  if (/[\p{Cc}\ufffd]/u.test(value)) {
    throw invalid(
      `The subject's ${type} contains a control character or broken UTF-8.`,
      'A hex escape stands for it.',
      EXAMPLE,
    )
  }
  if (type === 'C') return checkCountry(value)
  const length = [...value].length
  if (length > LONGEST[type]) {
    throw invalid(
      `The subject's ${type} is ${length} characters long; X.520 allows ${LONGEST[type]}.`,
      'The name is longer than a certificate can contain.',
      `Shorten it to ${LONGEST[type]} characters.`,
    )
  }
  return value
}

function checkCountry(value: string): string {
  if (/^[a-z]{2}$/i.test(value)) return value.toUpperCase()
  throw invalid(
    "The subject's C is not two letters.",
    'A country is written as its ISO 3166 code.',
    'Write for example C=US or C=DE.',
  )
}

function notAnAttribute(notation: Notation): ActionError {
  return invalid(
    'A part of the subject is not of the form NAME=value.',
    notation === 'openssl'
      ? 'A slash inside a value starts the next attribute, or a name is missing.'
      : 'A comma inside a value starts the next attribute, or a name is missing.',
    `Write ${notation === 'openssl' ? '\\/ for a slash' : '\\, for a comma'} inside a value. ${EXAMPLE}`,
  )
}

function invalid(what: string, why: string, fix: string): ActionError {
  return new ActionError('INPUT_INVALID', { what, why, fix })
}
