// The runner's own masking, as in actions/runner 2.336: how it handles a value that it is told to mask, and what is left of
// a text. Modeled on its sources (SecretMasker, ValueEncoders, HostContext, the command add-mask, and what the worker does
// with the secrets of a job); runner-masker's test repeats what its own tests require.

/** What the runner also looks for, once it knows a value; empty text does not count. */
const ENCODERS: readonly ((value: string) => string)[] = [
  value => base64From(value, 0),
  value => base64From(value, 1),
  value => base64From(value, 2),
  value => value.replaceAll('"', '\\"'),
  value => value.replaceAll("'", "''"),
  asJson,
  asUri,
  asXml,
  withoutQuotes,
  value => sectionsOf(value)[0],
  value => sectionsOf(value)[1],
]

/** Sections of a value that PowerShell colors separately; the runner leaves shorter ones alone. */
const SHORTEST_SECTION = 6

export class RunnerMasker {
  readonly #originals = new Set<string>()
  readonly #values = new Set<string>()

  /** Everything that is searched for in every line. */
  get values(): ReadonlySet<string> {
    return this.#values
  }

  /** `::add-mask::`, its data unescaped: the data, and each line of it, however short. */
  addMask(data: string): void {
    if (data.trim() === '') return
    this.#add(data)
    for (const line of linesOf(data)) this.#add(line)
  }

  /** A secret that the job was given. */
  addSecret(secret: string): void {
    const value = secret.trim()
    for (const text of [value, ...linesOf(value)]) this.#add(text)
  }

  #add(value: string): void {
    if (value === '' || this.#originals.has(value)) return
    this.#originals.add(value)
    for (const form of [value, ...ENCODERS.map(encode => encode(value))])
      if (form !== '') this.#values.add(form)
  }

  /** What a person sees of a line: ranges that overlap or touch become one row of stars. */
  mask(text: string): string {
    let shown = ''
    let from = 0
    for (const { start, end } of this.#ranges(text)) {
      shown += `${text.slice(from, start)}***`
      from = end
    }
    return shown + text.slice(from)
  }

  /** The same for an output of many lines, which the runner reads line by line. */
  maskLines(text: string): string {
    return text
      .split('\n')
      .map(line => this.mask(line))
      .join('\n')
  }

  #ranges(text: string): Range[] {
    const ranges: Range[] = []
    for (const found of [...this.#found(text)].sort((a, b) => a.start - b.start)) {
      const last = ranges.at(-1)
      if (last !== undefined && found.start <= last.end) last.end = Math.max(last.end, found.end)
      else ranges.push({ ...found })
    }
    return ranges
  }

  *#found(text: string): Generator<Range> {
    for (const value of this.#values)
      for (let start = text.indexOf(value); start >= 0; start = text.indexOf(value, start + 1))
        yield { start, end: start + value.length }
  }
}

interface Range {
  start: number
  end: number
}

function linesOf(text: string): string[] {
  return text
    .split(/[\r\n]/)
    .map(line => line.trim())
    .filter(line => line !== '')
}

/** Of the text's UTF-8 from that byte on, padded; a text not longer than that stays whole. */
function base64From(value: string, offset: number): string {
  const bytes = Buffer.from(value)
  return bytes.subarray(bytes.length > offset ? offset : 0).toString('base64')
}

/** Newtonsoft's JSON: line and paragraph separators are escaped as well, other letters not. */
function asJson(value: string): string {
  const short: Record<string, string> = {
    '\b': 'b',
    '\t': 't',
    '\n': 'n',
    '\f': 'f',
    '\r': 'r',
    '"': '"',
    '\\': '\\',
  }
  return [...value]
    .map(character => {
      if (character in short) return `\\${short[character]}`
      const code = character.charCodeAt(0)
      return code < 0x20 || [0x85, 0x2028, 0x2029].includes(code)
        ? `\\u${code.toString(16).padStart(4, '0')}`
        : character
    })
    .join('')
}

/** RFC 3986: all but its unreserved characters. */
function asUri(value: string): string {
  return [...Buffer.from(value)]
    .map(byte => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

function asXml(value: string): string {
  const names: Record<string, string> = { '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos', '&': 'amp' }
  return value.replace(/[<>"'&]/g, character => `&${names[character]};`)
}

function withoutQuotes(value: string): string {
  return value.length > 8 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : ''
}

/** Before and after an ampersand: the first "&+", whose next letter PowerShell colors, or else the last "&". */
function sectionsOf(value: string): [before: string, after: string] {
  const special = value.indexOf('&+')
  const cut = special >= 0 ? special + 2 : value.lastIndexOf('&') + 1
  if (cut === 0) return ['', '']
  const [before, after] = [value.slice(0, cut), value.slice(special >= 0 ? cut + 1 : cut)]
  const long = (section: string) => (section.length >= SHORTEST_SECTION ? section : '')
  return [long(before), long(after)]
}
