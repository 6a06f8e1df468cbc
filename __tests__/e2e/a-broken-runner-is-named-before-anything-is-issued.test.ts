import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { isOn, skipping, testOn } from '../support/platform.ts'
import { Job, ROOT } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

/** If you run a step in a job, you need not be told to run it in one. */
const ANOTHER_FIX = expect.not.stringContaining('uses:')

test('a missing RUNNER_TEMP: names the folder and the owner of the one above it', async () => {
  const RUNNER_TEMP = join(new Job().temp, 'gone')
  const main = await scene.scenario({}, { RUNNER_TEMP }).main()
  expect(errorOf(main)).toEqual({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringContaining(`${RUNNER_TEMP} does not exist`),
    why: expect.stringContaining('not mounted into the container'),
    fix: ANOTHER_FIX,
  })
  expect(errorOf(main).fix).toContain(RUNNER_TEMP)
  expect(scene.emulator.requests).toEqual([])
})

test('a RUNNER_TEMP that is a file: says so', async () => {
  const RUNNER_TEMP = join(new Job().temp, 'file')
  writeFileSync(RUNNER_TEMP, '')
  const main = await scene.scenario({}, { RUNNER_TEMP }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringContaining(`${RUNNER_TEMP} is not a directory`),
    fix: ANOTHER_FIX,
  })
})

const asSomebodyElse =
  isOn('Linux') && process.getuid?.() === 0 ? test : skipping('only root may run a step as somebody else')

asSomebodyElse('RUNNER_TEMP of another user: both users, and the mode', async () => {
  const job = new Job()
  const RUNNER_TEMP = job.temp
  for (let path = RUNNER_TEMP; path !== tmpdir(); path = dirname(path)) chmodSync(path, 0o755)
  const files = ['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_ENV'].map(name => [name, job.commandFile(name)])
  for (const [, path = ''] of files) chmodSync(path, 0o666)
  const within = ['setpriv', '--reuid=4711', '--clear-groups']
  const main = await scene.scenario({}, { RUNNER_TEMP, ...Object.fromEntries(files) }, job).main({ within })
  const problem = errorOf(main)
  expect(problem).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    why: expect.stringContaining('belongs to another user'),
    fix: ANOTHER_FIX,
  })
  expect(problem.what).toContain(
    `${RUNNER_TEMP} is not writable for the user of this step (owner uid 0, mode 0755; this step runs as uid 4711)`,
  )
})

test('a missing command file: names it and the folder that it should be in', async () => {
  const GITHUB_OUTPUT = join(new Job().temp, 'gone', 'output')
  const main = await scene.scenario({}, { GITHUB_OUTPUT }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringContaining(`${GITHUB_OUTPUT} does not exist`),
    fix: ANOTHER_FIX,
  })
})

test('an unset RUNNER_TEMP: lost in a step, never set at a terminal', async () => {
  const inStep = errorOf(await scene.scenario({}, { RUNNER_TEMP: undefined }).main())
  expect(inStep).toMatchObject({ what: 'RUNNER_TEMP is not set.', fix: ANOTHER_FIX })
  const variables = [
    'ACTIONS',
    'REPOSITORY',
    'RUN_ID',
    'RUN_ATTEMPT',
    'SERVER_URL',
    'OUTPUT',
    'ENV',
    'STATE',
    'PATH',
  ]
  const none = [...variables, 'STEP_SUMMARY'].map(name => [`GITHUB_${name}`, undefined])
  const env = { ...Object.fromEntries(none), RUNNER_TEMP: undefined }
  const atTerminal = errorOf(await scene.scenario({}, env).main())
  expect(atTerminal).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    fix: expect.stringContaining('`uses:`'),
  })
})

test('a relative RUNNER_TEMP gives absolute paths', async () => {
  const job = new Job()
  const scenario = scene.scenario(
    { 'write-key': 'true' },
    { RUNNER_TEMP: relative(dirname(ROOT), job.temp) },
    job,
  )
  const main = await scenario.main()
  expect(main.exitCode).toBe(0)
  const paths = ['p12-file', 'cert-file', 'chain-file', 'key-file'].map(name => main.outputs[name] ?? '')
  for (const path of [...paths, main.env.SM_CLIENT_CERT_FILE ?? ''])
    expect(path.startsWith(join(job.temp, 'digicert-client-certificate-'))).toBe(true)
  await scenario.post()
  scenario.expectNothingLeft()
})

test.each(['/no/such/folder', '/proc'])('a RUNNER_TEMP that is not writable (%s)', async RUNNER_TEMP => {
  const scenario = scene.scenario({}, { RUNNER_TEMP })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  expect(['RUNNER_ENVIRONMENT', 'FILE_WRITE']).toContain(errorOf(main).code)
  expect(main.outputs).toEqual({})
  await scenario.post()
  scenario.expectNothingLeft()
})

const onATinyDisk = mayMount() ? test : skipping('only Linux has tmpfs, and only root may mount one')

onATinyDisk('names a full disk under RUNNER_TEMP, and leaves nothing', async () => {
  const RUNNER_TEMP = mount('24k')
  writeFileSync(join(RUNNER_TEMP, 'filler'), Buffer.alloc(16_384))
  const scenario = scene.scenario({}, { RUNNER_TEMP })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main)).toMatchObject({ code: 'FILE_WRITE', what: expect.stringContaining('ENOSPC') })
  await scenario.post()
  scenario.expectNothingLeft()
})

onATinyDisk('shows no secret on a full disk under the command files, and leaves nothing', async () => {
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_ENV']) {
    const path = join(mount('4k'), name)
    writeFileSync(path, Buffer.alloc(4_096 - 64, '\n'))
    const scenario = scene.scenario({}, { [name]: path })
    const main = await scenario.main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main).code).toBe('FILE_WRITE')
    await scenario.post()
    scenario.expectNothingLeft()
  }
})

onATinyDisk('a read-only file system under RUNNER_TEMP, which also stops root', async () => {
  const RUNNER_TEMP = mount('4k', 'ro')
  const scenario = scene.scenario({}, { RUNNER_TEMP })
  const main = await scenario.main()
  expect(errorOf(main)).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringContaining('not writable'),
  })
  expect(scene.emulator.requests).toEqual([])
  await scenario.post()
  scenario.expectNothingLeft()
})

const FULL = '/dev/full'
const withDevFull = testOn('Linux', `only Linux has ${FULL}`)

withDevFull.each(['GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_ENV'])(
  '%s on a disk that is full from the start: explains the error, and leaves nothing',
  async name => {
    const scenario = scene.scenario({}, { [name]: FULL })
    const main = await scenario.main()
    expect(errorOf(main)).toMatchObject({ code: 'FILE_WRITE', what: expect.stringContaining('ENOSPC') })
    await scenario.post()
    scenario.expectNothingLeft()
  },
)

withDevFull('a summary without enough disk space does not fail the step', async () => {
  const scenario = scene.scenario({}, { GITHUB_STEP_SUMMARY: FULL })
  expect((await scenario.main()).exitCode).toBe(0)
  await scenario.post()
  scenario.expectNothingLeft()
})

/** A file system of a few kB; only root can mount one. */
function mount(size: string, mode = 'rw'): string {
  const folder = `${new Job().temp}/disk`
  mkdirSync(folder)
  const options = `size=${size},${mode}`
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' })
  undo.push(() => {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  })
  return folder
}

function mayMount(): boolean {
  if (!isOn('Linux')) return false
  try {
    mount('4k')
    for (const step of undo.splice(0)) step()
    return true
  } catch {
    return false
  }
}
