// Makes the commit and the tag of a release: `npm run release -- v1.2.3`. The commit is the checked-out one of main with the
// repository's name written in, and nothing else; release.yml compares it. Nothing is pushed, and the work tree stays as it is.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const node = (...args: string[]) =>
  execFileSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, GITHUB_REPOSITORY } })

const [tag = ''] = process.argv.slice(2)
const GITHUB_REPOSITORY = process.env.GITHUB_REPOSITORY ?? repositoryOf(git('remote', 'get-url', 'origin'))
const branch = `releases/${tag.split('.')[0]}`
const folder = mkdtempSync(join(tmpdir(), 'release-'))
const tree = join(folder, 'tree')
try {
  node('scripts/release.ts', tag, join(folder, 'notes.md'))
  if (git('status', '--porcelain') !== '') throw new Error('The work tree has uncommitted changes.')
  git('fetch', '--quiet', '--prune', 'origin')
  if (git('branch', '--remotes', '--contains', 'HEAD', '--list', 'origin/main') === '')
    throw new Error("The checked-out commit is not on origin's main.")
  git('worktree', 'add', '--quiet', '--detach', tree)
  joinEarlierReleases()
  node(join(tree, 'scripts/name-repository.ts'))
  git('-C', tree, 'commit', '--quiet', '--all', '--message', `${tag}, for ${GITHUB_REPOSITORY}`)
  git('-C', tree, 'tag', tag)
  console.log(`Check it: git show --first-parent ${tag}`)
  console.log(`Push it:  git push --atomic origin ${tag} ${tag}^{}:refs/heads/${branch}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
  git('worktree', 'prune')
}

/** So that the release branch only moves forward, and a pinned commit stays on it. */
function joinEarlierReleases() {
  if (git('branch', '--remotes', '--list', `origin/${branch}`) === '') return
  git('-C', tree, 'merge', '--quiet', '--strategy', 'ours', '--no-ff', '--no-commit', `origin/${branch}`)
}

/** Of `git@github.com:owner/name.git` or `https://github.com/owner/name`. */
function repositoryOf(url: string): string | undefined {
  return /([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1]
}
