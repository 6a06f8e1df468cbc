// Text that comes in other ways than one string in a response. The strings themselves, for every
// operation: every-server-string-is-data.test.ts.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { expectHarmless as expectHarmlessIn, HOSTILE } from '../support/harmless.ts'
import { fill, HOSTILE_NICKNAMES } from '../support/inventory.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const checking = useScene({}, 'check')

/** Our own tables have two columns. */
const expectHarmless = (result: StepResult) => expectHarmlessIn(result, 2)

test('in an endless error', async () => {
  scene.emulator.faults.add({
    method: 'POST',
    answer: { status: 400, error: { code: 'x', message: 'A'.repeat(500_000) } },
  })
  const main = await scene.scenario().main()
  expect(errorOf(main).code).toBe('REQUEST_REFUSED')
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

test('quotes a missing permission from the input without markup', async () => {
  const main = await scene.scenario({ 'require-permissions': '<img src=x>|::error::' }).main()
  expect(errorOf(main).code).toBe('PERMISSION_MISSING')
  expectHarmless(main)
})

test('in nicknames: annotations, table and timeline of check show it as plain text', async () => {
  const names = [HOSTILE, ...HOSTILE_NICKNAMES]
  fill(
    checking.emulator,
    names.map((name, index) => ({ days: index * 3 - 10, name })),
  )
  const main = await checking.scenario({ 'include-disabled': 'true' }).main()
  expect(main.exitCode).toBe(1)
  expectHarmlessIn(main, 5)
  // In the rest of the diagram, only one line per certificate is ours.
  const [, diagram = ''] = /```mermaid\n([\s\S]*?)```/.exec(main.summary) ?? []
  const bars = diagram.split('\n').filter(line => /[ ,:]c\d+, \d{4}-/.test(line))
  expect(bars).toHaveLength(names.length)
  for (const bar of bars)
    expect(bar).not.toMatch(/[<>&`;#%"]|:\/\/|^\s*(click|call|href|section|title|gantt|\w+Format|\d{4}-)/i)
  expect(JSON.parse(readFileSync(main.outputs['report-file'] ?? '', 'utf8')).certificates).toHaveLength(
    names.length,
  )
})
