import { unprocessable } from './answers.ts'

export const VISIBILITIES = ['all', 'private', 'selected'] as const
export type Visibility = (typeof VISIBILITIES)[number]

/** A stored secret; the last two fields are for organizations. */
export interface Secret {
  /** opened; GitHub itself never shows it */
  value: string
  createdAt: Date
  updatedAt: Date
  visibility?: Visibility
  selectedRepositoryIds?: number[]
}

const MAX_BYTES = 48 * 1024

/** Names are kept in upper case, whatever the case of the request. */
export function secretName(name: string): string {
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) {
    throw unprocessable(
      'Secret names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). ' +
        'Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).',
    )
  }
  if (/^GITHUB_/i.test(name)) throw unprocessable('Secret names must not start with GITHUB_.')
  return name.toUpperCase()
}

export function checkSize(value: Buffer): void {
  if (value.length > MAX_BYTES) throw unprocessable('Secret values must not be larger than 48 KB.')
}
