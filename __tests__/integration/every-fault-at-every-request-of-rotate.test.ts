import { expect, test } from '@jest/globals'
import { holdMatrix } from '../support/faults/claims.ts'

const cells = holdMatrix(['rotate'])

test('nothing is written to GitHub when a fault came before the new P12 was proven', () => {
  const order = ['listCertificates1', 'find1', 'verify1', 'proveWritable1', 'requestCertificate1', 'verify2']
  const early = cells().filter(
    ({ step, lasting }) => order.includes(step.method + step.occurrence) && lasting.outcome !== 'ok',
  )
  expect(early).not.toEqual([])
  for (const { lasting } of early) expect(lasting.left).toContain('old')
})
