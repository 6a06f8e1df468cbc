import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { ActionError } from './errors.ts'
import { looksLikeContent, type PathMistake, recognizePath } from './path-mistakes.ts'
import { clean } from './text.ts'
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
    return new PrivateDirectory(resolve(parent, PREFIX + suffix))
  }

  /** A directory that an earlier process made under the same parent; any other name is refused. */
  static find(parent: string, name: string): PrivateDirectory | undefined {
    return parent !== '' && NAME.test(name) ? new PrivateDirectory(resolve(parent, name)) : undefined
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
   * Deletes the directory with everything in it; none there is fine. A file that cannot be deleted, such as one that a
   * program on Windows has open, does not keep the others.
   * @throws ActionError FILE_WRITE
   */
  remove(erase: (path: string) => void = eraseAll): void {
    attempt('delete', this.path, () => {
      if (!succeeds(() => erase(this.path))) {
        for (const name of this.names()) succeeds(() => erase(join(this.path, name)))
        erase(this.path)
      }
    })
    this.#made = false
  }

  /** What is in the directory, sorted; a link leads to somebody else's, and has none. */
  names(): string[] {
    if (this.found !== 'directory') return []
    return (ifReadable(() => readdirSync(this.path)) ?? []).sort()
  }
}

/**
 * Reads a file that an input names.
 * @throws ActionError FILE_READ
 */
export function readInputFile(input: string, path: string): Buffer {
  try {
    return readRegularFile(path)
  } catch (cause) {
    const mistake = recognizePath(input, path)
    throw notRead(
      reason => `The file that '${input}' names cannot be read (${reason})${shownPath(path)}.`,
      mistake ??
        `Check the path in '${input}'. A relative path starts at the workspace; a file from the repository needs actions/checkout first.`,
      cause,
    )
  }
}

/** Longer than any path that systems allow by default; a P12 in base64 is even longer. */
const LONGEST_PATH = 1024
const BASE64 = /^[A-Za-z0-9+/=_-]{200,}$/

/**
 * Where a path leads, to complete a sentence. Empty for what may be the content, or another secret: it has a line
 * break, the length of base64, or nothing that makes it a path.
 */
function shownPath(path: string): string {
  const isPath = /[\\/]|\.\w{1,12}$/.test(path) && path.length <= LONGEST_PATH
  const isContent = /[\r\n]/.test(path) || looksLikeContent(path) || BASE64.test(path)
  return isPath && !isContent ? `: ${clean(resolve(path), LONGEST_PATH)}` : ''
}

/**
 * What OpenSSL reads the system's trust anchors from when the environment says so. Node opens these files whatever they
 * are, and waits forever at a named pipe. Missing ones do no harm.
 * @throws ActionError FILE_READ
 */
export function requireTrustFiles({ SSL_CERT_FILE, SSL_CERT_DIR }: NodeJS.ProcessEnv): void {
  if (SSL_CERT_FILE) requireTrustFile('SSL_CERT_FILE', SSL_CERT_FILE)
  for (const directory of (SSL_CERT_DIR ?? '').split(delimiter)) {
    for (const name of ifReadable(() => readdirSync(directory)) ?? []) {
      requireTrustFile('SSL_CERT_DIR', join(directory, name))
    }
  }
}

function requireTrustFile(variable: string, path: string): void {
  const stats = ifReadable(() => statSync(path))
  if (stats === undefined || stats.isFile() || stats.isDirectory()) return
  throw notRead(
    reason => `A file of CA certificates that ${variable} names cannot be read (${reason}).`,
    `Correct ${variable} in the environment of the job or the runner, or remove it there.`,
    new UnsuitableFile(kindOf(stats)),
  )
}

function eraseAll(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}

function succeeds(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}

/** Undefined for what cannot be read: OpenSSL cannot read it either, and continues without it. */
function ifReadable<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** Opened first and then checked, so that nobody can exchange it in between; a named pipe is not waited for. */
function readRegularFile(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new UnsuitableFile(kindOf(stats))
    if (stats.size > MAX_BYTES) throw new UnsuitableFile('too large')
    return readAtMost(file, MAX_BYTES)
  } finally {
    closeSync(file)
  }
}

/** To the end of the file, which may not be where its size says: it may be growing, or a file in /proc. */
function readAtMost(file: number, most: number): Buffer {
  const buffer = Buffer.allocUnsafe(most + 1)
  let length = 0
  for (let count = -1; count !== 0 && length <= most; length += count) {
    count = readSync(file, buffer, length, most + 1 - length, null)
  }
  if (length > most) throw new UnsuitableFile('too large')
  return Buffer.from(buffer.subarray(0, length))
}

/** Something that exists but is not a regular file. */
class UnsuitableFile extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'EISDIR'
  if (stats.isFIFO()) return 'named pipe'
  return stats.isSocket() ? 'socket' : 'device'
}

/** @param help the fix, or a mistake that was recognized */
function notRead(what: (reason: string) => string, help: string | PathMistake, cause: unknown): ActionError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'no reason given'
  const known = READ_REASONS[reason] ?? 'The path leads to something that is not a readable file.'
  const { why, fix } = typeof help === 'string' ? { why: known, fix: help } : help
  return new ActionError('FILE_READ', { what: what(reason), why, fix }, cause)
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

const READ_REASONS: Record<string, string> = {
  ENOENT: 'There is no such file: the path is misspelled, or the step that writes the file did not run.',
  EACCES: 'The user that runs this job may not read the file.',
  EISDIR: 'The path leads to a directory, not to a file.',
  ELOOP: 'The path is a symbolic link that leads back to itself.',
  ENXIO: 'The path leads to a socket or a device, not to a file.',
  'named pipe': 'The path leads to a named pipe (FIFO), not to a file.',
  socket: 'The path leads to a socket, not to a file.',
  device: 'The path leads to a device, not to a file.',
  'too large': 'The file is larger than 8 MiB, so it is not what this input takes.',
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
