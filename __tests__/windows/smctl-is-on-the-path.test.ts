// smctl, as the step installs it on Windows: `smctl.exe`, verified by its checksum, where a later step finds it by name. Its
// stand-in is a program of a few bytes that exits with a number, from a stand-in for DigiCert's server: that the bytes are
// compared, copied and found on PATH, and that Windows runs them, is real; what smctl does is not.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect } from '@jest/globals'
import {
  type DownloadServer,
  sha256,
  startDownloadServer,
  temporaryFolder,
} from '../support/download-server.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { SYSTEM } from '../support/system.ts'
import { exitingProgram } from '../support/windows-program.ts'
import { stepsTestOn } from './support/steps.ts'

const scene = useScene()
const smctlTest = stepsTestOn('Windows', 'other systems are in e2e/smctl-is-installed-on-request.test.ts')
let server: DownloadServer
let toolCache: string

beforeEach(async () => {
  server = await startDownloadServer()
  toolCache = temporaryFolder()
})
afterEach(() => server.close())

function scenarioWith() {
  const ca = `${scene.emulator.caPem}${server.caPem}`
  const inputs = { 'install-smctl': 'true', 'smctl-mirror': server.host, 'ca-certificates': ca }
  return scene.scenario(inputs, { RUNNER_TOOL_CACHE: SYSTEM.spell(toolCache) })
}

/** Its exit code when a later step calls it by name; null when there is none. */
function callSmctl({ path }: StepResult): number | null {
  const script = [
    'const [, ...path] = process.argv',
    'const others = Object.entries(process.env).filter(([name]) => !/^path$/i.test(name))',
    "const env = { ...Object.fromEntries(others), Path: path.join(';') }",
    "const { status } = require('node:child_process').spawnSync('smctl', ['sign'], { env, stdio: 'ignore' })",
    'process.exit(status === null ? 99 : status)',
  ]
  const [program = '', ...args] = [...SYSTEM.command, SYSTEM.node, '-e', script.join('\n'), ...path]
  const { status } = spawnSync(program, args, { env: SYSTEM.env, stdio: 'ignore' })
  return status === 99 ? null : status
}

smctlTest('downloaded once, then from the tool cache; a later step finds it until the job ends', async () => {
  const content = exitingProgram(42)
  server.publish('smctl.exe', content)
  for (const words of ['Downloading https://', 'nothing to download']) {
    const scenario = scenarioWith()
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log).toContain(words)
    expect(main.log).toContain(`has the SHA-256 ${sha256(content)}`)
    const path = main.outputs['smctl-path'] ?? ''
    expect(path).toMatch(/\\bin\\smctl\.exe$/)
    expect(path.startsWith(scenario.job.runnerTemp)).toBe(true)
    expect(main.path).toEqual([path.slice(0, path.lastIndexOf('\\'))])
    expect(readFileSync(SYSTEM.locate(path))).toEqual(content)
    expect(callSmctl(main)).toBe(42)
    await scenario.post()
    scenario.expectNothingLeft()
    expect(callSmctl(main)).toBeNull()
  }
})

smctlTest('does not install one that was changed on its way, and issues nothing', async () => {
  server.publish('smctl.exe', exitingProgram(42))
  server.files.set('/stm/latest/smctl.exe', Buffer.from('MZ something else'))
  const scenario = scenarioWith()
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 1, path: [] })
  expect(errorOf(main).code).toBe('SMCTL_CHECKSUM')
  expect(scene.emulator.certificates).toEqual([])
  await scenario.post()
  scenario.expectNothingLeft()
})
