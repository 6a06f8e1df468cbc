import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import picomatch from 'picomatch'
import { nameMatcher } from '../../../src/operations/glob.ts'

test.each([
  ['a*', 'a', true],
  ['a*', 'ba', false],
  ['*a*b*', 'xaxbx', true],
  ['*a*b*', 'xbxax', false],
  ['ab*ba', 'aba', false],
  ['ab*ba', 'abba', true],
  ['a?c*', 'abcd', true],
  ['*[ab]*c', 'xbxc', true],
  ['*[!ab]*c', 'abac', false],
  ['*[!ab]*c', 'adac', true],
  ['*[!ab]c*', 'aabc', false],
  ['*\\**', 'a*b', true],
  ['*\\**', 'ab', false],
  ['*[*]*', 'a*b', true],
  ['*[*]*', 'ab', false],
  ['*./a*', 'b./a', true],
  ['*./a*', 'ba', false],
  ['**', '', true],
])('%s and %s: %s', (glob, name, matches) => {
  expect(nameMatcher(glob)(name)).toBe(matches)
})

test('stars have the same meaning as in picomatch', () => {
  const glob = fc.array(fc.constantFrom('*', '?', 'a', 'b', '-', '[ab]', '[!a]'), {
    minLength: 1,
    maxLength: 8,
  })
  const name = fc.array(fc.constantFrom('a', 'b', '-', 'c'), { minLength: 1, maxLength: 8 })
  const reference = { bash: true, dot: true, nobrace: true, noextglob: true, nonegate: true }
  fc.assert(
    fc.property(glob, name, (parts, letters) => {
      const plain = parts.join('').replaceAll('[!', '[^')
      expect(nameMatcher(parts.join(''))(letters.join(''))).toBe(
        picomatch(plain, reference)(letters.join('')),
      )
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(300)],
  ['*-*-*-*-*-*-*-x', '-'.repeat(300)],
  [`${'*?'.repeat(100)}x`, 'a'.repeat(300)],
])('%s takes no time, whatever a server calls its certificates', (glob, name) => {
  const begun = performance.now()
  const matches = nameMatcher(glob)
  for (let count = 0; count < 100; count++) expect(matches(name)).toBe(false)
  expect(performance.now() - begun).toBeLessThan(2_000)
})
