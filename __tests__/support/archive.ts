// What the runner downloads for a job: GitHub's archive of the commit, without what .gitattributes marks export-ignore.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from './runner.ts'

export interface Archive {
  /** Unpacked, as the runner has it. */
  folder: string
  /** Paths below it. */
  files: string[]
  /** Of the .tar.gz, at its smallest. */
  bytes: number
}

/**
 * Of the working tree as it is, committed or not; nothing is written into the repository.
 * @param folder for everything it creates; the caller that made it deletes it
 */
export function downloadTo(folder: string): Archive {
  const scratch = mkdtempSync(join(tmpdir(), 'archive-'))
  const objects = resolve(ROOT, git(['rev-parse', '--git-path', 'objects']).toString().trim())
  const env = {
    GIT_INDEX_FILE: join(scratch, 'index'),
    GIT_OBJECT_DIRECTORY: scratch,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
  }
  git(['read-tree', 'HEAD'], env)
  git(['add', '--all'], env)
  const tree = git(['write-tree'], env).toString().trim()
  const tar = git(['archive', '--worktree-attributes', '--format=tar', tree], env)
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-x', '-C', folder], { input: tar })
  const listed = execFileSync('tar', ['-t'], { input: tar, encoding: 'utf8' }).trim().split('\n')
  const files = listed.filter(path => !path.endsWith('/'))
  return { folder, files, bytes: gzipSync(tar, { level: 9 }).length }
}

function git(args: string[], env: Record<string, string> = {}): Buffer {
  return execFileSync('git', args, { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 2 ** 27 })
}
