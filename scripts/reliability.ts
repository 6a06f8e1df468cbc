// Writes the tables of __tests__/reliability.md from what the fault matrix finds: `npm run reliability [operation …]`.
import { readFileSync, writeFileSync } from 'node:fs'
import { runMatrix } from '../__tests__/support/faults/matrix.ts'
import { OPERATIONS } from '../__tests__/support/faults/operations.ts'
import { renderOperation, renderWords, replacePart, WORDS } from '../__tests__/support/faults/page.ts'

const PAGE = new URL('../__tests__/reliability.md', import.meta.url)

const wanted = process.argv.slice(2)
const operations = OPERATIONS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const cells = await runMatrix(operations)
const violations = cells.flatMap(({ operation, step, fault, once, lasting }) =>
  [...(once?.violations ?? []), ...lasting.violations].map(
    violation => `${operation.name}, ${step.label}, ${fault.name}: ${violation}`,
  ),
)
for (const violation of violations) console.error(violation)

let page = readFileSync(PAGE, 'utf8')
for (const operation of operations)
  page = replacePart(
    page,
    operation.name,
    renderOperation(cells.filter(cell => cell.operation === operation)),
  )
for (const { part, operation, server } of WORDS) {
  const first = cells.find(cell => cell.operation.name === operation && cell.step.server === server)
  if (first === undefined) continue
  const same = cells.filter(cell => cell.operation.name === operation && cell.step === first.step)
  page = replacePart(page, part, renderWords(same))
}
writeFileSync(PAGE, page)
console.log(`${cells.length} faults at ${new Set(cells.map(({ step }) => step)).size} requests`)
process.exit(violations.length === 0 ? 0 : 1)
