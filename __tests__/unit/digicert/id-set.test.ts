import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { IdSet } from '../../../src/digicert/id-set.ts'

test('contains what a Set contains', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), ids => {
      const [known, expected] = [new IdSet(), new Set<string>()]
      for (const id of ids) {
        expect(known.has(id)).toBe(expected.has(id))
        expect(known.add(id)).toBe(!expected.has(id))
        expected.add(id)
      }
      expect(known.size).toBe(expected.size)
    }),
  )
})

test('tells half a million similar ids apart', () => {
  const known = new IdSet()
  for (let count = 0; count < 500_000; count++) known.add(`history-${count}`)
  expect(known.size).toBe(500_000)
  for (let count = 0; count < 500_000; count += 999) expect(known.add(`history-${count}`)).toBe(false)
  expect(known.has('history-500000')).toBe(false)
})

test('adds another set', () => {
  const [all, more] = [new IdSet(), new IdSet()]
  for (let count = 0; count < 3_000; count++) more.add(String(count))
  all.absorb(more)
  const last = new IdSet()
  for (let count = 2_000; count < 6_000; count++) last.add(String(count))
  all.absorb(last)
  expect(all.size).toBe(6_000)
  for (let count = 0; count < 6_000; count++) expect(all.has(String(count))).toBe(true)
})
