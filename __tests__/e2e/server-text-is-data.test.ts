import { expect, test } from '@jest/globals'
import { expectHarmless as expectHarmlessIn, HOSTILE } from '../support/harmless.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()

/** Our own tables have two columns. */
const expectHarmless = (result: StepResult) => expectHarmlessIn(result, 2)

test('in nickname, user name and id of the answers', async () => {
  const { faults } = scene.emulator
  faults.add({
    method: 'POST',
    rewrite: body => ({ ...body, name: HOSTILE, user_id: HOSTILE, serial_number: HOSTILE }),
  })
  faults.add({
    host: 'clientauth',
    rewrite: body => ({ ...body, friendly_name: HOSTILE, id: HOSTILE, email: HOSTILE }),
  })
  const scenario = scene.scenario({ 'require-permissions': 'SIGN_SM_HASH' })
  const main = await scenario.main()
  expect(main.exitCode).toBe(0)
  expectHarmless(main)
  await scenario.post()
  scenario.expectNothingLeft()
})

test.each(['errors', 'error'] as const)('in code and message of an error (%s)', async shape => {
  scene.emulator.faults.add({
    method: 'POST',
    answer: { status: 400, shape, error: { code: HOSTILE, message: HOSTILE } },
  })
  const main = await scene.scenario().main()
  expect(errorOf(main).code).toBe('REQUEST_REFUSED')
  expectHarmless(main)
})

test('in an error that never ends', async () => {
  scene.emulator.faults.add({
    method: 'POST',
    answer: { status: 400, error: { code: 'x', message: 'A'.repeat(500_000) } },
  })
  const main = await scene.scenario().main()
  expect(main.raw.length).toBeLessThan(40_000)
})

test('in the subject of a certificate', async () => {
  const { emulator } = scene
  const subject = 'CN=a\u202Eb ##[error]pwned <b>x</b> ::error::y'
  emulator.settings.subject = subject
  expectHarmless(await scene.scenario().main())
  const { base64 } = await storedP12(emulator, { subject })
  const stored = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, 'warn-within': '397d' }
  expectHarmless(await scene.scenario(stored).main())
})

test('in the records that a diagnosis quotes', async () => {
  const { emulator } = scene
  const { base64 } = await storedP12(emulator, { enabled: false, name: HOSTILE })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(errorOf(main).code).toBe('CERT_DISABLED')
  expectHarmless(main)
})

test('a missing permission is quoted from the input without markup', async () => {
  const main = await scene.scenario({ 'require-permissions': '<img src=x>|::error::' }).main()
  expect(errorOf(main).code).toBe('PERMISSION_MISSING')
  expectHarmless(main)
})
