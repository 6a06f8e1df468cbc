import { expect, test } from '@jest/globals'
import { Again, jitter, parseRetryAfter, timeBudget, withRetries } from '../../../src/digicert/retry.ts'
import { ActionError } from '../../../src/errors.ts'
import { constantRandom, fakePorts } from '../../support/ports.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const REASON = new ActionError('SERVER_ERROR', { what: 'It is down.', why: 'Because.', fix: 'Wait.' })

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['Mon, 01 Jun 2026 12:00:30 GMT', 30_000],
  ['Monday, 01-Jun-26 12:00:30 GMT', 30_000],
  ['Mon Jun  1 12:00:30 2026 GMT', 30_000],
  ['Mon, 01 Jun 2026 11:00:00 GMT', 0],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['', undefined],
  ['99999999999', undefined],
  [undefined, undefined],
  [['1', '2'], undefined],
])('Retry-After %j is %s ms', (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms)
})

test('a first success waits for nothing', async () => {
  const ports = fakePorts()
  expect(await withRetries({ retries: 4, budgetMs: 60_000 }, ports, async () => 'done')).toBe('done')
  expect(ports.clock.waits).toEqual([])
})

test('it is tried once more than there are retries, and the last reason is what is thrown', async () => {
  const ports = fakePorts()
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    throw new Again(REASON)
  }
  await expect(withRetries({ retries: 3, budgetMs: 60_000 }, ports, attempt)).rejects.toBe(REASON)
  expect(attempts).toBe(4)
  expect(ports.clock.waits).toHaveLength(3)
  expect(ports.log.of('info')).toHaveLength(3)
  expect(ports.log.of('info')[0]).toMatch(/^It is down\. Trying again in \d\.\d s \(1 of 3\)\.$/)
})

test('what is not worth repeating is thrown at once', async () => {
  const ports = fakePorts()
  const error = new Error('no')
  const attempt = async () => {
    throw error
  }
  await expect(withRetries({ retries: 3, budgetMs: 60_000 }, ports, attempt)).rejects.toBe(error)
  expect(ports.clock.waits).toEqual([])
})

test('the server says how long to wait', async () => {
  const ports = fakePorts()
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    if (attempts === 1) throw new Again(REASON, 1_234)
  }
  await withRetries({ retries: 1, budgetMs: 60_000 }, ports, attempt)
  expect(ports.clock.waits).toEqual([1_234])
})

test('a wait longer than the time there is ends in words that say so', async () => {
  const ports = fakePorts()
  const attempt = async () => {
    throw new Again(REASON, 60_001)
  }
  await expect(withRetries({ retries: 9, budgetMs: 60_000 }, ports, attempt)).rejects.toMatchObject({
    code: 'SERVER_ERROR',
    message: expect.stringContaining('after 1m1s, which is longer'),
    fix: 'Wait. Run the job again after that time.',
  })
  expect(ports.clock.waits).toEqual([])
})

test('attempts that take all the time leave no wait', async () => {
  const ports = fakePorts()
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    ports.clock.advance(40_000)
    throw new Again(REASON, 1)
  }
  await expect(withRetries({ retries: 9, budgetMs: 60_000 }, ports, attempt)).rejects.toMatchObject({
    code: 'SERVER_ERROR',
  })
  expect(attempts).toBe(2)
})

test.each([
  [0, 500],
  [1, 1_000],
  [3, 4_000],
  [20, 20_000],
])('before attempt %i it waits at most %i ms, and at least nothing', (count, bound) => {
  expect(jitter(count, constantRandom(0xff))).toBe(bound)
  expect(jitter(count, constantRandom(0))).toBe(0)
})

test('there is a minute for quick requests, and the time of all attempts for slow ones', () => {
  expect(timeBudget(5_000, 2)).toBe(60_000)
  expect(timeBudget(30_000, 4)).toBe(150_000)
})
