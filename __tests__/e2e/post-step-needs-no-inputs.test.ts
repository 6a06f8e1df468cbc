// In nested composite actions the runner gives the post step empty inputs, or those of the outer action.
import { rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { testCertificate, testKey } from '../support/p12-certificates.ts'
import { Job, type RunOptions, withoutInputs } from '../support/runner.ts'
import { errorOf, type Scenario, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const OTHERS_KEY = 'api-key-of-the-outer-action'

let elsewhere: Server
let connections = 0
beforeAll(async () => {
  elsewhere = createServer(socket => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
})
beforeEach(() => {
  connections = 0
})
afterAll(() => void elsewhere.close())

const port = () => (elsewhere.address() as AddressInfo).port

/** The inputs of an outer action for another server, under names that this action has as well. */
function foreign(inputs: Record<string, string> = {}): Partial<RunOptions> {
  return {
    inputs: {
      'api-key': OTHERS_KEY,
      host: `https://localhost:${port()}`,
      'clientauth-host': `https://localhost:${port()}`,
      'ca-certificates': '/no/such/file',
      cleanup: 'false',
      'disable-after-job': 'false',
      ...inputs,
    },
  }
}

const SURROUNDINGS: [string, () => Partial<RunOptions>][] = [
  ['no input at all', () => ({ inputs: {}, env: withoutInputs() })],
  ['empty inputs', () => ({ inputs: {}, env: emptyInputs() })],
  ["the outer action's inputs", () => foreign()],
  ['stored mode for an input', () => foreign({ mode: 'stored' })],
  [
    'inputs that are none',
    () => foreign({ timeout: 'banana', retries: 'banana', cleanup: 'banana', mode: 'banana' }),
  ],
]

function emptyInputs(): Record<string, string> {
  return Object.fromEntries(Object.keys(withoutInputs()).map(name => [name, '']))
}

/** Runs the post step in this environment, and checks that it only contacted the main step's server, with its key. */
async function postIn(scenario: Scenario, surroundings: () => Partial<RunOptions>) {
  const before = scene.emulator.requests.length
  const post = await scenario.post(surroundings())
  expect(post).toMatchObject({ exitCode: 0, annotations: [] })
  expect(connections).toBe(0)
  const requests = scene.emulator.requests.slice(before)
  expect(requests.filter(({ status }) => status === 401)).toEqual([])
  return { post, requests }
}

describe.each(SURROUNDINGS)('with %s', (_name, surroundings) => {
  test.each(['true', 'false'])('leaves nothing after success with export-env: %s', async exported => {
    const scenario = scene.scenario({ 'export-env': exported })
    const main = await scenario.main()
    const { post } = await postIn(scenario, surroundings)
    expect(post.log).toContain(`Disabled "${main.outputs.name}" (id ${main.outputs['certificate-id']}).`)
    scenario.expectNothingLeft()
  })

  test('leaves nothing after a main step that failed when it had a certificate', async () => {
    const scenario = scene.scenario({ 'require-permissions': 'WHAT_NOBODY_HAS' })
    expect(errorOf(await scenario.main()).code).toBe('PERMISSION_MISSING')
    await postIn(scenario, surroundings)
    expect(scene.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })

  test('leaves nothing after kill -9 with a lost response', async () => {
    const held = scene.emulator.faults.add({ method: 'POST', hold: 'after-work' })
    const scenario = scene.scenario()
    await scenario.main({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
    held.remove()
    const { requests } = await postIn(scenario, surroundings)
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'PUT'])
    expect(scene.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })

  test('in stored mode, it makes no request and deletes its files', async () => {
    const { base64 } = await storedP12(scene.emulator)
    const scenario = scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD })
    const main = await scenario.main()
    expect(main.state).toMatchObject({ mode: 'stored', 'api-key': '' })
    const { requests } = await postIn(scenario, surroundings)
    expect(requests).toEqual([])
    expect(scenario.files()).toEqual([])
    expect(scenario.enabled()).toHaveLength(1)
  })
})

test("the main step's switches count, not the outer action's", async () => {
  const scenario = scene.scenario({ cleanup: 'false', 'disable-after-job': 'false' })
  const main = await scenario.main()
  const { post, requests } = await postIn(scenario, () =>
    foreign({ cleanup: 'true', 'disable-after-job': 'true' }),
  )
  expect(post.log).toMatch(/^Left .* in place, .*\nLeft .* enabled, /)
  expect(requests).toEqual([])
  expect(scenario.files()).toContain(main.state.directory)
  expect(scenario.enabled()).toHaveLength(1)
})

test('masks the API key before it says anything', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  const { post } = await postIn(scenario, () => ({ inputs: {}, env: withoutInputs() }))
  const said = post.raw.split('\n').findIndex(line => !line.startsWith('::add-mask::'))
  expect(post.raw.split('\n').slice(0, said)).toContain(`::add-mask::${scene.emulator.apiKey}`)
})

describe('with more CA certificates than fit into a variable on Windows, in a file that is gone by then', () => {
  async function scenarioWithBundle(): Promise<[Scenario, () => void]> {
    const job = new Job()
    const path = job.commandFile('ca')
    const others = Array.from({ length: 300 }, (_, index) => {
      const subject: [string, string][] = [['2.5.4.3', `Some other CA ${index}`]]
      return testCertificate({ key: testKey('p256'), subject, ca: true }).toString()
    })
    const pem = [...others, scene.emulator.caPem].join('')
    expect(pem.length).toBeGreaterThan(100_000)
    writeFileSync(path, pem)
    return [scene.scenario({ 'ca-certificates': path }, {}, job), () => rmSync(path)]
  }

  test('still disables the certificate', async () => {
    const [scenario, remove] = await scenarioWithBundle()
    const main = await scenario.main()
    expect(main.exitCode).toBe(0)
    for (const value of Object.values(main.state)) expect(value.length).toBeLessThan(32_767)
    remove()
    await postIn(scenario, () => foreign())
    scenario.expectNothingLeft()
  })

  test('also disables one whose response was lost, although the main step removed its directory', async () => {
    scene.emulator.faults.add({ method: 'POST', reset: 'after-work' })
    const list = scene.emulator.faults.add({
      method: 'GET',
      host: 'api',
      answer: { status: 403 },
      times: Number.POSITIVE_INFINITY,
    })
    const [scenario, remove] = await scenarioWithBundle()
    expect((await scenario.main()).exitCode).toBe(1)
    expect(scenario.files()).toEqual([])
    remove()
    list.remove()
    await postIn(scenario, () => foreign())
    expect(scene.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })
})
