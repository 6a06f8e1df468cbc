// Each action, with one after the other of its inputs wrong, with debug logging, and broken from within. The search of every
// result, for secrets and for masks that come late, is support/secrets.ts.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { testOn } from '../support/platform.ts'
import { useRotation } from '../support/rotation.ts'
import { ALONE, hide, ROOT, type RunOptions, readAction, type StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { readKey } from '../support/secrets.ts'
import { storedP12 } from '../support/stored.ts'

const PASSWORD = 'correct horse "battery" staple'
const ENV = { HTTPS_PROXY: 'http://us%40er:pa%2Fss-012345@127.0.0.1:9', RUNNER_DEBUG: '1' }
const CRASH = new URL('./crash.mjs', import.meta.url).href
const MODE: Record<string, Inputs> = { '': { mode: 'stored' }, access: { enabled: 'true' } }

/** Read at the beginning, in the middle and at the end; and every one that is a secret itself. */
const WRONG = [
  'api-key',
  'github-token',
  'p12',
  'p12-file',
  'mode',
  'enabled',
  'host',
  'timeout',
  'targets',
  'warn-within',
]

describe.each(['', 'check', 'access', 'rotate'])('action "%s"', folder => {
  const scene = useScene({}, folder === 'rotate' ? '' : folder)
  const rotation = useRotation()
  let secrets: Inputs
  beforeEach(async () => {
    const { base64 } = await storedP12(scene.emulator, { password: PASSWORD })
    secrets = { ...MODE[folder], p12: base64, 'p12-password': PASSWORD }
  })

  function run(inputs: Inputs, options: Partial<RunOptions> = {}): Promise<StepResult> {
    const all = { retries: '0', ...secrets, ...inputs }
    if (folder === 'rotate') return rotation.run(all, { env: ENV, ...options })
    return scene.scenario(all, ENV).main(options)
  }

  const inputs = Object.keys(readAction(join(ROOT, folder)).inputs).filter(input => WRONG.includes(input))

  test.each(inputs)('with a wrong %s', async input => {
    const main = await run({ [input]: 'no \u{1f511} such value' })
    // Behind a proxy that is not there, every run fails; the point is what it says before.
    expect(main.exitCode).toBe(1)
    expect(errorOf(main).code).toMatch(/^[A-Z_0-9]+$/)
    for (const secret of [PASSWORD, 'pa/ss-012345']) expect(main.masks).toContain(secret)
  })

  test.each(['api-key', 'p12-password', ...(folder === 'rotate' ? ['github-token'] : [])])(
    'warns about a short %s, and masks none of it',
    async input => {
      const main = await run({ [input]: 'abc' })
      expect(main.masks).not.toContain('abc')
      expect(warningsOf(main)).toEqual([expect.stringContaining(`'${input}' is too short`)])
    },
  )

  test.each(['exception', 'rejection'])(
    'broken by an unhandled %s, shows neither secrets nor a stack',
    async how => {
      const crash = { nodeOptions: [...ALONE, `--import=${CRASH}`] }
      const env = { ...ENV, RUNNER_DEBUG: '', CRASH: how }
      const main = await run({}, { ...crash, env })
      expect(main.exitCode).toBe(1)
      expect(errorOf(main).code).toBe('INTERNAL')
      expect(main.raw).not.toMatch(/^\s+at /m)
      await run({}, { ...crash, env: { ...env, RUNNER_DEBUG: '1' } })
    },
  )
})

describe('of what later steps print', () => {
  const scene = useScene()

  test.each(['issue', 'stored'])(
    'nothing is readable in the forms that docs/security.md names (%s)',
    async mode => {
      const { base64 } = await storedP12(scene.emulator, { password: PASSWORD })
      const inputs = { 'p12-password': PASSWORD, ...(mode === 'stored' ? { mode, p12: base64 } : {}) }
      const scenario = scene.scenario(inputs)
      const main = await scenario.main()
      const p12 = readFileSync(main.outputs['p12-file'] ?? '')
      const key = readKey(p12, PASSWORD)?.export({ type: 'pkcs8', format: 'pem' }).toString() ?? ''
      const der = Buffer.from(key.replace(/-----.*-----/g, ''), 'base64')
      const texts = [PASSWORD, scene.emulator.apiKey]
      const bytes = [
        p12,
        ...(mode === 'issue' ? [der] : []),
        ...texts.flatMap(text => [text, `${text}\n`].map(Buffer.from)),
      ]
      const forms = [...texts.flatMap(asText), ...bytes.flatMap(asBytes), ...key.split('\n')]
      for (const form of forms.filter(text => text.length >= 8 && !text.startsWith('-----'))) {
        const shown = hide(form, scenario.job.masks)
        expect({ form, readable: shown.split('***').filter(part => part.length >= 8) }).toEqual({
          form,
          readable: [],
        })
      }
      await scenario.post()
    },
  )
})

const testAlone = testOn('POSIX', 'Windows has no modes, so a program makes the private directory private')

testAlone('no step could start a process: under the flags that all tests run with, Node refuses to', () => {
  const script = "require('node:child_process').spawnSync('true')"
  const { status, stderr } = spawnSync(process.execPath, [...ALONE, '-e', script], { encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('ERR_ACCESS_DENIED')
})

const asText = (text: string): string[] => [
  text,
  encodeURIComponent(text),
  new URLSearchParams([['', text]]).toString().slice(1),
  JSON.stringify(text).slice(1, -1),
]

function asBytes(bytes: Buffer): string[] {
  const base64 = bytes.toString('base64')
  const lines = [64, 76].flatMap(width => base64.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
  return [
    base64,
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...lines,
  ]
}
