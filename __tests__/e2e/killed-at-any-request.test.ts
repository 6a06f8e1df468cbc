// The world stops at one request, before or after it did its work; the process is killed; then the world continues.
import { describe, expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { MTLS_CHECK, POST } from '../support/kill.ts'
import { type Inputs, type Scene, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const root = useScene()
const checking = useScene({ settings: { paging: { style: 'link', size: 2 } } }, 'check')
const access = useScene({}, 'access')

const LIST: Fault = { method: 'GET', host: 'api' }
const PUT: Fault = { method: 'PUT' }
const BOUNDARIES = ['before-work', 'after-work'] as const

/** Both boundaries of each request; having read changes nothing, so a read has only one that matters. */
function boundaries(requests: [string, Fault][]) {
  return requests.flatMap(([what, fault]) =>
    BOUNDARIES.filter(moment => moment === 'before-work' || fault.method !== 'GET').map(
      hold => [hold, what, { ...fault, hold }] as const,
    ),
  )
}

type Step = (options: {
  onStart(child: { kill(signal: 'SIGKILL'): unknown }): void
}) => Promise<{ signal: unknown }>

/** Runs a step, which is killed at the request that the fault holds. */
async function killAt(scene: Scene, fault: Fault, step: Step): Promise<void> {
  const held = scene.emulator.faults.add(fault)
  const { signal } = await step({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
  expect(signal).toBe('SIGKILL')
  held.remove()
}

const stored = async (scene: Scene): Promise<Inputs> => {
  const { base64 } = await storedP12(scene.emulator, { name: 'in use' })
  return { p12: base64, 'p12-password': PASSWORD }
}

describe('issue', () => {
  const requests = boundaries([
    ['the request', POST],
    ['the mTLS check', MTLS_CHECK],
  ])
  test.each(requests)('%s %s: the post step leaves nothing', async (_moment, _what, fault) => {
    const scenario = root.scenario()
    await killAt(root, fault, options => scenario.main(options))
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(root.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })

  const afterLoss = boundaries([
    ['the list that looks for it', LIST],
    ['disabling what was found', PUT],
    ['the next request', POST],
    ['the mTLS check', MTLS_CHECK],
  ])
  test.each(afterLoss)('a response was lost, then %s %s', async (_moment, _what, fault) => {
    root.emulator.faults.add({ ...POST, reset: 'after-work' })
    const scenario = root.scenario()
    await killAt(root, fault, options => scenario.main(options))
    expect(await scenario.postMuchLater()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(root.emulator.certificates).not.toHaveLength(0)
    scenario.expectNothingLeft()
  })
})

test('stored, while verifying: no file is left, and the certificate is unchanged', async () => {
  const scenario = root.scenario({ mode: 'stored', ...(await stored(root)) })
  await killAt(root, { ...MTLS_CHECK, hold: 'before-work' }, options => scenario.main(options))
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scenario.files()).toEqual([])
  expect(scenario.enabled().map(({ name }) => name)).toEqual(['in use'])
})

describe('stored, with a fallback: the post step leaves nothing, whatever the job had become', () => {
  const requests = boundaries([
    ['the mTLS check of the stored P12', MTLS_CHECK],
    ['the question why it is refused', LIST],
    ['the request for one in its place', POST],
    ['the mTLS check of that', { ...MTLS_CHECK, skip: 1 }],
  ])
  test.each(requests)('%s %s', async (_moment, _what, fault) => {
    const { base64 } = await storedP12(root.emulator, { name: 'in use', enabled: false })
    const inputs = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, fallback: 'issue' }
    const scenario = root.scenario(inputs)
    await killAt(root, fault, options => scenario.main(options))
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    const issuing = fault.method === 'POST' || fault.skip === 1
    expect(root.emulator.certificates).toHaveLength(issuing ? 2 : 1)
    scenario.expectNothingLeft()
  })
})

describe('the post step, which the runner (or a person) runs again', () => {
  test.each(boundaries([['disabling', PUT]]))('%s %s', async (_moment, _what, fault) => {
    const scenario = root.scenario()
    expect((await scenario.main()).exitCode).toBe(0)
    await killAt(root, fault, options => scenario.post(options))
    expect(scenario.files()).toEqual([])
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
  })

  const lost = boundaries([
    ['the list that looks for a lost one', LIST],
    ['disabling what was found', PUT],
  ])
  test.each(lost)('%s %s', async (_moment, _what, fault) => {
    const scenario = root.scenario()
    await killAt(root, { ...POST, hold: 'after-work' }, options => scenario.main(options))
    await killAt(root, fault, options => scenario.post(options))
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(root.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })
})

test.each([0, 1])('check, at page %i: changes nothing, and the next run sees everything', async skip => {
  checking.emulator.seed(3)
  await killAt(checking, { ...LIST, skip, hold: 'before-work' }, options => checking.scenario().main(options))
  const again = await checking.scenario().main()
  expect(again.exitCode).toBe(0)
  expect(JSON.parse(again.outputs.certificates ?? '')).toHaveLength(3)
  expect(checking.enabled()).toHaveLength(3)
})

describe('access: the next run converges', () => {
  const requests = boundaries([
    ['the list', LIST],
    ['the change', PUT],
    ['the mTLS check', MTLS_CHECK],
  ])
  const cases = requests.flatMap(one =>
    (['false', 'true'] as const).map(enabled => [...one, enabled] as const),
  )
  test.each(cases)('%s %s (%j, enabled: %s)', async (_moment, _what, fault, enabled) => {
    const { base64, minted } = await storedP12(access.emulator, { enabled: enabled === 'false' })
    const inputs = { p12: base64, 'p12-password': PASSWORD, enabled }
    await killAt(access, fault, options => access.scenario(inputs).main(options))
    const again = await access.scenario(inputs).main()
    expect(again.exitCode).toBe(0)
    expect(again.outputs).toMatchObject({ 'certificate-id': minted.record?.id, enabled })
    expect(String(minted.record?.enabled)).toBe(enabled)
  })
})
