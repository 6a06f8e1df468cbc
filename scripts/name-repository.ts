// Writes GITHUB_REPOSITORY in place of OWNER/REPO into all that users of a release read: `node scripts/name-repository.ts`.
// A second run changes nothing. It imports no package, because it runs where a release is made.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { named } from './named.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
const paths = listed.split('\0').filter(path => path !== '')
const files = new Map(paths.map(path => [path, readFileSync(`${root}${path}`, 'utf8')]))
try {
  const changed = named(files, process.env.GITHUB_REPOSITORY)
  for (const [path, text] of changed) writeFileSync(`${root}${path}`, text)
  console.log(`${process.env.GITHUB_REPOSITORY} is written into ${changed.size} files.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
