import { expect, test } from '@jest/globals'
import { daysRemaining, describeRemaining, validityState } from '../../../src/x509/validity.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000)

test.each([
  [89 * DAY + 23 * HOUR, 89, '89 days'],
  [3 * DAY, 3, '3 days'],
  [2 * DAY + 5 * HOUR, 2, '2 days 5 h'],
  [DAY + HOUR, 1, '1 day 1 h'],
  [DAY, 1, '1 day'],
  [DAY - MINUTE, 0, '23 h 59 min'],
  [2 * HOUR, 0, '2 h'],
  [4 * MINUTE + 59, 0, '4 min'],
  [59, 0, 'less than a minute'],
  [0, 0, 'less than a minute'],
  [-1, -1, 'expired less than a minute ago'],
  [-3 * DAY, -3, 'expired 3 days ago'],
  [-3 * DAY - 1, -4, 'expired 3 days ago'],
  [-90 * MINUTE, -1, 'expired 1 h 30 min ago'],
])('%i seconds left are %i days, in words: %s', (seconds, days, words) => {
  expect(daysRemaining(after(seconds), NOW)).toBe(days)
  expect(describeRemaining(after(seconds), NOW)).toBe(words)
})

test.each([
  [-1, 'expired'],
  [0, 'failing'],
  [30 * DAY - 1, 'failing'],
  [30 * DAY, 'warning'],
  [90 * DAY - 1, 'warning'],
  [90 * DAY, 'fine'],
])('%i seconds before the expiry, the state is %s', (seconds, state) => {
  expect(validityState(after(seconds), NOW, { failWithin: 30 * DAY, warnWithin: 90 * DAY })).toBe(state)
})

test('a threshold of zero fails only an expired certificate', () => {
  const thresholds = { failWithin: 0, warnWithin: 0 }
  expect(validityState(after(1), NOW, thresholds)).toBe('fine')
  expect(validityState(after(0), NOW, thresholds)).toBe('fine')
  expect(validityState(after(-1), NOW, thresholds)).toBe('expired')
})
