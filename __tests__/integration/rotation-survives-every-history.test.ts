// Random months in the life of a secret, different each time: `ROTATION_SEED=… npm test -- rotation-survives` repeats those
// of a run that printed this seed, and `ROTATION_HISTORIES=2000` makes a long run.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DAY } from '../../emulator/index.ts'
import { call } from '../support/emulator-client.ts'
import {
  type Death,
  GRACE,
  ONE_FEEDS,
  OWN,
  type Run,
  type Setting,
  STORE,
  TARGETS,
  World,
} from '../support/rotation-model.ts'
import { PASSWORD } from '../support/stored.ts'

const HISTORIES = Number(process.env.ROTATION_HISTORIES ?? 60)
const SEED = Number(process.env.ROTATION_SEED ?? randomInt(2 ** 31))
const HOUR = 3_600_000

type Event =
  | { kind: 'run'; force: boolean }
  | { kind: 'die'; force: boolean; death: Death }
  | { kind: 'pair'; order: boolean[]; force: boolean; death: Death | undefined }
  | { kind: 'pass'; hours: number }
  | { kind: 'break'; target: number }
  | { kind: 'repair' | 'disable-current' | 'disable-old' | 'forget' }
  | { kind: 'slow'; hours: number }
  | { kind: 'stranger'; alike: boolean }

const MINUTE = 60_000
const skew = fc.constantFrom(0, -2 * HOUR, -10 * MINUTE, 10 * MINUTE, 2 * HOUR)
const setting: fc.Arbitrary<Setting> = fc.record({
  daysLeft: fc.constantFrom(200, 25),
  targets: fc.constantFrom(...TARGETS),
  start: fc.constantFrom({}, { roundStartDates: true }, { backdateStart: HOUR }),
  digicertAhead: skew,
  githubAhead: skew,
  delay: fc.constantFrom(0, 5_000),
})
const death = fc.record({
  at: fc.integer({ min: 1, max: 24 }),
  when: fc.constantFrom('before' as const, 'after' as const),
})
const force = fc.boolean()
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), force }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('die' as const), force, death }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pair' as const),
      order: fc.array(fc.boolean(), { minLength: 5, maxLength: 40 }),
      force,
      death: fc.option(death, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      hours: fc.constantFrom(-0.5, 1, 24, 80, 192),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('break' as const), target: fc.nat({ max: 2 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('repair' as const, 'disable-current' as const, 'disable-old' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stranger' as const), alike: fc.boolean() }) },
)

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.close())

async function finish(run: Run): Promise<void> {
  while (!run.over) await run.grant()
}

/** Two runs at once: which continues is chosen until one is finished. */
async function interleave(one: Run, other: Run, order: boolean[]): Promise<void> {
  for (const first of order) {
    const [next, second] = first ? [one, other] : [other, one]
    await (next.over ? second : next).grant()
  }
  await finish(one)
  await finish(other)
}

async function happen(what: Event): Promise<void> {
  switch (what.kind) {
    case 'run':
    case 'die':
      return await finish(world.run(what))
    case 'pair': {
      const { force, death } = what
      world.unsettled = true
      const other = world.run(death === undefined ? { force } : { force, death })
      return await interleave(world.run({ force }), other, what.order)
    }
    case 'pass':
      if (await lastsFor(what.hours)) world.pass(what.hours * HOUR)
      return
    case 'break':
      return world.breakTarget(what.target)
    case 'repair':
      return world.repair()
    case 'forget':
      return await world.forget()
    case 'slow':
      world.store.delay = what.hours * HOUR
      return
    case 'stranger':
      return meetStranger(what.alike)
    default:
      return await disableByHand(what.kind)
  }
}

/** Nobody lets a secret expire by not running the rotation at all: that is not tested here. */
async function lastsFor(hours: number): Promise<boolean> {
  const ends = await Promise.all(
    world.targets.map(async target => (await world.held(target)).endDate.getTime()),
  )
  return Math.min(...ends) > world.now.getTime() + hours * HOUR + 2 * DAY
}

function meetStranger(alike: boolean): void {
  const name = alike
    ? `model-replaces-${world.strangers.size}ABCDEF-abcdef`
    : `stranger ${world.strangers.size}`
  const startDate = new Date(world.now.getTime() - 50 * DAY)
  const [record] = world.digicert.seed(1, () => ({
    name,
    startDate,
    endDate: new Date(startDate.getTime() + 300 * DAY),
  }))
  if (record !== undefined) world.strangers.set(record.id, record.enabled)
}

/** An old one is one that no target contains: disabling another would break that target. */
async function disableByHand(which: 'disable-current' | 'disable-old'): Promise<void> {
  const held = await Promise.all(world.targets.map(target => world.held(target)))
  const current = await world.held(world.source)
  const chosen =
    which === 'disable-current' ? current : world.managed().find(record => !held.includes(record))
  if (chosen === undefined) return
  chosen.enabled = false
  world.byHand.add(chosen.id)
}

async function expectEveryTargetWorks(): Promise<void> {
  for (const target of world.targets) {
    const { id, name, enabled, endDate } = await world.held(target)
    const works = (enabled || world.byHand.has(id)) && endDate > world.now
    expect({ target, name, works }).toEqual({ target, name, works: true })
    world.lastSeen.set(id, world.now.getTime())
  }
  expectGracePeriod()
  for (const { id, name, enabled } of world.digicert.certificates) {
    if (world.strangers.has(id)) expect({ name, enabled }).toEqual({ name, enabled: world.strangers.get(id) })
  }
}

/**
 * A job may use what a target contained when it started. The grace period must be longer than clock differences and the
 * store's delay; overlapping runs and a store that forgets may cut it short.
 */
function expectGracePeriod(): void {
  if (world.unsettled) return
  const grace = GRACE - 6 * HOUR - world.store.slowest
  for (const { id, name, enabled, endDate } of world.digicert.certificates) {
    const unused = world.now.getTime() - (world.lastSeen.get(id) ?? 0)
    const usable = endDate > world.now
    if (enabled || !usable || world.byHand.has(id) || unused >= grace) continue
    throw new Error(`"${name}" was disabled ${unused / HOUR} hours after a target contained it`)
  }
}

async function expectOneCertificateEverywhere(): Promise<void> {
  const [only, ...others] = world.managed()
  expect(others.map(({ name }) => name)).toEqual([])
  for (const target of world.targets)
    expect({ target, id: (await world.held(target)).id }).toEqual({ target, id: only?.id })
  const pfx = Buffer.from(world.value(world.source), 'base64')
  const answer = await call(world.digicert, { host: 'clientauth', tls: { pfx, passphrase: PASSWORD } })
  expect(answer.status).toBe(200)
}

/** Whatever has happened: nobody interferes from now on, and GitHub accepts every write. */
async function expectThreeQuietRunsToSettle(): Promise<void> {
  world.repair()
  for (const days of [0, 8, 8]) {
    world.pass(days * DAY)
    await expectEveryTargetWorks()
    await expectQuietRun()
    await expectNothingDead()
  }
  await expectOneCertificateEverywhere()
}

/** What somebody disabled by hand is out of every target after one undisturbed run. */
async function expectNothingDead(): Promise<void> {
  for (const target of world.targets) {
    const { name, enabled } = await world.held(target)
    expect({ target, name, enabled }).toEqual({ target, name, enabled: true })
  }
}

async function expectQuietRun(): Promise<void> {
  const run = world.run()
  await finish(run)
  expect(run.outcome).not.toBeInstanceOf(Error)
  await expectEveryTargetWorks()
}

async function expectToSurvive(settings: fc.Arbitrary<Setting>, events: fc.Arbitrary<Event>): Promise<void> {
  process.stderr.write(`ROTATION_SEED=${SEED}\n`)
  Object.assign(world.counts, { runs: 0, deaths: 0, requests: 0 })
  let histories = 0
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(events, { minLength: 1, maxLength: 12 }),
      async (setting, history) => {
        histories++
        await world.begin(setting)
        for (const what of history) {
          await happen(what)
          await expectEveryTargetWorks()
        }
        await expectThreeQuietRunsToSettle()
      },
    ),
    { numRuns: HISTORIES, seed: SEED, endOnFailure: false },
  )
  const { runs, deaths, requests } = world.counts
  process.stderr.write(
    `${histories} histories: ${runs} runs, ${deaths} of them to die, ${requests} requests\n`,
  )
}

