// The claims that both halves of the fault matrix check; two files, so that two workers share the time.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { ROOT } from '../runner.ts'
import { type Cell, runMatrix } from './matrix.ts'
import { OPERATIONS } from './operations.ts'
import { renderOperation, renderWords, replacePart, WORDS } from './page.ts'

export function holdMatrix(names: readonly string[]): () => readonly Cell[] {
  const operations = OPERATIONS.filter(({ name }) => names.includes(name))
  const page = readFileSync(`${ROOT}__tests__/reliability.md`, 'utf8')
  let cells: readonly Cell[] = []
  const of = (name: string) => cells.filter(({ operation }) => operation.name === name)
  beforeAll(async () => {
    cells = await runMatrix(operations)
  }, 900_000)

  describe.each(operations)('$name', ({ name }) => {
    test('each run is over within its time, and each failure is explained', () => {
      const violations = of(name).flatMap(({ step, fault, once, lasting }) =>
        [...(once?.violations ?? []), ...lasting.violations].map(
          found => `${step.label}, ${fault.name}: ${found}`,
        ),
      )
      expect(of(name)).not.toEqual([])
      expect(violations).toEqual([])
    })

    test('retries nothing after 400, 401, 403 or 404', () => {
      const refused = of(name).filter(({ fault }) => /^40[0134]$/.test(fault.name))
      expect(refused).not.toEqual([])
      const repeated = refused.filter(({ once, lasting }) => (once?.repeats ?? 0) + lasting.repeats > 0)
      expect(repeated.map(({ step, fault }) => `${step.label}, ${fault.name}`)).toEqual([])
    })

    test('the table in reliability.md is what happened (`npm run reliability` writes it)', () => {
      expect(page).toBe(replacePart(page, name, renderOperation(of(name))))
    })

    const words = WORDS.filter(({ operation }) => operation === name)
    // Not every operation has messages, and test.each rejects an empty table.
    for (const { part, server } of words) {
      test(`so are the ${part}`, () => {
        const [first] = of(name).filter(({ step }) => step.server === server)
        const same = of(name).filter(({ step }) => step === first?.step)
        expect(page).toBe(replacePart(page, part, renderWords(same)))
      })
    }
  })
  return () => cells
}
