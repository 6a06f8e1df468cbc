import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { isOn, skipping, testOn } from '../support/platform.ts'
import { Job } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

test.each(['/no/such/folder', '/proc'])('RUNNER_TEMP that cannot be written to (%s)', async RUNNER_TEMP => {
  const scenario = scene.scenario({}, { RUNNER_TEMP })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  expect(['RUNNER_ENVIRONMENT', 'FILE_WRITE']).toContain(errorOf(main).code)
  expect(main.outputs).toEqual({})
  await scenario.post()
  scenario.expectNothingLeft()
})

const onATinyDisk = mayMount() ? test : skipping('only Linux has tmpfs, and only root may mount one')

onATinyDisk('a full disk under RUNNER_TEMP is called that, and nothing is left', async () => {
  const RUNNER_TEMP = mount('24k')
  writeFileSync(join(RUNNER_TEMP, 'filler'), Buffer.alloc(16_384))
  const scenario = scene.scenario({}, { RUNNER_TEMP })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main)).toMatchObject({ code: 'FILE_WRITE', what: expect.stringContaining('ENOSPC') })
  await scenario.post()
  scenario.expectNothingLeft()
})

onATinyDisk('a full disk under the command files shows no secret, and nothing is left', async () => {
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

onATinyDisk('a read-only file system under RUNNER_TEMP, which stops root as well', async () => {
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
  '%s on a disk that is full from the start: an error with words, and nothing is left',
  async name => {
    const scenario = scene.scenario({}, { [name]: FULL })
    const main = await scenario.main()
    expect(errorOf(main)).toMatchObject({ code: 'FILE_WRITE', what: expect.stringContaining('ENOSPC') })
    await scenario.post()
    scenario.expectNothingLeft()
  },
)

withDevFull('a summary for which there is no room is no reason to fail', async () => {
  const scenario = scene.scenario({}, { GITHUB_STEP_SUMMARY: FULL })
  expect((await scenario.main()).exitCode).toBe(0)
  await scenario.post()
  scenario.expectNothingLeft()
})

/** A file system of a few kB; only root may have one. */
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
