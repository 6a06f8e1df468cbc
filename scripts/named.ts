// What users of a release read and copy names the repository; the working tree has OWNER/REPO instead. It imports no
// package, because it runs where a release is made.
import { posix } from 'node:path'

/** Text by path, with slashes, below the root of the repository. */
export type Files = ReadonlyMap<string, string>

const UNNAMED = 'OWNER/REPO'
const REPOSITORY = /^[A-Za-z\d](?:[A-Za-z\d-]*[A-Za-z\d])?\/[\w.-]+$/

/**
 * The files that change when the repository is named; none when they name it already.
 * @throws Error when there is no such name, or when a user would still read OWNER/REPO
 */
export function named(files: Files, repository: string | undefined): Files {
  if (repository === undefined || repository === UNNAMED || !REPOSITORY.test(repository))
    throw new Error(
      `GITHUB_REPOSITORY must be the name of a repository, owner/name, not "${repository ?? ''}".`,
    )
  const changed = new Map<string, string>()
  for (const [path, text] of files)
    if (isForUsers(path, files) && text.includes(UNNAMED))
      changed.set(
        path,
        text.replaceAll(UNNAMED, () => repository),
      )
  const left = unnamed(new Map([...files, ...changed]))
  if (left.length > 0) throw new Error(`Still without the name of the repository: ${left.join(', ')}`)
  return changed
}

function isForUsers(path: string, files: Files): boolean {
  if (['README.md', 'CHANGELOG.md'].includes(path) || path.startsWith('examples/')) return true
  const folder = posix.dirname(path)
  if (posix.basename(path) === 'README.md' && files.has(`${folder}/action.yml`)) return true
  if (path.startsWith('docs/')) return path.endsWith('.md')
  return isReusable(path, files)
}

/** A caller runs the action that is named in it, with this name. */
function isReusable(path: string, files: Files): boolean {
  return posix.dirname(path) === '.github/workflows' && /^ {2}workflow_call:/m.test(files.get(path) ?? '')
}

/** Read on the default branch, or by those who change the code. */
function isForMaintainers(path: string): boolean {
  return path === 'CONTRIBUTING.md' || /^(\.github|__tests__|bench|scripts)\//.test(path)
}

function unnamed(files: Files): string[] {
  return [...files].flatMap(([path, text]) => {
    if (isForUsers(path, files)) return /\b(OWNER|REPO)\b/.test(text) ? [path] : []
    return !isForMaintainers(path) && text.includes(UNNAMED) ? [path] : []
  })
}
