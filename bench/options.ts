/** A whole number from the command line. */
export function readNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`--${option} must be numbers from ${least} to ${most}, not '${text}'`)
}
