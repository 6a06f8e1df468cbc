// What Windows does differently, tested without it.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { PrivateDirectory } from '../../src/files.ts'
import { keepOthersOut, type System } from '../../src/windows-acl.ts'
import { recognizeText } from '../../src/x509/pkcs12/mistakes.ts'
import { read } from './contract/repository.ts'

const DIRECTORY = 'D:\\a\\_temp\\digicert-client-certificate-0123456789abcdef'

function system(given: Partial<System> = {}): System & { runs: string[][] } {
  const runs: string[][] = []
  const run = (file: string, args: string[]) => void runs.push([file, ...args])
  return { platform: 'win32', env: { SystemRoot: 'C:\\WINDOWS' }, run, runs, ...given }
}

test('the private directory gets an access list for its owner, the system and administrators, and inherits none', () => {
  const windows = system()
  keepOthersOut(DIRECTORY, windows)
  expect(windows.runs).toEqual([
    [
      'C:\\WINDOWS\\System32\\icacls.exe',
      DIRECTORY,
      '/inheritance:r',
      '/grant:r',
      '*S-1-3-4:(OI)(CI)F',
      '*S-1-5-18:(OI)(CI)F',
      '*S-1-5-32-544:(OI)(CI)F',
      '/q',
    ],
  ])
})

test('gives icacls a path that is longer than Windows allows in the form without a limit', () => {
  const windows = system()
  const long = `D:\\${'a'.repeat(250)}`
  for (const directory of [long, DIRECTORY]) keepOthersOut(directory, windows)
  expect(windows.runs.map(([, given]) => given)).toEqual([`\\\\?\\${long}`, DIRECTORY])
})

test('does not run a program that earlier steps put on the PATH', () => {
  const windows = system({ env: { PATH: 'D:\\evil', Path: 'D:\\evil' } })
  keepOthersOut(DIRECTORY, windows)
  expect(windows.runs[0]?.[0]).toBe('C:\\Windows\\System32\\icacls.exe')
})

test('a volume without access lists is an error, before a key is written', () => {
  const run = () => {
    throw Object.assign(new Error('Command failed'), { status: 5 })
  }
  expect(() => keepOthersOut(DIRECTORY, system({ run }))).toThrow(
    expect.objectContaining({
      code: 'FILE_WRITE',
      message: `Could not keep other users of this runner out of ${DIRECTORY} (icacls failed).`,
      fix: expect.stringContaining('NTFS'),
    }),
  )
})

test.each(['linux', 'darwin'] as const)('%s has file modes, and runs nothing', platform => {
  const other = system({ platform })
  keepOthersOut('/tmp/x', other)
  expect(other.runs).toEqual([])
})

test('finds a directory of ours by its name, however its parent is written', () => {
  const parent = mkdtempSync(join(tmpdir(), 'windows-'))
  const directory = PrivateDirectory.plan(parent, '0123456789abcdef')
  directory.create()
  expect(PrivateDirectory.find(parent, directory.name)?.found).toBe('directory')
  PrivateDirectory.find(`${parent}/`, directory.name)?.remove()
  expect(readdirSync(parent)).toEqual([])
  rmSync(parent, { recursive: true })
})

test.each([
  'C:\\certs\\client',
  'd:/certs/client',
  '\\\\server\\share\\client',
  '..\\client',
  '.\\client.pfx',
  '%CLIENT_P12%',
])('recognizes %s given as the P12', text => {
  expect(recognizeText(text)?.message).toMatch(/is a path|is a variable/)
})

test('git keeps line endings as they are in the bundles, and LF everywhere else', () => {
  const lines = read('.gitattributes').split('\n')
  expect(lines).toContain('* text=auto eol=lf')
  expect(lines.find(line => line.startsWith('dist/'))).toContain('-text')
  for (const script of ['.ci/run', 'tools/install', 'tools/lint-workflows']) {
    expect(read(script)).not.toContain('\r')
  }
})
