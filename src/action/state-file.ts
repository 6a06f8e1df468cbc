import { randomUUID } from 'node:crypto'
import { appendFileSync, chmodSync, statSync } from 'node:fs'
import { EOL } from 'node:os'
import { getState } from '@actions/core'

/** All in one write, which `saveState` of @actions/core cannot do: at no moment is only half of it saved. */
export function save(values: Record<string, string>): void {
  const delimiter = `ghadelimiter_${randomUUID()}`
  const entries = Object.entries(values).map(
    ([key, value]) => `${key}<<${delimiter}${EOL}${value}${EOL}${delimiter}${EOL}`,
  )
  appendFileSync(process.env.GITHUB_STATE ?? '', entries.join(''))
}

/** For a secret in it: until the step is over, other users of a self-hosted runner may be able to read the file. */
export function keepStatePrivate(): void {
  const path = process.env.GITHUB_STATE ?? ''
  try {
    if (statSync(path).isFile()) chmodSync(path, 0o600)
  } catch {
    // In a container it may belong to the runner's user, and only the owner may change that.
  }
}

/** Each part becomes a variable, and on Windows one is at most 32,767 characters long. */
const LONGEST_PART = 24_000
/** macOS gives a process 1 MiB for arguments and environment together, and the job has an environment of its own. */
const MOST_PARTS = 20
export const LONGEST_TEXT = LONGEST_PART * MOST_PARTS

/** A text of at most LONGEST_TEXT characters as values to save. */
export function inParts(key: string, text: string): Record<string, string> {
  const count = Math.ceil(text.length / LONGEST_PART)
  const parts = Array.from({ length: count }, (_, index) => [
    partKey(key, index),
    text.slice(index * LONGEST_PART, (index + 1) * LONGEST_PART),
  ])
  return { [countKey(key)]: String(count), ...Object.fromEntries(parts) }
}

/** Only as many parts as were saved: any others are somebody else's variables. */
export function joinParts(key: string): string {
  const length = Math.min(Number(getState(countKey(key))), MOST_PARTS)
  return Array.from({ length }, (_, index) => getState(partKey(key, index))).join('')
}

function countKey(key: string): string {
  return `${key}-parts`
}

function partKey(key: string, index: number): string {
  return `${key}-${index + 1}`
}
