import { expect, test } from '@jest/globals'
import { holdMatrix } from '../support/faults/claims.ts'

const cells = holdMatrix(['rotate', 'rotate with publish: outputs'])

test('writes nothing to GitHub when a fault came before the new P12 was verified', () => {
  const order = ['listCertificates1', 'find1', 'verify1', 'proveWritable1', 'requestCertificate1', 'verify2']
  const early = cells().filter(
    ({ operation, step, lasting }) =>
      operation.name === 'rotate' &&
      order.includes(step.method + step.occurrence) &&
      lasting.outcome !== 'ok',
  )
  expect(early).not.toEqual([])
  for (const { lasting } of early) expect(lasting.left).toContain('old')
})

test('a run that fails hands nothing over: the old one works, and another run hands over a new one', () => {
  const handOver = cells().filter(({ operation }) => operation.name === 'rotate with publish: outputs')
  const failed = handOver
    .flatMap(({ once, lasting }) => [once, lasting])
    .filter(result => result?.outcome !== 'ok')
  expect(failed.length).toBeGreaterThan(50)
  for (const result of failed) {
    if (result === undefined) continue
    expect(result.left).toContain('old')
    expect(result.afterwards).toMatch(/^old \+ [12] new$/)
  }
})
