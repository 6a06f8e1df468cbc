import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { PrivateDirectory, writePrivateFile } from '../../src/files.ts'
import { testOn, testWithModes } from '../support/platform.ts'

const parent = mkdtempSync(join(tmpdir(), 'files-test-'))
afterAll(() => rmSync(parent, { recursive: true }))

let directory: PrivateDirectory
let victim: string
let uses = 0
beforeEach(() => {
  uses += 1
  directory = PrivateDirectory.plan(parent, String(uses))
  victim = join(parent, `victim-${uses}`)
})

const EXISTS = expect.objectContaining({ code: 'FILE_WRITE', message: expect.stringContaining('EEXIST') })

const linkTest = testOn('POSIX', 'on Windows, not everybody may create symbolic links')

describe('on a temporary directory that others may write to', () => {
  test('refuses a directory that exists already', () => {
    mkdirSync(directory.path, { mode: 0o777 })
    expect(() => directory.create()).toThrow(EXISTS)
  })

  const KINDS = ['dangling', 'to a directory']
  linkTest.each(KINDS)('refuses a link in its place instead of following it (%s)', kind => {
    if (kind === 'to a directory') mkdirSync(victim)
    symlinkSync(victim, directory.path)
    expect(() => directory.create()).toThrow(EXISTS)
    expect(existsSync(victim)).toBe(kind === 'to a directory')
  })

  linkTest.each(['a file', 'a link to a file', 'a dangling link'])('refuses %s in place of a file', kind => {
    directory.create()
    const path = join(directory.path, 'client.p12')
    if (kind === 'a link to a file') writeFileSync(victim, 'before')
    if (kind === 'a file') writeFileSync(path, 'before')
    else symlinkSync(victim, path)
    expect(() => directory.write('client.p12', 'secret')).toThrow(EXISTS)
    expect(() => writePrivateFile(directory.path, 'client.p12', 'secret')).toThrow(EXISTS)
    if (kind === 'a dangling link') expect(existsSync(victim)).toBe(false)
    else expect(readFileSync(path, 'utf8')).toBe('before')
  })

  linkTest('deletes a link in its place, but not its target', () => {
    mkdirSync(victim)
    writeFileSync(join(victim, 'theirs'), '')
    symlinkSync(victim, directory.path)
    directory.remove()
    expect(existsSync(directory.path)).toBe(false)
    expect(existsSync(join(victim, 'theirs'))).toBe(true)
  })

  linkTest('follows no link inside when it deletes', () => {
    directory.create()
    mkdirSync(victim)
    writeFileSync(join(victim, 'theirs'), '')
    symlinkSync(victim, join(directory.path, 'link'))
    directory.remove()
    expect(existsSync(join(victim, 'theirs'))).toBe(true)
  })
})

describe('a file that is in use, which Windows cannot delete', () => {
  /** Deletes everything but this, and so no folder that contains it. */
  const allBut = (used: string) => (path: string) => {
    if (path.endsWith(used)) throw Object.assign(new Error('in use'), { code: 'EBUSY' })
    if (readdirSync(directory.path).some(name => name === used) && path === directory.path)
      throw Object.assign(new Error('not empty'), { code: 'ENOTEMPTY' })
    rmSync(path, { recursive: true })
  }

  test.each(['a-tool.exe', 'client.crt', 'z'])('%s stays, and everything else is deleted', used => {
    directory.create()
    for (const name of new Set([used, 'client.crt', 'client.key', 'client.p12'])) directory.write(name, 'x')
    expect(() => directory.remove(allBut(used))).toThrow(
      expect.objectContaining({
        code: 'FILE_WRITE',
        message: `Could not delete ${directory.path} (ENOTEMPTY).`,
      }),
    )
    expect(directory.names()).toEqual([used])
  })

  test('when it is released meanwhile, there is no error', () => {
    directory.create()
    directory.write('client.p12', 'x')
    let tries = 0
    directory.remove(path => {
      tries += 1
      if (tries === 1) throw Object.assign(new Error('in use'), { code: 'EBUSY' })
      rmSync(path, { recursive: true, force: true })
    })
    expect(existsSync(directory.path)).toBe(false)
  })
})

const UMASKS = [0, 0o22, 0o77]
testWithModes.each(UMASKS)('only their owner can access directory and files with a umask of %i', umask => {
  const before = process.umask(umask)
  try {
    directory.create()
    const path = directory.write('client.p12', 'x')
    expect(statSync(directory.path).mode & 0o777).toBe(0o700)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  } finally {
    process.umask(before)
  }
})

test.each([
  '',
  '.',
  '..',
  'other',
  'digicert-client-certificate-',
  'digicert-client-certificate-0123456789abcdef0',
  'digicert-client-certificate-0123456789abcdef/..',
  '../digicert-client-certificate-0123456789abcdef',
  '..\\digicert-client-certificate-0123456789abcdef',
  '/tmp/digicert-client-certificate-0123456789abcdef',
  'digicert-client-certificate-0123456789abcdef\n',
])('the post step deletes nothing named %j', name => {
  expect(PrivateDirectory.find(parent, name)).toBeUndefined()
})

test('the post step only finds a directory right below its parent', () => {
  const name = 'digicert-client-certificate-0123456789abcdef'
  expect(PrivateDirectory.find(parent, name)?.path).toBe(join(parent, name))
  expect(PrivateDirectory.find('', name)).toBeUndefined()
})

test('detects what is in the place of a directory', () => {
  expect(directory.found).toBe('nothing')
  writeFileSync(directory.path, '')
  expect(directory.found).toBe('something else')
  rmSync(directory.path)
  directory.create()
  expect(directory.found).toBe('directory')
})

linkTest.each(['dangling', 'to a directory'])('a link (%s) is not a directory', kind => {
  if (kind === 'to a directory') mkdirSync(victim)
  symlinkSync(victim, directory.path)
  expect(directory.found).toBe('something else')
})
