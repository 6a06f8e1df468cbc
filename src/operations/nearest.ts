/** Longer names are compared by their beginnings: the time grows with the square. */
const COMPARED = 60

/** The few of `names` that are most like `wanted`, the most like it first; each once, none that is empty. */
export function nearest(wanted: string, names: string[], limit: number): string[] {
  const distances = [...new Set(names)]
    .filter(name => name !== '')
    .map(name => ({ name, distance: editDistance(comparable(wanted), comparable(name)) }))
  return distances
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ name }) => name)
}

/** The one that was meant, when `wanted` is a slip of the pen away from it: at most a quarter of it differs. */
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
