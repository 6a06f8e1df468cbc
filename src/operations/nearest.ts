/** Longer names are compared by their beginnings: the time grows with the square. */
const COMPARED = 60

/** The few of `names` that are most like `wanted`, the most like it first; each once, none that is empty. */
export function nearest(wanted: string, names: string[], limit: number): string[] {
  const found = new Nearest(wanted, limit)
  for (const name of names) found.add(name)
  return found.names
}

/** The same of names that come one by one and are not kept. */
export class Nearest {
  readonly #wanted: string
  readonly #limit: number
  #found: { name: string; distance: number }[]

  constructor(wanted: string, limit: number, found: { name: string; distance: number }[] = []) {
    this.#wanted = comparable(wanted)
    this.#limit = limit
    this.#found = found
  }

  get names(): string[] {
    return this.#found.map(({ name }) => name)
  }

  add(name: string): void {
    if (name === '' || this.#limit === 0) return
    const most = this.#found[this.#limit - 1]?.distance ?? Number.POSITIVE_INFINITY
    // No two texts are nearer than their lengths are, which spares most of a long list the comparison.
    if (Math.abs(this.#wanted.length - comparable(name).length) >= most) return
    const distance = distanceTo(this.#wanted, name)
    if (distance >= most || this.#found.some(known => known.name === name)) return
    const at = this.#found.findLastIndex(known => known.distance <= distance) + 1
    this.#found = this.#found.toSpliced(at, 0, { name, distance }).slice(0, this.#limit)
  }

  copy(): Nearest {
    return new Nearest(this.#wanted, this.#limit, this.#found)
  }
}

/** How many characters differ, regardless of case; of long names, at their beginnings. */
export function distanceTo(wanted: string, name: string): number {
  return editDistance(comparable(wanted), comparable(name))
}

/** The one that was meant, when `wanted` is only a typo away from it: at most a quarter of it differs. */
export function closest(wanted: string, names: string[]): string | undefined {
  const [found] = nearest(wanted, names, 1)
  if (found === undefined) return undefined
  const [a, b] = [comparable(wanted), comparable(found)]
  return editDistance(a, b) <= Math.max(a.length, b.length) / 4 ? found : undefined
}

function comparable(text: string): string {
  return text.slice(0, COMPARED).toLowerCase()
}

/** How many characters must be inserted, deleted or replaced to make one of the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  // In place: before it is overwritten, a cell still has the value of the row above. Typed, because lists are long.
  const row = Uint8Array.from({ length: b.length + 1 }, (_, index) => index)
  const at = (index: number) => row[index] ?? 0
  const { min } = Math
  for (let i = 1; i <= a.length; i++) {
    let diagonal = at(0)
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = at(j)
      const replaced = diagonal + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1)
      row[j] = min(replaced, above + 1, at(j - 1) + 1)
      diagonal = above
    }
  }
  return at(b.length)
}
