import { clean } from '../../text.ts'
import { nearest } from '../nearest.ts'

const MOST_NAMED = 10

/** True for two names that differ in case or white space, and in nothing else. */
export function isAlike(a: string, b: string): boolean {
  return a !== b && folded(a) === folded(b)
}

/** The few of `aliases` that somebody who wrote `wanted` may have meant, the likeliest first. */
export function nearestAliases(wanted: string, aliases: string[]): string[] {
  const alike = aliases.filter(alias => isAlike(wanted, alias))
  const others = nearest(wanted, aliases, MOST_NAMED)
  return [...new Set([...alike, ...others])].slice(0, MOST_NAMED)
}

export function quoted(alias: string): string {
  return `"${clean(alias, 100)}"`
}

function folded(text: string): string {
  return text.toLowerCase().replace(/\s+/g, '')
}
