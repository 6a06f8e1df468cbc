import picomatch from 'picomatch'

/**
 * `*`, `?`, `[ab]` and `[!ab]`, and nothing else of what shells know. Nicknames have no folders, so `*` takes a slash
 * for a character like any other.
 */
export function nameMatcher(glob: string): (name: string) => boolean {
  // A glob never matches nothing at all, and a certificate may have no nickname.
  if (/^\**$/.test(glob)) return () => true
  const [first = ANYTHING, ...rest] = piecesOf(glob).map(compile)
  const last = rest.pop()
  if (last === undefined) return compileWhole(glob)
  return name => {
    const end = name.length - last.length
    if (end < first.length || !first.matches(name.slice(0, first.length))) return false
    return last.matches(name.slice(end)) && standInOrder(rest, name.slice(first.length, end))
  }
}

/** What stands between two stars: as many characters as it has parts. */
interface Piece {
  length: number
  matches(text: string): boolean
}

const ANYTHING: Piece = { length: 0, matches: () => true }

/**
 * Each as far to the left as it goes, which leaves the most for those after it. As one regular expression, a glob with
 * many stars would try every way to divide a name among them.
 */
function standInOrder(pieces: Piece[], text: string): boolean {
  let at = 0
  for (const { length, matches } of pieces) {
    while (at + length <= text.length && !matches(text.slice(at, at + length))) at++
    at += length
    if (at > text.length) return false
  }
  return true
}

/** The parts of a glob, each of which is one character of a name, divided where stars stand. */
function piecesOf(glob: string): string[][] {
  const pieces: string[][] = [[]]
  for (let at = 0; at < glob.length; ) {
    const part = partAt(glob, at)
    if (part === '*') pieces.push([])
    else pieces.at(-1)?.push(part)
    at += part.length
  }
  return pieces
}

function partAt(glob: string, at: number): string {
  if (glob[at] === '\\') return glob.slice(at, at + 2)
  if (glob[at] !== '[') return glob.charAt(at)
  // A `]` right at the beginning is one of the characters.
  const end = glob.indexOf(']', at + (/[!^]/.test(glob.charAt(at + 1)) ? 3 : 2))
  return end < 0 ? '[' : glob.slice(at, end + 1)
}

function compile(parts: string[]): Piece {
  if (parts.length === 0) return ANYTHING
  // At the beginning of a glob, picomatch drops `./`.
  return { length: parts.length, matches: compileWhole(parts.join('').replace(/^\.\//, '\\./')) }
}

function compileWhole(glob: string): (name: string) => boolean {
  const plain = glob.replaceAll('[!', '[^').replace(/[()|]/g, '\\$&')
  return picomatch(plain, {
    bash: true,
    dot: true,
    nobrace: true,
    noextglob: true,
    nonegate: true,
    windows: false,
  })
}
