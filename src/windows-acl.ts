import { win32 } from 'node:path'
import { ActionError } from './errors.ts'

/** The part of the operating system that keeps others out; tests have one of their own. */
export interface System {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  /** Runs a program until it exits; throws when it cannot, or when the program fails. */
  run(file: string, args: string[]): void
}

const THIS_SYSTEM: System = {
  platform: process.platform,
  env: process.env,
  run: (file, args) => {
    // Not imported, because loading it takes time that only Windows has a use for.
    const { execFileSync } = process.getBuiltinModule('node:child_process')
    execFileSync(file, args, { stdio: 'ignore', timeout: 30_000, windowsHide: true })
  },
}

/**
 * Those who have full access, and nobody else: the owner, the system, administrators (the last two could anyway, as root can).
 * Well-known SIDs, because the names differ between languages; (OI)(CI): files and folders below inherit it.
 * https://learn.microsoft.com/en-us/windows/win32/secauthz/well-known-sids
 */
const GRANTS = ['S-1-3-4', 'S-1-5-18', 'S-1-5-32-544'].map(sid => `*${sid}:(OI)(CI)F`)

/** What Windows allows a directory whose path is written as usual: 260, without the 12 of a file's short name and the NUL. */
const LONGEST_DIRECTORY = 247

/** A longer one with the prefix that lifts the limit, for programs that were not built to do without, as icacls may be. */
function spelled(directory: string): string {
  return directory.length > LONGEST_DIRECTORY ? win32.toNamespacedPath(directory) : directory
}

/**
 * Makes an empty directory its owner's alone on Windows, which has no file modes: there, everybody who may read the parent may
 * read what is made in it. Elsewhere the mode that the directory was made with does it.
 * @throws ActionError FILE_WRITE, because a private key is about to be written there
 */
export function keepOthersOut(directory: string, { platform, env, run }: System = THIS_SYSTEM): void {
  if (platform !== 'win32') return
  // By its full path: what is on the PATH, an earlier step may have put there.
  const icacls = win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'icacls.exe')
  try {
    run(icacls, [spelled(directory), '/inheritance:r', '/grant:r', ...GRANTS, '/q'])
  } catch (cause) {
    throw new ActionError(
      'FILE_WRITE',
      {
        what: `Could not keep other users of this runner out of ${directory} (icacls failed).`,
        why: 'RUNNER_TEMP is on a volume without access control lists, or icacls may not run here.',
        fix: 'Put the work directory of this runner on an NTFS or ReFS volume.',
      },
      cause,
    )
  }
}
