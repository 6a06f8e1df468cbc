// Random weeks of jobs, different each time: `LEFTOVERS_SEED=… npm test -- leftovers-survive` repeats those of a run that
// printed this seed, and `LEFTOVERS_HISTORIES=2000` makes a long run.
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Fault } from '../../emulator/index.ts'
import { ALIVE, type Meanwhile, NAMES, OTHER, OWN, World } from '../support/leftovers-model.ts'

const HISTORIES = Number(process.env.LEFTOVERS_HISTORIES ?? 40)
const SEED = Number(process.env.LEFTOVERS_SEED ?? randomInt(2 ** 31))
const HOUR = 3_600_000

/** Of GitHub, then of DigiCert ONE. */
const FAULTS: [server: 'github' | 'digicert', fault: Fault][] = [
  ['github', { answer: { status: 500 } }],
  ['github', { answer: { status: 502, html: true } }],
  ['github', { answer: { status: 404 } }],
  ['github', { answer: { status: 403 } }],
  ['github', { answer: { status: 429, retryAfter: 1 } }],
  ['github', { answer: { status: 401 } }],
  ['github', { answer: { status: 301, headers: { location: '/repositories/1/actions/runs/1' } } }],
  ['github', { answer: { status: 200, json: [] } }],
  // A response about a run that was not requested; about the requested one, GitHub is believed.
  ['github', { answer: { status: 200, json: { id: 999_999_999, run_attempt: 99, status: 'completed' } } }],
  ['github', { rewrite: body => ({ ...body, status: null }) }],
  ['github', { reset: 'before-work' }],
  ['github', { hangUp: 'mid-answer' }],
  ['digicert', { answer: { status: 429, retryAfter: 1 } }],
  ['digicert', { answer: { status: 503 } }],
  ['digicert', { method: 'PUT', answer: { status: 503 }, workDone: true }],
  ['digicert', { method: 'PUT', reset: 'after-work' }],
  ['digicert', { method: 'PUT', reset: 'before-work' }],
  ['digicert', { method: 'PUT', answer: { status: 204 } }],
  ['digicert', { method: 'PUT', answer: { status: 204 }, workDone: true }],
  ['digicert', { method: 'PUT', rewrite: body => ({ ...body, enabled: true }) }],
  ['digicert', { method: 'PUT', answer: { status: 403 } }],
  ['digicert', { method: 'GET', hangUp: 'mid-answer' }],
]

type Event =
  | { kind: 'start'; other: boolean; name: string; status: (typeof ALIVE)[number] }
  | { kind: 'end' | 'die' | 'rerun' | 'stranger'; which: number }
  | { kind: 'notice' }
  | { kind: 'pass'; hours: number }
  | {
      kind: 'sweep'
      faults: { fault: number; times: number; skip: number }[]
      meanwhile: Meanwhile | undefined
    }

const which = fc.nat({ max: 20 })
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('start' as const),
      other: fc.boolean(),
      name: fc.constantFrom(...NAMES),
      status: fc.constantFrom(...ALIVE),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'end' as const,
        'die' as const,
        'die' as const,
        'rerun' as const,
        'stranger' as const,
      ),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('notice' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.constantFrom(1, 24, 120) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sweep' as const),
      faults: fc.array(
        fc.record({
          fault: fc.nat({ max: FAULTS.length - 1 }),
          times: fc.constantFrom(1, 2, 10),
          skip: fc.nat({ max: 3 }),
        }),
        { maxLength: 3 },
      ),
      meanwhile: fc.option(
        fc.record({
          at: fc.integer({ min: 1, max: 8 }),
          what: fc.constantFrom('killed' as const, 'start' as const, 'rerun' as const, 'end' as const),
        }),
        { nil: undefined },
      ),
    }),
  },
)

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.close())

async function happen(what: Event): Promise<void> {
  switch (what.kind) {
    case 'start':
      return void world.startJob(what.other ? OTHER : OWN, what.name, what.status)
    case 'notice':
      return world.notice()
    case 'pass':
      return world.pass(what.hours * HOUR)
    case 'sweep': {
      for (const { fault, ...match } of what.faults) {
        const [server, effect] = FAULTS[fault] ?? fail()
        world[server].faults.add({ ...effect, ...match })
      }
      await world.sweep(what.meanwhile)
      world.github.faults.clear()
      world.digicert.faults.clear()
      return
    }
    default:
      return world[what.kind](what.which)
  }
}

function fail(): never {
  throw new Error('there is no such fault')
}

/** Nothing in use was lost, and nothing that is not ours. */
function expectNobodyDisturbed(): void {
  const lost = world.sacred.filter(({ enabled }) => !enabled)
  expect(lost.map(({ name }) => name)).toEqual([])
}

async function expectCleanSweepToSettle(): Promise<void> {
  world.notice()
  const report = await world.sweep()
  expect(report).toMatchObject({ failure: undefined })
  const enabled = world.digicert.certificates.filter(certificate => certificate.enabled)
  expect(new Set(enabled.map(({ name }) => name))).toEqual(new Set(world.sacred.map(({ name }) => name)))
  const again = world.digicert.requests.length
  await world.sweep()
  expect(world.digicert.requests.slice(again).filter(({ method }) => method === 'PUT')).toEqual([])
}

test(
  `${HISTORIES} histories: a clean sweep leaves what is running and what is foreign, and never changed another`,
  async () => {
    process.stderr.write(`LEFTOVERS_SEED=${SEED}\n`)
    const history = fc.array(event, { minLength: 8, maxLength: 40, size: 'max' })
    await fc.assert(
      fc.asyncProperty(fc.boolean(), history, async (isOwnServer, events) => {
        world.begin(isOwnServer)
        for (const what of events) {
          await happen(what)
          expectNobodyDisturbed()
        }
        await expectCleanSweepToSettle()
      }),
      { numRuns: HISTORIES, seed: SEED, endOnFailure: false },
    )
    const { jobs, sweeps, failed, killed, requests, disabled } = world.counts
    process.stderr.write(
      `${HISTORIES} histories: ${jobs} jobs, ${sweeps} sweeps (${failed} failed, ${killed} killed), ${requests} requests, ${disabled} of them to disable\n`,
    )
    expect(disabled).toBeGreaterThan(HISTORIES)
  },
  10_000 * (HISTORIES + 60),
)
