// What a release is made of: `node scripts/release.ts v1.2.3 notes.md` compares the tag with what the repository says, and
// writes the notes. It imports no package, because it runs where a release is published.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VERSION } from '../src/version.ts'
import { notesFor } from './release-notes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const [tag, notesFile] = process.argv.slice(2)
if (tag === undefined || notesFile === undefined) throw new Error('usage: release.ts TAG NOTES_FILE')

const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
const changelog = readFileSync(`${root}CHANGELOG.md`, 'utf8')
try {
  writeFileSync(notesFile, notesFor(tag, { versions: [version, VERSION], changelog }))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
