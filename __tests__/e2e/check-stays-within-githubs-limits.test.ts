import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { fill, inDays, listedIn } from '../support/inventory.ts'
import type { StepResult } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')
const MIB = 1024 * 1024

/** GitHub counts the summary in bytes and the outputs as UTF-16. */
function expectWithinLimits({ summary, outputs }: StepResult): void {
  expect(Buffer.byteLength(summary)).toBeLessThan(MIB)
  expect(Buffer.byteLength(Object.values(outputs).join(''), 'utf16le')).toBeLessThan(1_000_000)
  const [, diagram = ''] = /```mermaid\n([\s\S]*?)```/.exec(summary) ?? []
  // Mermaid refuses longer ones.
  expect(diagram.length).toBeLessThan(50_000)
}

function reported({ outputs }: StepResult): { name: string; not_after: string }[] {
  return JSON.parse(readFileSync(outputs['report-file'] ?? '', 'utf8')).certificates
}

test('10,000: soonest first, important ones listed, the cut mentioned, and the report complete', async () => {
  fill(
    scene.emulator,
    Array.from({ length: 10_000 }, (_, index) => ({
      // In no order: every 7th entry of the list; a third has expired.
      days: ((index * 7) % 10_000) / 15 - 222,
      name: `service-${index} release signing`,
    })),
  )
  const { base64 } = await storedP12(scene.emulator, { notAfter: inDays(2_000), name: 'the one in use' })
  const main = await scene
    .scenario({ p12: base64, 'p12-password': PASSWORD, 'fail-within': '1d', timeout: '30s' })
    .main()
  expect(main.exitCode).toBe(1)
  expectWithinLimits(main)
  const all = reported(main)
  expect(all).toHaveLength(10_001)
  const listed = listedIn(main)
  expect(listed.length).toBeGreaterThan(500)
  expect(listed.map(({ not_after }) => not_after)).toEqual(listed.map(({ not_after }) => not_after).sort())
  const soonest = listed.filter(({ days_remaining }) => days_remaining >= 0).slice(0, 500)
  expect(soonest.map(({ name }) => name)).toEqual(
    all
      .filter(({ not_after }) => Date.parse(not_after) > Date.now())
      .slice(0, 500)
      .map(({ name }) => name),
  )
  expect(listed).toContainEqual(expect.objectContaining({ name: 'the one in use', in_use: true }))
  // Without the rows and bars, which would fill the screen when this fails.
  const said = main.summary.split('\n').filter(line => !/^\| [⌛🔴🟠🟢]|^ {2}/u.test(line))
  expect(said).toContainEqual(expect.stringMatching(/timeline shows the \d+ that matter most of 10001/))
  expect(said).toContainEqual(expect.stringMatching(/table shows the \d+ that matter most of 10001/))
  expect(said).toContainEqual(expect.stringMatching(/^All of them are in <code>.*\.json<\/code>/))
  expect(main.summary.includes('| the one in use **(in use)** |')).toBe(true)
  expect(main.log).toContain(`contains the ${listed.length} that matter most`)
  expect(main.annotations.length).toBeLessThanOrEqual(11)
  expect(main.milliseconds).toBeLessThan(15_000)
})

test.each([
  ['markup', '<&|>`*_[]()#@!~'.repeat(30)],
  ['emoji', '🔑'.repeat(400)],
  ['three-byte letters', '証明書'.repeat(200)],
])('2,000 with the longest and most costly nicknames: %s', async (_name, nickname) => {
  fill(
    scene.emulator,
    Array.from({ length: 2_000 }, (_, index) => ({ days: index / 10, name: `${index} ${nickname}` })),
  )
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  expectWithinLimits(main)
  expect(listedIn(main)[0]?.name).toMatch(/^0 /)
  expect(reported(main)).toHaveLength(2_000)
})
