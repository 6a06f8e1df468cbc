// The runner gives the post step every STATE_ variable that a step of the job put into the environment, unless the main
// step saved that key itself.
import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { testOn } from '../support/platform.ts'
import { asState, Job, type StepResult } from '../support/runner.ts'
import { type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const NAME = 'digicert-client-certificate-0123456789abcdef'

/** State like a real run's in issue mode, but with another team's certificate and directories. */
async function forge(job: Job, changes: Record<string, string>) {
  const { minted } = await storedP12(scene.emulator, { name: 'release-2025' })
  const { state } = await scene.scenario().main()
  const victim = scene.emulator.certificates.find(({ name }) => name === 'release-2025')
  expect(minted.certificatePem).toBeDefined()
  const folder = join(dirname(job.temp), NAME)
  mkdirSync(folder)
  const forged = {
    ...state,
    'certificate-id': victim?.id ?? '',
    'certificate-nickname': 'release-2025',
    'unsettled-nicknames': 'release-2025',
    directory: join('..', NAME),
    ...changes,
  }
  return { env: asState(forged), folder, id: victim?.id }
}

const FORGERIES: [string, Record<string, string>][] = [
  ['without an API key', { 'api-key': '' }],
  ['with a stolen API key', {}],
  ["in the form of this run's nickname", { 'certificate-nickname': 'octo-app-1234567890-1-abcdefghij' }],
]

async function expectUntouched(post: StepResult, { folder, id }: { folder: string; id: string | undefined }) {
  expect(post.exitCode).toBe(0)
  expect(existsSync(folder)).toBe(true)
  expect(scene.enabled().map(certificate => certificate.id)).toContain(id)
}

describe.each(FORGERIES)('forged state, %s', (_how, changes) => {
  test.each<[string, Inputs, number]>([
    ['failed on its inputs', { mode: 'nonsense' }, 1],
    ['had no API key', { 'api-key': '' }, 1],
    ['used a stored P12', { mode: 'stored' }, 0],
  ])('disables nothing after a main step that %s', async (_what, inputs, exitCode) => {
    const job = new Job()
    const { env, ...others } = await forge(job, changes)
    const { base64 } = await storedP12(scene.emulator, { name: 'in use' })
    const stored = inputs.mode === 'stored' ? { p12: base64, 'p12-password': PASSWORD } : {}
    const scenario = scene.scenario({ ...inputs, ...stored }, env, job)
    expect((await scenario.main()).exitCode).toBe(exitCode)
    const before = scene.emulator.requests.length
    const post = await scenario.post()
    await expectUntouched(post, others)
    expect(scene.emulator.requests.slice(before)).toEqual([])
    expect(post.annotations).toEqual([])
    expect(post.log).toMatch(exitCode === 1 ? /^$/ : /^Deleted .*$/)
    expect(scenario.files()).toEqual([])
  })

  test('disables only what the main step issued, if one ran in issue mode', async () => {
    const job = new Job()
    const { env, ...others } = await forge(job, changes)
    const scenario = scene.scenario({}, env, job)
    const main = await scenario.main()
    const post = await scenario.post()
    await expectUntouched(post, others)
    expect(post.annotations).toEqual([])
    expect(scene.enabled().map(({ id }) => id)).not.toContain(main.outputs['certificate-id'])
    expect(scenario.files()).toEqual([])
  })
})

describe('where no main step ran', () => {
  test('forged state without an API key finds none in the inputs: makes no request', async () => {
    const job = new Job()
    const { env, ...others } = await forge(job, { 'api-key': '' })
    const before = scene.emulator.requests.length
    const post = await scene.scenario({}, env, job).post()
    await expectUntouched(post, others)
    expect(post).toMatchObject({ log: '', annotations: [] })
    expect(scene.emulator.requests.slice(before)).toEqual([])
  })

  test("even with a stolen API key, leaves other runs' nicknames and directories outside alone", async () => {
    const job = new Job()
    const { env, ...others } = await forge(job, {})
    const before = scene.emulator.requests.length
    const post = await scene.scenario({ 'api-key': '' }, env, job).post()
    await expectUntouched(post, others)
    expect(warningsOf(post)).toEqual([expect.stringContaining('"release-2025" alone')])
    expect(scene.emulator.requests.slice(before)).toEqual([])
  })
})

const linkTest = testOn('POSIX', 'on Windows, not everybody may create symbolic links')

linkTest('leaves alone a link in place of the private directory, and its target', async () => {
  const scenario = scene.scenario()
  const main = await scenario.main()
  const directory = dirname(main.outputs['p12-file'] ?? '')
  const moved = join(dirname(scenario.job.temp), 'moved')
  renameSync(directory, moved)
  symlinkSync(moved, directory)
  const post = await scenario.post()
  expect(warningsOf(post)).toEqual([expect.stringContaining(`Left ${directory} alone`)])
  expect(existsSync(join(moved, 'client.p12'))).toBe(true)
  expect(scenario.enabled()).toEqual([])
})
