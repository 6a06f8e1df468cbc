import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { MintOptions } from '../../emulator/index.ts'
import { fill, inDays, listedIn } from '../support/inventory.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, type Stored, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')

const given = ({ base64 }: Stored): Inputs => ({ p12: base64, 'p12-password': PASSWORD })
const alone = (stored: Stored): Inputs => ({ ...given(stored), 'api-key': '' })

async function checkOf(inputs: (stored: Stored) => Inputs, mint: MintOptions = {}, more: Inputs = {}) {
  const stored = await storedP12(scene.emulator, mint)
  const main = await scene.scenario({ ...inputs(stored), ...more }).main()
  expectNoKey(main, stored)
  return { main, stored }
}

function expectNoKey({ raw, summary, outputs }: StepResult, { minted }: Stored): void {
  const lines = (minted.privateKeyPem ?? '')
    .split('\n')
    .filter(line => !line.startsWith('---') && line !== '')
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(raw + summary + JSON.stringify(outputs)).not.toContain(line)
}

test('a P12 alone: needs no API key and sends no request', async () => {
  const { main, stored } = await checkOf(alone, { notAfter: inDays(200) })
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(listedIn(main)).toEqual([
    expect.objectContaining({
      id: '',
      serial_number: stored.minted.serialNumber,
      days_remaining: 200,
      in_use: true,
    }),
  ])
  expect(main.outputs['days-remaining']).toBe('200')
  expect(main.summary).toContain('(in use)')
  expect(scene.emulator.requests).toEqual([])
  expect(scene.emulator.connections).toMatchObject({ accepted: 0 })
})

test('a P12 as a file', async () => {
  const { der } = await storedP12(scene.emulator, { notAfter: inDays(5) })
  const path = scene.scenario().job.commandFile('in-use.p12')
  writeFileSync(path, der)
  const inputs = { 'api-key': '', 'p12-file': path, 'p12-password': PASSWORD }
  expect(errorOf(await scene.scenario(inputs).main()).code).toBe('CERT_EXPIRING')
})

const ENDS: [number, number, string | undefined, number][] = [
  [200, 0, undefined, 0],
  [89, 0, undefined, 1],
  [29, 1, 'CERT_EXPIRING', 0],
  [-3, 1, 'CERT_EXPIRED', 0],
]

for (const [how, inputs] of [
  ['alone', alone],
  ['with an API key', given],
] as const) {
  test.each(ENDS)(`${how}, with %i days left`, async (days, exitCode, code, warnings) => {
    const { main } = await checkOf(inputs, { notAfter: inDays(days) })
    expect(main.exitCode).toBe(exitCode)
    if (code !== undefined)
      expect(errorOf(main)).toMatchObject({ code, what: expect.stringContaining('in use') })
    expect(warningsOf(main)).toHaveLength(warnings)
    expect(listedIn(main)).toHaveLength(1)
  })
}

test('marks the one in use in the list, and no other', async () => {
  fill(scene.emulator, [{ days: 100, name: 'other' }])
  const { main, stored } = await checkOf(given, { notAfter: inDays(200), name: 'mine' })
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(listedIn(main)).toMatchObject([
    { name: 'other', in_use: false },
    { name: 'mine', in_use: true, id: stored.minted.record?.id },
  ])
  expect(main.summary).toMatch(/\| mine \*\*\(in use\)\*\* \|/)
  expect(main.summary).not.toMatch(/other \*\*\(in use\)/)
})

test.each(['lower', 'colons', 'padded'] as const)(
  'finds it whatever the serial number looks like: %s',
  async serialFormat => {
    scene.emulator.settings.serialFormat = serialFormat
    const { main } = await checkOf(given, { notAfter: inDays(200) })
    expect(listedIn(main)).toMatchObject([{ in_use: true, id: expect.stringMatching(/./) }])
  },
)

test('fails the run when it is disabled, though disabled ones are not included', async () => {
  const { main } = await checkOf(given, { notAfter: inDays(200), enabled: false, name: 'mine' })
  expect(main.exitCode).toBe(1)
  expect(errorOf(main)).toMatchObject({
    code: 'CERT_DISABLED',
    what: expect.stringMatching(/"mine".*disabled/),
  })
  expect(listedIn(main)).toMatchObject([{ name: 'mine', enabled: false, in_use: true }])
})

test('fails the run when it is expired and disabled', async () => {
  const { main } = await checkOf(given, { notAfter: inDays(-5), enabled: false })
  expect(main.exitCode).toBe(1)
})

test('a name that does not match does not hide it', async () => {
  fill(scene.emulator, [{ days: 100, name: 'other' }])
  const { main } = await checkOf(given, { notAfter: inDays(10), name: 'mine' }, { name: 'other' })
  expect(errorOf(main)).toMatchObject({ code: 'CERT_EXPIRING', what: expect.stringContaining('"mine"') })
  expect(listedIn(main).map(({ name }) => name)).toEqual(['mine', 'other'])
})

test('judges it by its own dates when the service user does not list it', async () => {
  fill(scene.emulator, [{ days: 300, name: 'other' }])
  const { main } = await checkOf(given, { notAfter: inDays(10), registered: false })
  expect(errorOf(main)).toMatchObject({ code: 'CERT_EXPIRING', what: expect.stringContaining('in use') })
  expect(listedIn(main)).toMatchObject([
    { id: '', in_use: true },
    { name: 'other', in_use: false },
  ])
})

test('its error names the fix, even when others expire sooner', async () => {
  fill(scene.emulator, [
    { days: 1, name: 'sooner' },
    { days: 2, name: 'soon' },
  ])
  const { main } = await checkOf(given, { notAfter: inDays(20), name: 'mine' })
  const errors = main.annotations.filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(3)
  expect(errors.find(({ message }) => message.includes('\nFix: '))?.message).toContain('"mine"')
})

test.each([
  ['a wrong password', { 'p12-password': 'wrong password' }, 'P12_PASSWORD'],
  ['text that is not a P12', { p12: 'bm90IGEgUDEy' }, 'P12_ENCODING'],
  ['both p12 and p12-file', { 'p12-file': '/nowhere.p12' }, 'INPUT_CONFLICT'],
])('names %s, in the summary too', async (_name, change, code) => {
  const { main } = await checkOf(given, {}, change)
  expect(errorOf(main).code).toBe(code)
  expect(main.exitCode).toBe(1)
  expect(main.summary).toContain(code)
})

test('without an API key and a P12, the error says which secrets may be missing', async () => {
  const main = await scene.scenario({ 'api-key': '' }).main()
  expect(errorOf(main)).toMatchObject({ code: 'INPUT_MISSING', why: expect.stringContaining('fork') })
})
