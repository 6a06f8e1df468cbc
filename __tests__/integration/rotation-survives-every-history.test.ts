// Random months in the life of a secret: `ROTATION_HISTORIES=2000 ROTATION_SEED=1 npm test -- rotation-survives` for
// a long run of others.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DAY } from '../../emulator/index.ts'
import { hasCode } from '../../src/errors.ts'
import { call } from '../support/emulator-client.ts'
import { type Death, OTHER, OWN, type Run, TARGETS, World } from '../support/rotation-model.ts'
import { PASSWORD } from '../support/stored.ts'

const HISTORIES = Number(process.env.ROTATION_HISTORIES ?? 20)
const SEED = Number(process.env.ROTATION_SEED ?? 20_261_123)
const HOUR = 3_600_000

type Event =
  | { kind: 'run'; force: boolean }
  | { kind: 'die'; force: boolean; death: Death }
  | { kind: 'pair'; order: boolean[]; force: boolean; death: Death | undefined }
  | { kind: 'pass'; hours: number }
  | { kind: 'break' | 'repair' | 'disable-current' | 'disable-old' }
  | { kind: 'stranger'; alike: boolean }

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
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'break' as const,
        'repair' as const,
        'disable-current' as const,
        'disable-old' as const,
      ),
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

/** Two runs at once: who goes next is chosen for as long as the choice lasts. */
async function interleave(one: Run, other: Run, order: boolean[]): Promise<void> {
  for (const first of order) {
    const [next, second] = first ? [one, other] : [other, one]
    await (next.over ? second : next).grant()
  }
  await finish(one)
  await finish(other)
}

/** What the documentation tells whoever gets this error. */
async function heed(...runs: Run[]): Promise<void> {
  if (runs.some(({ outcome }) => hasCode(outcome, 'ROTATION_OVERLAP')))
    await finish(world.run({ force: true }))
}

async function happen(what: Event): Promise<void> {
  switch (what.kind) {
    case 'run':
    case 'die': {
      const run = world.run(what)
      await finish(run)
      return await heed(run)
    }
    case 'pair': {
      const { force, death } = what
      const runs = [
        world.run({ force }),
        world.run(death === undefined ? { force } : { force, death }),
      ] as const
      await interleave(...runs, what.order)
      return await heed(...runs)
    }
    case 'pass':
      if (await lastsFor(what.hours)) world.pass(what.hours * HOUR)
      return
    case 'break':
      world.github.faults.add({
        method: 'PUT',
        path: new RegExp(OTHER),
        times: Number.POSITIVE_INFINITY,
        answer: { status: 500 },
      })
      return
    case 'repair':
      return world.github.faults.clear()
    case 'stranger':
      return meetStranger(what.alike)
    default:
      return await disableByHand(what.kind)
  }
}

/** Nobody lets a secret expire by not running the rotation at all: that is not what is asked here. */
async function lastsFor(hours: number): Promise<boolean> {
  const ends = await Promise.all(TARGETS.map(async target => (await world.held(target)).endDate.getTime()))
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

/** An old one is one that no target holds: whoever disables another breaks that target himself. */
async function disableByHand(which: 'disable-current' | 'disable-old'): Promise<void> {
  const held = await Promise.all(TARGETS.map(target => world.held(target)))
  const current = await world.held(OWN)
  const chosen =
    which === 'disable-current' ? current : world.managed().find(record => !held.includes(record))
  if (chosen === undefined) return
  chosen.enabled = false
  world.byHand.add(chosen.id)
}

async function expectEveryTargetWorks(): Promise<void> {
  for (const target of TARGETS) {
    const { id, name, enabled, endDate } = await world.held(target)
    const works = (enabled || world.byHand.has(id)) && endDate > world.now
    expect({ target, name, works }).toEqual({ target, name, works: true })
  }
  for (const { id, name, enabled } of world.digicert.certificates) {
    if (world.strangers.has(id)) expect({ name, enabled }).toEqual({ name, enabled: world.strangers.get(id) })
  }
}

async function expectOneCertificateEverywhere(): Promise<void> {
  const [only, ...others] = world.managed()
  expect(others.map(({ name }) => name)).toEqual([])
  for (const target of TARGETS)
    expect({ target, id: (await world.held(target)).id }).toEqual({ target, id: only?.id })
  const pfx = Buffer.from(world.github.secret(OWN, 'SM_CLIENT_CERT_FILE_B64')?.value ?? '', 'base64')
  const answer = await call(world.digicert, { host: 'clientauth', tls: { pfx, passphrase: PASSWORD } })
  expect(answer.status).toBe(200)
}

test(`${HISTORIES} histories: what targets hold always works, and three quiet runs leave one certificate`, async () => {
  let histories = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 25),
      fc.array(event, { minLength: 1, maxLength: 12 }),
      async (daysLeft, events) => {
        histories++
        await world.begin(daysLeft)
        for (const what of events) {
          await happen(what)
          await expectEveryTargetWorks()
        }
        world.github.faults.clear()
        for (const days of [0, 8, 8]) {
          world.pass(days * DAY)
          await finish(world.run())
          await expectEveryTargetWorks()
        }
        await expectOneCertificateEverywhere()
      },
    ),
    { numRuns: HISTORIES, seed: SEED, endOnFailure: false },
  )
  const { runs, deaths, requests } = world.counts
  process.stderr.write(
    `${histories} histories: ${runs} runs, ${deaths} of them to die, ${requests} requests\n`,
  )
}, 1_800_000)
