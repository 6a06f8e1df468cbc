import { readFileSync, statSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { fill, inDays, listedIn } from '../support/inventory.ts'
import { testWithModes } from '../support/platform.ts'
import { errorOf, useScene, warningsOf } from '../support/scene.ts'

const scene = useScene({}, 'check')
const names = (result: Parameters<typeof listedIn>[0]) => listedIn(result).map(({ name }) => name)

test('when all is well, shows counts, the next expiry, every field and a summary, with nothing to fix', async () => {
  const [later, sooner] = fill(scene.emulator, [
    { days: 300, name: 'later' },
    { days: 120, name: 'sooner', serialNumber: 'AB01' },
  ])
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({
    'expiring-count': '0',
    'expired-count': '0',
    'days-remaining': '120',
    'next-expiry': sooner?.endDate.toISOString().replace(/\.\d{3}Z/, 'Z'),
  })
  expect(listedIn(main)).toEqual([
    {
      kind: 'client',
      id: sooner?.id,
      name: 'sooner',
      serial_number: 'AB01',
      not_before: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/),
      not_after: main.outputs['next-expiry'],
      days_remaining: 120,
      state: 'fine',
      short_lived: false,
      enabled: true,
      in_use: false,
    },
    expect.objectContaining({ id: later?.id, name: 'later', days_remaining: 300 }),
  ])
  expect(main.summary).toMatch(/✅[\s\S]*\*\*2\*\* checked[\s\S]*```mermaid\n[\s\S]*^gantt$/m)
  expect(main.summary.indexOf('| sooner |')).toBeLessThan(main.summary.indexOf('| later |'))
  expect(scene.emulator.requests.map(({ method, host }) => [method, host])).toEqual([['GET', 'api']])
})

test('one minute decides: fail-within fails, warn-within warns, beyond is fine', async () => {
  fill(scene.emulator, [
    { days: 30, name: 'just over fail' },
    { days: 90, name: 'just over warn' },
    { days: 30, name: 'just under fail', endDate: new Date(inDays(30).getTime() - 120_000) },
    { days: 90, name: 'just under warn', endDate: new Date(inDays(90).getTime() - 120_000) },
  ])
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main)).toMatchObject({
    code: 'CERT_EXPIRING',
    what: expect.stringMatching(/"just under fail" \(id .+\) expires in 29 days/),
    fix: expect.stringContaining("'fail-within'"),
  })
  expect(warningsOf(main)).toEqual([
    expect.stringContaining('"just over fail"'),
    expect.stringContaining('"just under warn"'),
  ])
  expect(listedIn(main).map(({ name, state }) => [name, state])).toEqual([
    ['just under fail', 'failing'],
    ['just over fail', 'warning'],
    ['just under warn', 'warning'],
    ['just over warn', 'fine'],
  ])
  expect(main.outputs).toMatchObject({ 'expiring-count': '3', 'days-remaining': '29' })
  expect(main.summary).toContain('❌')
})

test.each([
  [{ 'fail-within': '10d', 'warn-within': '20d' }, 0, 0],
  [{ 'fail-within': '10d', 'warn-within': '26d' }, 0, 1],
  [{ 'fail-within': '26d' }, 1, 0],
  [{ 'fail-within': '0d', 'warn-within': '0d' }, 0, 0],
])('with 25 days left, %j exits with %i and %i warnings', async (inputs, exitCode, warnings) => {
  fill(scene.emulator, [{ days: 25 }])
  const main = await scene.scenario(inputs).main()
  expect(main.exitCode).toBe(exitCode)
  expect(warningsOf(main)).toHaveLength(warnings)
})

test('expired ones are history: a warning while enabled, counted, and never a failure', async () => {
  fill(scene.emulator, [
    { days: -400, name: 'forgotten' },
    { days: -3, name: 'retired', enabled: false },
    { days: 200, name: 'current' },
  ])
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringMatching(/"forgotten".*expired 399 days ago.*enabled/)])
  expect(main.outputs).toMatchObject({
    'expired-count': '1',
    'expiring-count': '0',
    'days-remaining': '200',
  })
  const all = await scene.scenario({ 'include-disabled': 'true' }).main()
  expect(all.exitCode).toBe(0)
  expect(warningsOf(all)).toHaveLength(1)
  expect(all.outputs['expired-count']).toBe('2')
  expect(names(all)).toEqual(['forgotten', 'retired', 'current'])
})

test('a disabled one that expires soon does not fail the run', async () => {
  fill(scene.emulator, [{ days: 5, name: 'off', enabled: false }])
  const main = await scene.scenario({ 'include-disabled': 'true' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(listedIn(main)).toMatchObject([{ name: 'off', enabled: false, state: 'failing' }])
  expect(main.summary).toContain('⚪ disabled')
})

test.each([
  ['release-*', ['release-1', 'release-2', 'release-10']],
  ['release-?', ['release-1', 'release-2']],
  ['release-[13]', ['release-1']],
  ['release-[!1]', ['release-2']],
  ['release-1', ['release-1']],
  ['*1*', ['release-1', 'release-10', 'Release-1', 'team/a.1']],
  ['team/*', ['team/a.1']],
  ['team*', ['team/a.1']],
  ['.*', ['.hidden']],
  [
    '*',
    ['release-1', 'release-2', 'release-10', 'Release-1', 'team/a.1', '.hidden', '{a,b}', '!not', '+(x)'],
  ],
  ['{a,b}', ['{a,b}']],
  ['!not', ['!not']],
  ['+(x)', ['+(x)']],
])('name: %s', async (name, expected) => {
  const all = 'release-1 release-2 release-10 Release-1 team/a.1 .hidden {a,b} !not +(x)'.split(' ')
  fill(
    scene.emulator,
    all.map((nickname, index) => ({ days: 200 + index, name: nickname })),
  )
  const main = await scene.scenario({ name }).main()
  expect(main.exitCode).toBe(0)
  expect(names(main)).toEqual(expected)
})

test('a certificate without a nickname is included in all', async () => {
  fill(scene.emulator, [{ days: 200, name: '' }])
  expect(listedIn(await scene.scenario({ name: '*' }).main())).toHaveLength(1)
  expect((await scene.scenario().main()).summary).toContain('(no nickname)')
})

testWithModes('only its owner can read the report file', async () => {
  fill(scene.emulator, [{ days: 12 }])
  const { outputs } = await scene.scenario().main()
  expect(statSync(outputs['report-file'] ?? '').mode & 0o777).toBe(0o600)
})

test('the report file outlives the step and contains what it listed', async () => {
  fill(scene.emulator, [{ days: 12, name: 'a' }, { days: 100 }, { days: -1 }])
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  const path = main.outputs['report-file'] ?? ''
  const { certificates, ...head } = JSON.parse(readFileSync(path, 'utf8'))
  expect(certificates).toEqual(listedIn(main))
  expect(head).toEqual({
    checked_at: expect.stringMatching(/^\d{4}-.*Z$/),
    count: 3,
    expiring_count: 1,
    expired_count: 1,
    short_lived_count: 0,
    listed_count: 3,
    next_expiry: main.outputs['next-expiry'],
  })
  expect(path.startsWith(scenario.job.temp)).toBe(true)
})

test('summary: false writes no summary', async () => {
  fill(scene.emulator, [{ days: 12 }])
  expect((await scene.scenario({ summary: 'false' }).main()).summary).toBe('')
})

test('of more than ten that need attention, shows the worst ten and a count that GitHub does not cut', async () => {
  fill(
    scene.emulator,
    Array.from({ length: 25 }, (_, index) => ({ days: 40 + index, name: `warned ${index}` })),
  )
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(0)
  const ten = main.annotations.slice(0, 10)
  expect(ten.map(({ message }) => /"(.*?)"/.exec(message)?.[1])).toEqual(
    Array.from({ length: 10 }, (_, index) => `warned ${index}`),
  )
  // GitHub shows ten annotations of each level for a step, and drops the rest.
  const [count, ...rest] = main.annotations.slice(10)
  expect(rest).toEqual([])
  expect(count).toMatchObject({ message: expect.stringMatching(/^15 more/) })
  for (const level of ['error', 'warning', 'notice']) {
    expect(main.annotations.filter(annotation => annotation.level === level).length).toBeLessThanOrEqual(10)
  }
})

test('of many failing ones, the worst is the error that says what to do, and nine more are errors', async () => {
  fill(
    scene.emulator,
    Array.from({ length: 14 }, (_, index) => ({ days: 5 + index, name: `failing ${index}` })),
  )
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  const errors = main.annotations.filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(10)
  expect(errors.filter(({ message }) => message.includes('\nFix: '))).toEqual([
    expect.objectContaining({ message: expect.stringContaining('"failing 0"') }),
  ])
  expect(main.annotations.filter(({ message }) => /^4 more/.test(message))).toHaveLength(1)
})
