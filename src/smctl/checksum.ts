import { noChecksum } from './errors.ts'

/** A SHA-256 in lower-case hex, however it was written; undefined for anything else. */
export function parseDigest(text: string): string | undefined {
  const digest = text.trim().toLowerCase()
  return /^[0-9a-f]{64}$/.test(digest) ? digest : undefined
}

/**
 * Reads what `sha256sum` writes: the digest is the first word.
 * @throws ActionError SMCTL_CHECKSUM
 */
export function readChecksumFile(text: string, address: URL): string {
  const digest = parseDigest(text.trimStart().split(/\s/)[0] ?? '')
  if (digest !== undefined) return digest
  throw noChecksum(address)
}

/** The version in the tool cache: a digest says exactly what is there, where `latest` would not. */
export function cacheVersion(digest: string): string {
  return `0.0.0-${digest}`
}
