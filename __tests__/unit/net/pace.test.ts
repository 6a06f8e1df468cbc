import { expect, test } from '@jest/globals'
import { ActionError } from '../../../src/errors.ts'
import { Pace } from '../../../src/net/pace.ts'
import { Again, Budget, withRetries } from '../../../src/net/retry.ts'
import { fakeClock, fakeLog, fakeRandom } from '../../support/ports.ts'

const LIMITS = [
  { requests: 3, ms: 1_000 },
  { requests: 5, ms: 10_000 },
]

/** When each of this many requests was sent, in seconds. */
async function times(count: number, limits = LIMITS): Promise<number[]> {
  const clock = fakeClock()
  const begun = clock.now().getTime()
  const pace = new Pace(limits, clock)
  const sent: number[] = []
  for (let index = 0; index < count; index++)
    await pace.inTurn(async () => void sent.push((clock.now().getTime() - begun) / 1000))
  return sent
}

test('no window of any limit has more requests than it allows', async () => {
  expect(await times(12)).toEqual([0, 0, 0, 1, 1, 10, 10, 10, 11, 11, 20, 20])
})

test('one request at a time keeps its distance', async () => {
  expect(await times(3, [{ requests: 1, ms: 2_000 }])).toEqual([0, 2, 4])
})

test('when the server makes one wait, all wait', async () => {
  const clock = fakeClock()
  const pace = new Pace(LIMITS, clock)
  pace.hold(7_000)
  pace.hold(2_000)
  await pace.inTurn(async () => undefined)
  expect(clock.waits).toEqual([7_000])
})

test('a clock that is set back makes none wait longer', async () => {
  const clock = fakeClock()
  const pace = new Pace([{ requests: 1, ms: 1_000 }], clock)
  await pace.inTurn(async () => undefined)
  pace.hold(5_000)
  clock.advance(-3_600_000)
  await pace.inTurn(async () => undefined)
  expect(clock.waits).toEqual([5_000])
})

const limited = new ActionError('RATE_LIMITED', { what: '429.', why: 'Too many.', fix: 'Wait.' })

async function repeatedUntil(attempts: number, othersGetThrough: boolean): Promise<number> {
  const clock = fakeClock()
  const pace = new Pace([{ requests: 1_000, ms: 1_000 }], clock)
  const policy = { retries: 2, budget: new Budget(60_000, clock), pace }
  const ports = { clock, random: fakeRandom(), log: fakeLog() }
  let made = 0
  await withRetries(policy, ports, async () => {
    made++
    if (othersGetThrough) await pace.inTurn(async () => undefined)
    if (made < attempts) throw new Again(limited, 1_000)
  })
  return made
}

test('a request refused for being one too many while others get through uses up no attempt', async () => {
  expect(await repeatedUntil(20, true)).toBe(20)
})

test('a request refused while none gets through uses up an attempt', async () => {
  await expect(repeatedUntil(20, false)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
})

test('one that waits for the server delays the others by as much', async () => {
  const clock = fakeClock()
  const pace = new Pace(LIMITS, clock)
  const policy = { retries: 2, budget: new Budget(60_000, clock), pace }
  const ports = { clock: { ...clock, sleep: async () => undefined }, random: fakeRandom(), log: fakeLog() }
  let failed = false
  await withRetries(policy, ports, async () => {
    if (failed) return
    failed = true
    throw new Again(limited, 9_000)
  }).catch(() => undefined)
  expect(clock.waits).toEqual([9_000])
})
