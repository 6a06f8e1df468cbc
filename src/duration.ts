const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const

/**
 * Reads `90d`, `12h`, `30m`, `45s` or a combination from large to small (`1d12h`).
 * @returns seconds, or undefined when it is written in another way
 */
export function parseDuration(text: string): number | undefined {
  // One space at most between two parts: a run of them could be divided among the `\s*` in a great many ways.
  const spaced = text.trim().replace(/\s+/g, ' ')
  const match = /^(?:(\d{1,6})d)? ?(?:(\d{1,6})h)? ?(?:(\d{1,6})m)? ?(?:(\d{1,9})s)?$/i.exec(spaced)
  if (match === null || match[0] === '') return undefined
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = match
  return (
    Number(days) * UNITS.d + Number(hours) * UNITS.h + Number(minutes) * UNITS.m + Number(seconds) * UNITS.s
  )
}

/** Writes seconds as an input would have them, `1d12h`. */
export function formatDuration(seconds: number): string {
  let rest = seconds
  const parts = Object.entries(UNITS).map(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? '' : `${count}${unit}`
  })
  return parts.join('') || '0s'
}
