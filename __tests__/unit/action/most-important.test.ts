import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mostImportant } from '../../../src/action/most-important.ts'
import { inspected, reportOf, shortLived } from '../../support/inventory.ts'

const some = (days: number[]) => reportOf(days.map(day => inspected(day))).certificates
const idsOf = (certificates: { id: string }[]) => certificates.map(({ id }) => id)

test('keeps all that fit', () => {
  const all = some([-5, 5, 50, 500])
  expect(mostImportant(all, 4)).toEqual(all)
  expect(mostImportant(all, 0)).toEqual([])
})

test('first drops those that expired long ago, then those that expire last', () => {
  const all = some([-300, -2, 5, 50, 500])
  expect(idsOf(mostImportant(all, 4))).toEqual(['id--2', 'id-5', 'id-50', 'id-500'])
  expect(idsOf(mostImportant(all, 3))).toEqual(['id-5', 'id-50', 'id-500'])
  expect(idsOf(mostImportant(all, 2))).toEqual(['id-5', 'id-50'])
  expect(idsOf(mostImportant(all, 1))).toEqual(['id-5'])
})

test('the certificates of a hundred jobs take no place from those whose expiry matters', () => {
  const jobs = Array.from({ length: 100 }, (_, index) => shortLived(index / 200))
  const { certificates } = reportOf([...jobs, ...some([-5, 5, 500])])
  expect(idsOf(mostImportant(certificates, 2))).toEqual(['id-5', 'id-500'])
  const kept = mostImportant(certificates, 12)
  expect(kept.filter(certificate => certificate.shortLived)).toHaveLength(10)
})

test.each([
  ['fine and far', 900, {}],
  ['about to end', 3, {}],
  ['disabled', 900, { enabled: false }],
  ['expired', -900, {}],
])('never drops the one in use: %s', (_name, days, fields) => {
  const inUse = inspected(days, { ...fields, inUse: true, id: 'in use' })
  const { certificates } = reportOf([...some(Array.from({ length: 50 }, (_, index) => index - 10)), inUse])
  for (const limit of [1, 5, 20]) expect(idsOf(mostImportant(certificates, limit))).toContain('in use')
})

test('always keeps within the limit, in the same order, and drops none for a less important one', () => {
  const days = fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 60 })
  fc.assert(
    fc.property(days, fc.nat({ max: 70 }), (list, limit) => {
      const all = some(list)
      const kept = mostImportant(all, limit)
      expect(kept).toHaveLength(Math.min(limit, all.length))
      expect(kept).toEqual(all.filter(certificate => kept.includes(certificate)))
      const cut = all.filter(certificate => !kept.includes(certificate))
      if (cut.some(({ verdict }) => verdict === 'fail')) {
        expect(kept.every(({ verdict }) => verdict === 'fail')).toBe(true)
      }
    }),
  )
})
