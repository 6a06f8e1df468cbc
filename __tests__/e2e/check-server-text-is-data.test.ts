import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { expectHarmless, HOSTILE } from '../support/harmless.ts'
import { fill, HOSTILE_NICKNAMES, inDays } from '../support/inventory.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')

test('in nicknames: annotations, table and timeline show it, and nothing acts upon it', async () => {
  const names = [HOSTILE, ...HOSTILE_NICKNAMES]
  fill(
    scene.emulator,
    names.map((name, index) => ({ days: index * 3 - 10, name })),
  )
  const main = await scene.scenario({ 'include-disabled': 'true' }).main()
  expect(main.exitCode).toBe(1)
  expectHarmless(main, 5)
  // Of the rest of the diagram only one line is ours for each certificate.
  const [, diagram = ''] = /```mermaid\n([\s\S]*?)```/.exec(main.summary) ?? []
  const bars = diagram.split('\n').filter(line => /[ ,:]c\d+, \d{4}-/.test(line))
  expect(bars).toHaveLength(names.length)
  for (const bar of bars)
    expect(bar).not.toMatch(/[<>&`;#%"]|:\/\/|^\s*(click|call|href|section|title|gantt|\w+Format|\d{4}-)/i)
  expect(JSON.parse(readFileSync(main.outputs['report-file'] ?? '', 'utf8')).certificates).toHaveLength(
    names.length,
  )
})

test('in serial numbers and dates of the list', async () => {
  fill(scene.emulator, [{ days: 3, serialNumber: HOSTILE }])
  scene.emulator.faults.add({
    rewrite: body =>
      (body as unknown as object[]).map(entry => ({ ...entry, start_date: HOSTILE, user_id: HOSTILE })),
  })
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  expectHarmless(main, 5)
})

test('in the record of the one in use', async () => {
  const { base64 } = await storedP12(scene.emulator, { notAfter: inDays(3), name: HOSTILE })
  const main = await scene.scenario({ p12: base64, 'p12-password': PASSWORD }).main()
  expect(main.exitCode).toBe(1)
  expectHarmless(main, 5)
})

test('in the error that the API answers with', async () => {
  scene.emulator.faults.add({ answer: { status: 400, error: { code: HOSTILE, message: HOSTILE } } })
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  expectHarmless(main, 5)
})
