import { lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ActionError } from './errors.ts'
import { keepOthersOut } from './windows-acl.ts'

const PREFIX = 'digicert-client-certificate-'
const NAME = /^digicert-client-certificate-[0-9a-f]{16}$/
/** Larger than any P12, certificate bundle or key by far. */
const MAX_BYTES = 8 * 1024 * 1024

/**
 * One use of the action has one private directory, so that two uses in a job never touch each other's files. Its
 * path is decided before it is made: the caller saves it first, and then whatever happens it can be found and removed.
 */
export class PrivateDirectory {
  readonly path: string
  #made = false

  private constructor(path: string) {
    this.path = path
  }

  /** A directory under `parent` (the runner's `RUNNER_TEMP`) that does not exist yet; its suffix is 8 bytes in hex. */
  static plan(parent: string, suffix: string): PrivateDirectory {
    return new PrivateDirectory(join(parent, PREFIX + suffix))
  }

  /** A directory that an earlier process made under the same parent; any other name is refused. */
  static find(parent: string, name: string): PrivateDirectory | undefined {
    return parent !== '' && NAME.test(name) ? new PrivateDirectory(join(parent, name)) : undefined
  }

  get name(): string {
    return basename(this.path)
  }

  /** What is at its path now; a link is something else, wherever it leads to. */
  get found(): 'directory' | 'something else' | 'nothing' {
    const stats = lstatSync(this.path, { throwIfNoEntry: false })
    if (stats === undefined) return 'nothing'
    return stats.isDirectory() ? 'directory' : 'something else'
  }

  /**
   * Makes the directory, for its owner alone, unless this object has made it already. One that somebody else made is
   * an error.
   * @throws ActionError FILE_WRITE
   */
  create(): void {
    if (this.#made) return
    attempt('create the private directory', this.path, () => mkdirSync(this.path, { mode: 0o700 }))
    keepOthersOut(this.path)
    this.#made = true
  }

  /**
   * Writes a new file for its owner alone.
   * @returns its absolute path
   * @throws ActionError FILE_WRITE
   */
  write(name: string, content: string | Buffer): string {
    return writePrivateFile(this.path, name, content)
  }

  /**
   * Deletes the directory with everything in it; none there is fine.
   * @throws ActionError FILE_WRITE
   */
  remove(): void {
    attempt('delete', this.path, () => rmSync(this.path, { recursive: true, force: true, maxRetries: 3 }))
    this.#made = false
  }
}

/**
 * Reads a file that an input names.
 * @throws ActionError FILE_READ
 */
export function readInputFile(input: string, path: string): Buffer {
  try {
    if (statSync(path).size > MAX_BYTES) throw new RangeError('too large')
    return readFileSync(path)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'too large'
    throw new ActionError(
      'FILE_READ',
      {
        what: `The file that '${input}' names cannot be read (${reason}).`,
        why: READ_REASONS[reason] ?? 'The path leads to something that is not a readable file.',
        fix: `Check the path in '${input}'. A relative path starts at the workspace; a file from the repository needs actions/checkout first.`,
      },
      cause,
    )
  }
}

/**
 * Writes a new file for its owner alone.
 * @returns its absolute path
 * @throws ActionError FILE_WRITE
 */
export function writePrivateFile(directory: string, name: string, content: string | Buffer): string {
  const path = join(directory, name)
  attempt('write', path, () => writeFileSync(path, content, { mode: 0o600, flag: 'wx' }))
  return path
}

/** True for an existing directory. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

const READ_REASONS: Record<string, string> = {
  ENOENT: 'There is no such file: the path is misspelled, or the step that writes the file did not run.',
  EACCES: 'The user that runs this job may not read it.',
  EISDIR: 'It is a directory.',
  'too large': 'It is larger than 8 MiB, so it is not what this input takes.',
}

function attempt(verb: string, path: string, act: () => void): void {
  try {
    act()
  } catch (cause) {
    throw writeError(verb, path, cause)
  }
}

/** The error for something that could not be written, made or deleted below the runner's temporary directory. */
export function writeError(verb: string, path: string, cause: unknown): ActionError {
  const refused = "The runner's temporary directory is missing or not writable."
  return notWritten(`Could not ${verb} ${path}`, refused, 'RUNNER_TEMP on this runner', cause)
}

/** The error for what the disk did not take: it is full, or else `refused`. */
export function notWritten(what: string, refused: string, place: string, cause: unknown): ActionError {
  const { code = 'unknown' } = cause as NodeJS.ErrnoException
  return new ActionError(
    'FILE_WRITE',
    {
      what: `${what} (${code}).`,
      why: code === 'ENOSPC' || code === 'EDQUOT' ? 'The disk is full.' : refused,
      fix: `Check the free space and the permissions of ${place}.`,
    },
    cause,
  )
}
