import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { fill, inDays, listedIn, type Planned } from '../support/inventory.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')

/** Issued five days ago, in a job whose runner vanished. */
const LEFT: Planned = { days: -5, name: 'left', startDate: new Date(inDays(-5).getTime() - DAY) }

/** Nothing to check: what there is, the inputs, and what the error says. */
const NOTHING: [string, Planned[], Inputs, RegExp][] = [
  [
    'a user without certificates',
    [],
    {},
    /^DigiCert ONE lists no client certificate .*nothing was checked\.$/,
  ],
  [
    'a misspelled name',
    [
      { days: 200, name: 'octo-hello-1' },
      { days: 200, name: 'release-2025' },
    ],
    { name: 'relase-*' },
    /^This service user has 2 client certificates, but none whose nickname matches "relase-\*", so nothing was checked\. The nearest nicknames: "release-2025", "octo-hello-1"\.$/,
  ],
  [
    'a name in the wrong case',
    [{ days: 5, name: 'Release-2025' }],
    { name: 'release-*' },
    /1 client certificate, but none .*nearest nicknames: "Release-2025"\.$/,
  ],
  [
    'disabled ones only',
    [{ days: 200, name: 'off', enabled: false }],
    {},
    /1 client certificate, but none to check: 1 disabled\.$/,
  ],
  [
    'what issue mode left behind',
    [LEFT, { ...LEFT, name: 'disabled', enabled: false }],
    {},
    /2 client certificates, but none to check: 1 disabled, 1 short-lived and expired\.$/,
  ],
]

/** Outputs, summary and report are there, whatever the result of the step. */
function expectReported({ outputs, summary }: StepResult): void {
  expect(outputs).toMatchObject({ 'expiring-count': '0', 'next-expiry': '', 'days-remaining': '' })
  const report = JSON.parse(readFileSync(outputs['report-file'] ?? '', 'utf8'))
  expect(report).toMatchObject({
    expiring_count: 0,
    next_expiry: null,
    certificates: JSON.parse(outputs.certificates ?? ''),
  })
  expect(summary).toContain('Client certificates: nothing was checked')
  expect(summary).toMatch(/Likely cause:[\s\S]*Fix:/)
  expect(summary.match(/^### /gm)).toHaveLength(1)
}

describe.each(NOTHING)('%s', (_name, planned, inputs, what) => {
  const run = (more: Inputs) => {
    fill(scene.emulator, planned)
    return scene.scenario({ ...inputs, ...more }).main()
  }

  test.each([{}, { 'if-none-found': 'error' }])('with %j, the step fails', async more => {
    const main = await run(more)
    expect(main.exitCode).toBe(1)
    expect(errorOf(main)).toMatchObject({
      code: 'NOTHING_CHECKED',
      what: expect.stringMatching(what),
      fix: expect.stringContaining("'if-none-found: ignore'"),
    })
    expect(main.summary).toContain('### ❌')
    expectReported(main)
  })

  test('warn: an annotation with the same words', async () => {
    const main = await run({ 'if-none-found': 'warn' })
    expect(main.exitCode).toBe(0)
    expect(main.annotations).toEqual([
      expect.objectContaining({ level: 'warning', title: expect.stringContaining('NOTHING_CHECKED') }),
    ])
    const [said = ''] = warningsOf(main)[0]?.split('\nLikely cause: ') ?? []
    expect(said).toMatch(what)
    expect(main.summary).toContain('### ⚠️')
    expectReported(main)
  })

  test('ignore: a line in the log', async () => {
    const main = await run({ 'if-none-found': 'ignore' })
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log.split('\n').filter(line => what.test(line))).toHaveLength(1)
    expect(main.summary).toContain('### ℹ️')
    expectReported(main)
  })
})

test('a list without any expiry date', async () => {
  const json = [{ id: 'a', name: 'a' }]
  scene.emulator.faults.add({ answer: { status: 200, json } })
  expect(errorOf(await scene.scenario().main())).toMatchObject({
    code: 'NOTHING_CHECKED',
    what: expect.stringMatching(/1 client certificate, but none to check: 1 without an expiry date\.$/),
    why: expect.stringContaining('no expiry date'),
  })
})

test('counts a disabled one where the inputs include those', async () => {
  fill(scene.emulator, [{ days: 200, name: 'off', enabled: false }])
  const main = await scene.scenario({ 'include-disabled': 'true' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
})

describe('with the P12 in use', () => {
  async function run(name: string, more: Inputs = {}) {
    const { base64 } = await storedP12(scene.emulator, { notAfter: inDays(200), name: 'release-2025' })
    return scene.scenario({ p12: base64, 'p12-password': PASSWORD, name, ...more }).main()
  }

  test('counts it, and warns that nothing matched the name', async () => {
    const main = await run('relase-*')
    expect(main.exitCode).toBe(0)
    expect(warningsOf(main)).toEqual([
      'This service user has 1 client certificate, but none whose nickname matches "relase-*", so only the P12 in use was checked. The nearest nicknames: "release-2025".',
    ])
    expect(listedIn(main)).toMatchObject([{ in_use: true }])
  })

  test('ignore turns that into a line in the log', async () => {
    const main = await run('relase-*', { 'if-none-found': 'ignore' })
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log).toContain('so only the P12 in use was checked')
  })

  test('says nothing when it matches the name, or without a name', async () => {
    for (const name of ['release-*', '']) {
      const main = await run(name)
      expect(main).toMatchObject({ exitCode: 0, annotations: [] })
      expect(main.log).not.toContain('none whose nickname')
    }
  })
})
