const UNITS = { d: 86_400, h: 3_600, m: 60, s: 1 } as const

/**
 * Reads `90d`, `12h`, `30m`, `45s` or a combination from large to small (`1d12h`).
 * @returns seconds, or undefined when it is written in another way
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,6})d)?\s*(?:(\d{1,6})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,9})s)?$/i.exec(text.trim())
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
