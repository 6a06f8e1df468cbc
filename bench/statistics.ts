/** Statistics of a series of wall times; all in milliseconds, or ratios. */
export interface Spread {
  median: number
  /** the middle half lies between these */
  lower: number
  upper: number
  least: number
  most: number
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: quantile(values, 0.5),
    lower: quantile(values, 0.25),
    upper: quantile(values, 0.75),
    least: quantile(values, 0),
    most: quantile(values, 1),
  }
}

/** Between two neighbors, in proportion (the default in numpy and R). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  if (below === undefined || above === undefined) throw new Error('no values')
  return below + (above - below) * (position - Math.floor(position))
}
