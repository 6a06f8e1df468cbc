import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ActionError } from '../../../src/errors.ts'
import {
  Again,
  askedWait,
  Budget,
  jitter,
  parseRetryAfter,
  timeBudget,
  withRetries,
} from '../../../src/net/retry.ts'
import { constantRandom, fakePorts } from '../../support/ports.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const REASON = new ActionError('SERVER_ERROR', { what: 'It is down.', why: 'Because.', fix: 'Wait.' })

const policy = (retries: number, { clock }: ReturnType<typeof fakePorts>) => ({
  retries,
  budget: new Budget(60_000, clock),
})

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
  ['2592000', 2_592_000_000],
  ['2592001', undefined],
  ['1000000000000', undefined],
  ['9'.repeat(400), undefined],
  ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Mon, 32 Jun 2026 12:00:30 GMT', undefined],
  [undefined, undefined],
  [['1', '2'], undefined],
])('Retry-After %j is %s ms', (header, ms) => {
  expect(parseRetryAfter(header, NOW)).toBe(ms)
})

test.each([
  ['the clock of the server', 'Mon, 01 Jun 2026 12:07:00 GMT'],
  ['the clock of the runner, when the server does not tell', undefined],
])('a date in Retry-After is by %s', (_whose, date) => {
  const there = date ?? NOW.toUTCString()
  const headers = { date, 'retry-after': new Date(Date.parse(there) + 5_000).toUTCString() }
  expect(askedWait(headers, NOW)).toBe(5_000)
})

test('an immediate success waits for nothing', async () => {
  const ports = fakePorts()
  expect(await withRetries(policy(4, ports), ports, async () => 'done')).toBe('done')
  expect(ports.clock.waits).toEqual([])
})

test('tries once more than there are retries, and throws the last error', async () => {
  const ports = fakePorts()
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    throw new Again(REASON)
  }
  await expect(withRetries(policy(3, ports), ports, attempt)).rejects.toBe(REASON)
  expect(attempts).toBe(4)
  expect(ports.clock.waits).toHaveLength(3)
  expect(ports.log.of('info')).toHaveLength(3)
  expect(ports.log.of('info')[0]).toMatch(/^It is down\. Retrying in \d\.\d s \(retry 1 of 3\)\.$/)
})

test('throws what is not worth retrying at once', async () => {
  const ports = fakePorts()
  const error = new Error('no')
  const attempt = async () => {
    throw error
  }
  await expect(withRetries(policy(3, ports), ports, attempt)).rejects.toBe(error)
  expect(ports.clock.waits).toEqual([])
})

test('waits at least as long as the server says, plus jitter, so that parallel jobs do not come back together', async () => {
  const ports = { ...fakePorts(), random: constantRandom(0xff) }
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    if (attempts === 1) throw new Again(REASON, 1_234)
  }
  await withRetries(policy(1, ports), ports, attempt)
  expect(ports.clock.waits).toEqual([1_734])
  expect(ports.log.of('info')[0]).toContain('Retrying in 1.7 s (retry 1 of 1; the server asked for 1.2 s).')
})

test('a wait longer than the time left stops with an error that says so', async () => {
  const ports = fakePorts()
  const attempt = async () => {
    throw new Again(REASON, 60_001)
  }
  await expect(withRetries(policy(9, ports), ports, attempt)).rejects.toMatchObject({
    code: 'SERVER_ERROR',
    message: expect.stringContaining('asked to wait 1m1s before a retry, which is longer'),
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
  await expect(withRetries(policy(9, ports), ports, attempt)).rejects.toMatchObject({
    code: 'SERVER_ERROR',
    message: 'It is down. The time allowed for retries is used up.',
    fix: expect.stringContaining("raise 'timeout' or 'retries'"),
  })
  // The first attempt is free, and so is the time of the last beyond the budget.
  expect(attempts).toBe(3)
})

test('all requests of a step share one budget, and success costs nothing', async () => {
  const ports = fakePorts()
  const shared = policy(9, ports)
  const failingOnce = (ms: number) => {
    let attempts = 0
    return async () => {
      ports.clock.advance(20_000)
      if (attempts++ === 0) throw new Again(REASON, ms)
    }
  }
  await withRetries(shared, ports, failingOnce(30_000))
  expect(shared.budget.leftMs).toBeLessThanOrEqual(10_000)
  await withRetries(shared, ports, async () => ports.clock.advance(500_000))
  await expect(withRetries(shared, ports, failingOnce(30_000))).rejects.toThrow('longer than this step waits')
  shared.budget.renew()
  await withRetries(shared, ports, failingOnce(30_000))
})

test('requests that wait at the same time pay for that time once', () => {
  const { clock } = fakePorts()
  const budget = new Budget(60_000, clock)
  budget.begin()
  clock.advance(10_000)
  budget.begin()
  clock.advance(10_000)
  budget.end()
  clock.advance(10_000)
  budget.end()
  clock.advance(90_000)
  expect(budget.leftMs).toBe(30_000)
})

test('a clock that is set back does not extend the budget beyond its total', () => {
  const { clock } = fakePorts()
  const budget = new Budget(60_000, clock)
  budget.begin()
  clock.advance(-3_600_000)
  expect(budget.leftMs).toBe(60_000)
  budget.end()
  expect(budget.leftMs).toBe(60_000)
})

test.each([
  [0, 500],
  [1, 1_000],
  [3, 4_000],
  [20, 20_000],
])('before attempt %i, waits at most %i ms and at least 0', (count, bound) => {
  expect(jitter(count, constantRandom(0xff))).toBe(bound)
  expect(jitter(count, constantRandom(0))).toBe(0)
})

test('allows a minute for quick requests, and the time of all retries for slow ones', () => {
  expect(timeBudget(5_000, 2)).toBe(60_000)
  expect(timeBudget(30_000, 4)).toBe(120_000)
})

const request = fc.array(
  fc.record({
    takes: fc.double({ min: 0, max: 1, noNaN: true }),
    asks: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
)
const step = fc.array(request, { minLength: 1, maxLength: 6 })

test('a step of n requests takes at most (n + 1) timeouts and the budget, whatever fails for however long', async () => {
  const property = fc.asyncProperty(
    step,
    fc.integer({ min: 1_000, max: 90_000 }),
    fc.nat(9),
    async (requests, timeoutMs, retries) => {
      const ports = { ...fakePorts(), random: constantRandom(0xff) }
      const started = ports.clock.now().getTime()
      const bounds = { retries, budget: new Budget(timeBudget(timeoutMs, retries), ports.clock) }
      let asked = 0
      try {
        for (const attempts of requests) {
          asked++
          const left = [...attempts]
          await withRetries(bounds, ports, async () => {
            const attempt = left.shift()
            if (attempt === undefined) return
            ports.clock.advance(attempt.takes * timeoutMs)
            throw new Again(REASON, attempt.asks)
          })
        }
      } catch (error) {
        expect(error).toBeInstanceOf(ActionError)
      }
      const took = ports.clock.now().getTime() - started
      expect(took).toBeLessThanOrEqual((asked + 1) * timeoutMs + timeBudget(timeoutMs, retries))
    },
  )
  await fc.assert(property, { seed: 5, numRuns: 500 })
})
