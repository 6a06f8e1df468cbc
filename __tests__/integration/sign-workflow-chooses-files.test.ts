// The script in .github/workflows/sign.yml that turns patterns into files, run by bash as on a runner.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect } from '@jest/globals'
import { testOn } from '../support/platform.ts'
import { parseYaml, read, type Workflow } from '../unit/contract/repository.ts'

const workflow = parseYaml(read('.github/workflows/sign.yml')) as Workflow
const scriptOf = (name: string) =>
  workflow.jobs?.sign?.steps?.find(step => step.name === name)?.run ?? fail(name)

const fail = (name: string): never => {
  throw new Error(`sign.yml has no step "${name}"`)
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sign-files-'))
  for (const file of [
    'app.exe',
    'bin/a b.dll',
    'bin/deep/ü.dll',
    '-n.exe',
    '$(touch pwned).msi',
    'bin/read.me',
  ]) {
    const path = join(folder, 'artifact', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'x')
  }
  mkdirSync(join(folder, 'artifact', 'folder.exe'))
  mkdirSync(join(folder, 'temp'))
  writeFileSync(join(folder, 'outside.exe'), 'x')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Done {
  exitCode: number
  output: string
}

async function run(step: string, env: Record<string, string>): Promise<Done> {
  const options = { cwd: folder, env: { PATH: process.env.PATH, RUNNER_TEMP: join(folder, 'temp'), ...env } }
  const bash = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', scriptOf(step)]
  return promisify(execFile)('bash', bash, options).then(
    ({ stdout }) => ({ exitCode: 0, output: stdout }),
    (error: { code: number; stdout: string }) => ({ exitCode: error.code, output: error.stdout }),
  )
}

async function chosen(files: string): Promise<string[]> {
  const { exitCode, output } = await run('Choose the files', { FILES: files })
  expect(output).not.toContain('::error::')
  expect(exitCode).toBe(0)
  return readFileSync(join(folder, 'temp', 'files-to-sign'), 'utf8')
    .trim()
    .split('\n')
}

const onLinux = testOn('Linux', 'the workflow runs on Linux and Windows, whose bash is the same')

onLinux.each([
  ['*.exe', ['-n.exe', 'app.exe']],
  ['**/*.dll', ['bin/a b.dll', 'bin/deep/ü.dll']],
  ['  app.exe  \r\n\r\nbin/a b.dll\r\n', ['app.exe', 'bin/a b.dll']],
  ['*.exe\n**/app.exe\n./app.exe', ['-n.exe', 'app.exe']],
  ['$(touch pwned).msi', ['$(touch pwned).msi']],
] as [string, string[]][])('%j means files, each once', async (files, expected) => {
  expect((await chosen(files)).sort()).toEqual(expected.sort())
})

onLinux.each([
  ['../outside.exe', 'leads out of the artifact'],
  ['bin/../../outside.exe', 'leads out of the artifact'],
  ['/etc/hostname', 'leads out of the artifact'],
  ['C:\\Windows\\*.exe', 'leads out of the artifact'],
  ['*.exe\n*.nothing', 'matches no file'],
  ['missing.exe', 'matches no file'],
  ['folder.exe', 'matches no file'],
  ['', 'is empty'],
  [' \n \n', 'is empty'],
  ['$(touch pwned).exe', 'matches no file'],
])('%j is refused: %s', async (files, words) => {
  const { exitCode, output } = await run('Choose the files', { FILES: files })
  expect(exitCode).toBe(1)
  expect(output).toMatch(RegExp(`^::error::.*${words}`, 'm'))
})

onLinux.each([
  [{ TOOL: 'signtool', ALIASES: 'a', RUNNER_OS: 'Linux' }, 'must be smctl or jsign'],
  [{ TOOL: 'smctl', ALIASES: '', RUNNER_OS: 'Linux' }, 'give keypair-alias or certificate-alias'],
  [{ TOOL: 'jsign', ALIASES: 'a', RUNNER_OS: 'macOS' }, 'set runs-on to Linux or Windows'],
] as [Record<string, string>, string][])('%j is refused: %s', async (env, words) => {
  const { exitCode, output } = await run('Check the inputs', env)
  expect(exitCode).toBe(1)
  expect(output).toContain('::error::')
  expect(output).toContain(words)
})
