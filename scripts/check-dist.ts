// Verifies that dist/ is what the sources build, byte for byte: users run dist/, and nobody reviews it by eye. Also
// that git has every file of it, since users get what git has, and an ignore rule hides a new file silently.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Paths below a folder with forward slashes, as git writes them, sorted. */
function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort()
}

/** What is wrong with dist/, for a person to read; empty when nothing is. */
function compare(dist: string, built: string): string[] {
  const actual = filesBelow(dist)
  const expected = filesBelow(built)
  const same = (file: string) => readFileSync(join(dist, file)).equals(readFileSync(join(built, file)))
  return [
    ...expected.filter(file => !actual.includes(file)).map(file => `missing: dist/${file}`),
    ...actual
      .filter(file => !expected.includes(file))
      .map(file => `stray: dist/${file} (the build does not create it)`),
    ...actual
      .filter(file => expected.includes(file) && !same(file))
      .map(file => `different: dist/${file} is not what the sources build`),
    ...compareWithGit(actual),
  ]
}

function compareWithGit(actual: readonly string[]): string[] {
  // A source archive has no .git; there, only the comparison with the build is possible.
  if (!existsSync(join(root, '.git'))) return []
  const listed = execFileSync(
    'git',
    ['-c', `safe.directory=${root.replace(/[\\/]$/, '')}`, 'ls-files', '-z', 'dist'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const tracked = listed
    .split('\0')
    .filter(file => file !== '')
    .map(file => file.slice('dist/'.length))
  return [
    ...actual
      .filter(file => !tracked.includes(file))
      .map(file => `not in git: dist/${file} (is it ignored? git add -f dist/${file})`),
    ...tracked.filter(file => !actual.includes(file)).map(file => `in git, but not on disk: dist/${file}`),
  ]
}

const built = mkdtempSync(join(tmpdir(), 'check-dist-'))
try {
  execFileSync(process.execPath, [join(root, 'scripts/build.ts'), built], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const problems = compare(join(root, 'dist'), built)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) {
    console.error('dist/ is not what a clean build creates: run `npm run build` and commit dist/.')
    process.exitCode = 1
  } else {
    console.log(`dist/ is exactly what a clean build creates (${filesBelow(built).length} files).`)
  }
} finally {
  rmSync(built, { recursive: true, force: true })
}
