// Each action, with one input after the other wrong, with debug logging, and broken from within. The search of every
// result, for secrets and for masks that come late, is support/secrets.ts.
import { spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { bag, certBag, mac, pfx, pkcs12Pbe, plainSafe, shroudedKeyBag } from '../support/p12-builder.ts'
import { octet } from '../support/p12-der.ts'
import { testOn } from '../support/platform.ts'
import { useRotation } from '../support/rotation.ts'
import { ALONE, Job, ROOT, type RunOptions, readAction, type StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
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
    // Behind a missing proxy, every run fails; the point is what it prints before.
    expect(main.exitCode).toBe(1)
    expect(errorOf(main).code).toMatch(/^[A-Z_0-9]+$/)
    for (const secret of [PASSWORD, 'pa/ss-012345']) expect(main.masks).toContain(secret)
  })

  test.each(['api-key', 'p12-password', ...(folder === 'rotate' ? ['github-token'] : [])])(
    'warns about a short %s, and does not mask it',
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

// support/secrets.ts compares what later steps print with the masks after every main step; here, for the usual keys.
describe('the number of values that the runner searches every later line for', () => {
  const scene = useScene()
  const MOST = 200

  test('stays below 200 in issue mode', async () => {
    const scenario = scene.scenario({ 'api-key': scene.emulator.apiKey })
    expect((await scenario.main()).exitCode).toBe(0)
    expect(scenario.job.masker.values.size).toBeLessThanOrEqual(MOST)
    await scenario.post()
    expect(scenario.job.masker.values.size).toBeLessThanOrEqual(MOST)
  })

  test.each(['rsa-2048', 'ec-p256'] as const)('stays below 200 with a stored P12 (%s)', async keyType => {
    const { base64, der } = await storedP12(scene.emulator, { password: PASSWORD, keyType })
    const path = new Job().commandFile('p12')
    writeFileSync(path, der)
    for (const p12 of [{ p12: base64 }, { p12: base64.replace(/.{76}/g, '$&\n') }, { 'p12-file': path }]) {
      const scenario = scene.scenario({ mode: 'stored', 'p12-password': PASSWORD, ...p12 })
      expect((await scenario.main()).exitCode).toBe(0)
      expect(scenario.job.masker.values.size).toBeLessThanOrEqual(MOST)
      await scenario.post()
    }
  })

  test('is bounded for any P12: a large one costs as much as a small one', async () => {
    const { minted } = await storedP12(scene.emulator, { keyType: 'rsa-2048' })
    const protection = pkcs12Pbe(PASSWORD, '3des')
    const bags = [
      shroudedKeyBag(createPrivateKey(minted.privateKeyPem ?? ''), protection),
      certBag(new X509Certificate(minted.certificatePem)),
      bag('1.2.3.4', octet(Buffer.alloc(900_000, '::set-output name=x::y\n'))),
    ]
    const path = new Job().commandFile('p12')
    writeFileSync(path, pfx([plainSafe(...bags)], mac({ password: PASSWORD })))
    const scenario = scene.scenario({ mode: 'stored', 'p12-password': PASSWORD, 'p12-file': path })
    expect((await scenario.main()).exitCode).toBe(0)
    expect(scenario.job.masker.values.size).toBeLessThanOrEqual(MOST)
    await scenario.post()
  })
})

const testAlone = testOn('POSIX', 'Windows has no modes, so a program makes the private directory private')

testAlone('no step can start a process: with the flags of all tests, Node refuses to', () => {
  const script = "require('node:child_process').spawnSync('true')"
  const { status, stderr } = spawnSync(process.execPath, [...ALONE, '-e', script], { encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('ERR_ACCESS_DENIED')
})
