import { expect, test } from '@jest/globals'
import { mapConcurrently } from '../../../src/concurrency.ts'
import { ActionError } from '../../../src/errors.ts'
import { RateLimit, RateLimited } from '../../../src/github/rate-limit.ts'
import { type FakeClock, fakePorts } from '../../support/ports.ts'

const REASON = new ActionError('RATE_LIMITED', { what: 'Too many.', why: 'Because.', fix: 'Later.' })
const SECOND = 1_000

/** A clock for several concurrent waits: time advances to the next of them when nothing else can be done. */
function sharedClock(): { clock: FakeClock; start: number } {
  const start = Date.parse('2026-06-01T12:00:00Z')
  let now = start
  const waits: number[] = []
  const sleepers: { until: number; wake(): void }[] = []
  const next = () => {
    sleepers.sort((a, b) => a.until - b.until)
    const first = sleepers.shift()
    if (first === undefined) return
    now = Math.max(now, first.until)
    first.wake()
  }
  const clock = {
    waits,
    now: () => new Date(now),
    advance: (ms: number) => {
      now += ms
    },
    sleep: (ms: number) =>
      new Promise<void>(resolve => {
        waits.push(ms)
        sleepers.push({ until: now + ms, wake: resolve })
        setImmediate(next)
      }),
  }
  return { clock, start }
}

/** A GitHub that accepts `most` writes and then refuses for `seconds`; a write takes a second. */
function github(clock: FakeClock, most: number, seconds: number) {
  const seen = { written: 0, refused: 0 }
  let opensAt = 0
  const write = async () => {
    clock.advance(SECOND)
    if (clock.now().getTime() < opensAt) {
      seen.refused++
      throw new RateLimited(REASON, seconds * SECOND)
    }
    seen.written++
    if (seen.written % most === 0) opensAt = clock.now().getTime() + seconds * SECOND
  }
  return { seen, write }
}

test('five hundred writes pass a limit that closes for a minute after every fifty', async () => {
  const { clock, start } = sharedClock()
  const limit = new RateLimit(800 * SECOND, { ...fakePorts(), clock })
  const { seen, write } = github(clock, 50, 60)
  const targets = Array.from({ length: 500 }, (_, index) => `octo-org/r${index}`)
  await mapConcurrently(targets, 10, target =>
    limit.within(target, async () => {
      await limit.pause()
      await write()
    }),
  )
  expect(seen.written).toBe(500)
  // Ten are in flight at once; later ones make no request while the limit is in force.
  expect(seen.refused).toBeLessThanOrEqual(9 * 10)
  expect(clock.now().getTime() - start).toBeLessThan((500 + 9 * 90) * SECOND)
})

test('a request that comes during a limit waits until it is over', async () => {
  const { clock, start } = sharedClock()
  const limit = new RateLimit(300 * SECOND, { ...fakePorts(), clock })
  let attempts = 0
  const first = limit.within('a/a', async () => {
    if (attempts++ === 0) throw new RateLimited(REASON, 60 * SECOND)
  })
  await new Promise(setImmediate)
  await limit.pause()
  expect(clock.now().getTime() - start).toBeGreaterThanOrEqual(60 * SECOND)
  await first
  expect(attempts).toBe(2)
})

test('when the limit lasts, the rest is skipped at once, without a request', async () => {
  const { clock, start } = sharedClock()
  const ports = { ...fakePorts(), clock }
  const limit = new RateLimit(150 * SECOND, ports)
  let asked = 0
  const refused = async () => {
    asked++
    throw new RateLimited(REASON, 60 * SECOND)
  }
  const problems = await mapConcurrently(['a/a', 'a/b'], 1, target =>
    limit.within(target, refused).catch((error: ActionError) => error),
  )
  expect(asked).toBe(3)
  expect(problems).toMatchObject([
    {
      code: 'RATE_LIMITED',
      message: expect.stringContaining('asked to wait 1m before a retry, which is longer than this run'),
    },
    { code: 'RATE_LIMITED', message: expect.stringContaining('Skipped a/b: ') },
  ])
  expect(clock.now().getTime() - start).toBeLessThanOrEqual(150 * SECOND)
  expect(ports.log.of('info')).toHaveLength(2)
})

test('retries a limit that requests no wait ever more slowly, but not forever', async () => {
  const ports = fakePorts()
  const limit = new RateLimit(300 * SECOND, ports)
  const request = limit.within('a/a', async () => {
    throw new RateLimited(REASON, 0)
  })
  await expect(request).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  expect(ports.clock.waits.length).toBeLessThan(12)
  expect(ports.clock.waits.at(-1)).toBeGreaterThanOrEqual(60 * SECOND)
})

test('throws anything else unchanged', async () => {
  const error = new Error('no')
  const request = new RateLimit(SECOND, fakePorts()).within('a/a', async () => {
    throw error
  })
  await expect(request).rejects.toBe(error)
})
