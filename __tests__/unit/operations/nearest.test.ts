import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { closest, nearest } from '../../../src/operations/nearest.ts'

test('the one with the fewest changes first, ignoring case; each once, and none without a name', () => {
  const names = ['rotation', 'RELEASE', '', 'release-1', 'releas', 'releas']
  expect(nearest('relese', names, 3)).toEqual(['RELEASE', 'releas', 'release-1'])
})

test.each([
  ['kitten', 'sitting', 'kitchen sink'],
  ['flaw', 'lawn', 'flower-pot'],
])('%s is nearer to %s than to %s', (wanted, near, far) => {
  expect(nearest(wanted, [far, near], 2)).toEqual([near, far])
})

test('an exact match comes first, whatever else there is', () => {
  const names = fc.array(fc.string({ minLength: 1, maxLength: 59 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(names, fc.nat(), fc.nat({ max: 25 }), (list, at, limit) => {
      const wanted = list[at % list.length] ?? ''
      const found = nearest(wanted, list, limit)
      expect(found).toHaveLength(Math.min(limit, new Set(list).size))
      if (limit > 0) expect(found[0]?.toLowerCase()).toBe(wanted.toLowerCase())
    }),
  )
})

test.each([
  ['SIGN_SM_HAHS', 'SIGN_SM_HASH'],
  ['sign-sm-hash', 'SIGN_SM_HASH'],
  ['SIGN_SM', undefined],
  ['MANAGE_KEYS', undefined],
])('%s was meant for %s', (wanted, found) => {
  expect(closest(wanted, ['VIEW_SM_KEYPAIR', 'SIGN_SM_HASH', ''])).toBe(found)
  expect(closest(wanted, [])).toBeUndefined()
})
