// What a release is made of: `node scripts/release.ts v1.2.3 notes.md` compares the tag with what the repository says, writes the
// notes, and prints outputs for a workflow.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VERSION } from '../src/version.ts'
import { releaseOf } from './release-notes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const [tag, notesFile] = process.argv.slice(2)
if (tag === undefined || notesFile === undefined) throw new Error('usage: release.ts TAG NOTES_FILE')

const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
const changelog = readFileSync(`${root}CHANGELOG.md`, 'utf8')
try {
  const { majorTag, prerelease, notes } = releaseOf(tag, { versions: [version, VERSION], changelog })
  writeFileSync(notesFile, notes)
  console.log(`major-tag=${majorTag}\nprerelease=${prerelease}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
