// A disabled certificate for each job stays in the list forever. What is not needed of it is never kept in memory.
import { cpSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Usage, witness } from '../../bench/witness.ts'
import type { Paging } from '../../emulator/index.ts'
import { useRotation } from '../support/rotation.ts'
import { ALONE, Job, ROOT, type StepResult, Use } from '../support/runner.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

/** MiB of the whole process, Node included. */
const MOST = 120
const MANY = 100_000
const LISTED_LATE = `history-${MANY - 1}`

/** In the folder of that job's other files, which is deleted with it. */
function watch(job: Job) {
  const { env, read } = witness(dirname(job.commandFile('usage')))
  return { env, read, nodeOptions: [...ALONE, env.NODE_OPTIONS] }
}

type Watched = StepResult & { cost: Usage }

async function run(scene: ReturnType<typeof useScene>, inputs: Inputs): Promise<Watched> {
  const job = new Job()
  const { env, read, nodeOptions } = watch(job)
  const result = await scene.scenario(inputs, env, job).main({ nodeOptions })
  return { ...result, cost: read() }
}

const lists = (scene: { emulator: ReturnType<typeof useScene>['emulator'] }) =>
  scene.emulator.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('certificate'))

describe('check', () => {
  const scene = useScene({}, 'check')

  test.each<[number, Paging | null]>([
    [10, null],
    [10_000, null],
    [200_000, null],
    [20_000, { style: 'link', size: 1_000 }],
    [20_000, { style: 'envelope', size: 100 }],
  ])('%i disabled certificates (%j)', async (history, paging) => {
    Object.assign(scene.emulator.settings, { history, paging })
    scene.emulator.seed(3)
    const { exitCode, cost, log } = await run(scene, {})
    expect(exitCode).toBe(0)
    expect(log).toContain('Checked 3 certificates')
    expect(cost.peakMegabytes).toBeLessThan(MOST)
  })

  test('counts all certificates when there are more than it lists', async () => {
    scene.emulator.settings.history = 30_000
    const [soon] = scene.emulator.seed(1, () => ({ endDate: new Date(Date.now() + 40 * 86_400_000) }))
    const { cost, outputs, log } = await run(scene, { 'include-disabled': 'true', 'if-none-found': 'ignore' })
    expect(log).toContain('Checked 30001 certificates: 1 expiring soon, 30000 expired, 30000 short-lived.')
    expect(JSON.parse(outputs.certificates ?? '')).toContainEqual(expect.objectContaining({ id: soon?.id }))
    expect(cost.peakMegabytes).toBeLessThan(MOST)
  })

  test('reads a page that breaks off again from its start, and counts nothing twice', async () => {
    scene.emulator.settings.history = 10_000
    scene.emulator.seed(3)
    scene.emulator.faults.add({ path: /certificate$/, reset: 'mid-answer' })
    const { exitCode, log } = await run(scene, { 'include-disabled': 'true' })
    expect(exitCode).toBe(0)
    expect(log).toContain('Checked 10003 certificates')
    expect(lists(scene)).toHaveLength(2)
  })
})

describe('access', () => {
  const scene = useScene({}, 'access')

  test('finds an id at the end of a long list', async () => {
    scene.emulator.settings.history = MANY
    const { exitCode, cost, log } = await run(scene, { 'certificate-id': LISTED_LATE, enabled: 'false' })
    expect(exitCode).toBe(0)
    expect(log).toContain('is disabled already')
    expect(cost.peakMegabytes).toBeLessThan(MOST)
  })

  test('stops reading once it has found an id', async () => {
    scene.emulator.settings.history = 1_000_000
    const [known] = scene.emulator.seed(2)
    const began = performance.now()
    const { exitCode } = await run(scene, { 'certificate-id': known?.id ?? '', enabled: 'false' })
    expect(exitCode).toBe(0)
    expect(known?.enabled).toBe(false)
    // All of it would be 3 GB.
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(lists(scene)).toHaveLength(1)
  })

  test('keeps its connection when the list is short', async () => {
    const [known] = scene.emulator.seed(20)
    const before = scene.emulator.connections.accepted
    await run(scene, { 'certificate-id': known?.id ?? '', enabled: 'false' })
    expect(scene.emulator.requests.map(({ method }) => method)).toEqual(['GET', 'PUT'])
    expect(scene.emulator.connections.accepted - before).toBe(1)
  })

  test('suggests likely matches from a long list: enabled first, then nearest, then newest', async () => {
    scene.emulator.settings.history = MANY
    const days = [3, 1, 2]
    scene.emulator.seed(3, index => ({
      name: `release-${days[index]}`,
      startDate: new Date(Date.now() - (days[index] ?? 0) * 86_400_000),
    }))
    const wrong = await run(scene, { 'serial-number': 'AB', enabled: 'false' })
    const { code, what } = errorOf(wrong)
    expect(code).toBe('NOT_FOUND')
    expect(what).toMatch(
      /"release-1"[^\n]*enabled\n- "release-2"[^\n]*enabled\n- "release-3"[^\n]*enabled\n- "octo-/,
    )
    expect(what).toContain(`- and ${MANY + 3 - 10} more`)
    expect(wrong.cost.peakMegabytes).toBeLessThan(MOST)
  })

  test('with a P12', async () => {
    scene.emulator.settings.history = 20_000
    const { base64 } = await storedP12(scene.emulator)
    const { exitCode, cost } = await run(scene, { p12: base64, 'p12-password': PASSWORD, enabled: 'false' })
    expect(exitCode).toBe(0)
    expect(cost.peakMegabytes).toBeLessThan(MOST)
  })
})

describe('main and post steps', () => {
  const scene = useScene()

  test('neither read the list nor load its reader when no response was lost', async () => {
    scene.emulator.settings.history = MANY
    const folder = join(new Job().temp, 'without the part')
    cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'))
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
    rmSync(join(folder, 'dist/parts/list'), { recursive: true })
    const inputs = scene.inputs()
    const use = new Use(new Job(), folder)
    expect((await use.main({ inputs })).exitCode).toBe(0)
    expect((await use.post({ inputs })).log).not.toContain('still be enabled')
    expect(lists(scene)).toEqual([])
    expect(scene.enabled()).toEqual([])
    // It is needed when one was lost.
    scene.emulator.faults.add({ method: 'POST', hangUp: 'after-work' })
    expect((await new Use(new Job(), folder).main({ inputs })).exitCode).toBe(1)
  })

  test('find what a lost response left at the front of a long list, and read no further', async () => {
    scene.emulator.settings.history = 1_000_000
    scene.emulator.faults.add({ method: 'POST', hangUp: 'after-work' })
    const scenario = scene.scenario()
    const began = performance.now()
    expect((await scenario.main()).exitCode).toBe(0)
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(lists(scene)).toHaveLength(1)
    await scenario.post()
    scenario.expectNothingLeft()
  })
})

describe('rotate', () => {
  const rotation = useRotation()

  test('finds its family in a long list', async () => {
    rotation.digicert.settings.history = 20_000
    await rotation.store()
    const job = new Job()
    const { env, read, nodeOptions } = watch(job)
    const { exitCode } = await rotation.run({ force: 'true' }, { env, nodeOptions })
    expect(exitCode).toBe(0)
    // undici, Octokit and libsodium are 45 of them, whatever the list.
    expect(read().peakMegabytes).toBeLessThan(MOST + 45)
  })
})