const PATIENCE = 10_000 * (HISTORIES + 60)

test(
  `${HISTORIES} histories: what targets contain always works, and three quiet runs leave one certificate`,
  () => expectToSurvive(setting, event),
  PATIENCE,
)

/** Late by less than the grace period, which is all that `grace` can cover. */
const mishap: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('slow' as const), hours: fc.constantFrom(0, 1, 30, 100) }),
  },
)
test(
  `${HISTORIES} histories of a store that fails, forgets and is slow: what it returns works, and three quiet runs leave one certificate`,
  () =>
    expectToSurvive(
      setting.map(one => ({ ...one, targets: [STORE] })),
      fc.oneof({ weight: 4, arbitrary: event }, { weight: 1, arbitrary: mishap }),
    ),
  PATIENCE,
)

describe('histories that once left a target with a dead certificate', () => {
  const PLAIN: Setting = {
    daysLeft: 200,
    targets: ONE_FEEDS,
    start: {},
    digicertAhead: 0,
    githubAhead: 0,
    delay: 0,
  }

  test('disabled by hand, the clock set back, and a run that stops after its first write', async () => {
    await world.begin(PLAIN)
    await disableByHand('disable-current')
    world.pass(-HOUR / 2)
    const before = await world.held(OWN)
    const run = world.run()
    while ((await world.held(OWN)) === before) await run.grant()
    await expectThreeQuietRunsToSettle()
  })

  test.each(['disable-current', 'nothing'] as const)(
    'dated to the day, and the secrets are from the same morning; by hand: %s',
    async byHand => {
      const morning = 8 * HOUR - (world.now.getTime() % DAY)
      world.pass(morning < 0 ? morning + DAY : morning)
      await world.begin({ ...PLAIN, start: { roundStartDates: true } })
      if (byHand !== 'nothing') await disableByHand(byHand)
      world.pass(4 * HOUR)
      world.breakTarget(1)
      await finish(world.run({ force: true }))
      const [own, other] = world.targets.map(target => world.held(target))
      expect((await own)?.id).not.toBe((await other)?.id)

      world.github.faults.clear()
      world.pass(HOUR)
      await expectQuietRun()
      for (const target of world.targets) expect((await world.held(target)).id).toBe((await own)?.id)
      await expectThreeQuietRunsToSettle()
    },
  )
})

test('a store that keeps nothing for two months: at most nine are enabled, and the first night after that settles it', async () => {
  await world.begin({
    ...{ daysLeft: 25, targets: [STORE], start: {}, digicertAhead: 0, githubAhead: 0, delay: 0 },
  })
  world.store.fails = true
  let most = 0
  for (let night = 0; night < 60; night++) {
    await finish(world.run())
    most = Math.max(most, world.managed().length)
    world.pass(DAY)
  }
  // The input, those of the seven nights of the grace period, and the one just issued.
  expect(most).toBe(9)
  world.repair()
  await expectQuietRun()
  world.pass(8 * DAY)
  await expectQuietRun()
  await expectOneCertificateEverywhere()
})
