import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatDuration, parseDuration } from '../../src/duration.ts'

test.each([
  ['90d', 7_776_000],
  ['12h', 43_200],
  ['30m', 1_800],
  ['45s', 45],
  ['1d12h', 129_600],
  [' 1D 12H ', 129_600],
  ['0d', 0],
  ['1d1h1m1s', 90_061],
])('%j is %i seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test.each([
  '',
  '   ',
  '90',
  'd',
  '-1d',
  '1.5h',
  '12h1d',
  '1d1d',
  '1w',
  '1 day',
  'P1D',
  '1d,12h',
  '٣d',
  '1e3s',
])('%j is not a duration', text => {
  expect(parseDuration(text)).toBeUndefined()
})

test('reads back what it writes', () => {
  fc.assert(
    fc.property(fc.nat({ max: 400 * 86_400 }), seconds => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds)
    }),
  )
})

test('any text is a valid duration or not, and never NaN', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\d dhmsDHMS.-]*$/), text => {
      const seconds = parseDuration(text)
      expect(seconds === undefined || (Number.isSafeInteger(seconds) && seconds >= 0)).toBe(true)
    }),
  )
})
