// jsign, as its author publishes it on Maven Central: `npm run jsign` fetches this one version.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './runner.ts'

export const JSIGN = {
  artifact: 'net.jsign:jsign:7.5',
  sha256: '602a51c3545a6dc4fb99bd2ea7152b26d1345916d0c93ddfbd5936cb735af91c',
  folder: join(ROOT, 'node_modules/.cache/jsign'),
  jar: join(ROOT, 'node_modules/.cache/jsign/jsign-7.5.jar'),
} as const

/** @throws Error when the file is not what its author published */
export function hasJsign(): boolean {
  if (!existsSync(JSIGN.jar)) return false
  const found = createHash('sha256').update(readFileSync(JSIGN.jar)).digest('hex')
  if (found === JSIGN.sha256) return true
  throw new Error(`${JSIGN.jar} has the SHA-256 ${found}, not ${JSIGN.sha256}: delete it`)
}
