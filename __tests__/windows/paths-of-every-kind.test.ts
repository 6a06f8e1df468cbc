// Nobody chooses where the runner's folders are: user names have umlauts, work folders have spaces, drives have letters, and
// paths may be longer than the 260 characters that Windows once allowed.
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { Job } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { SYSTEM } from '../support/system.ts'
import { mapDrive, stepsTest, stepsTestOn } from './support/steps.ts'

const scene = useScene()

/** Both modes in that job: what was written is where the outputs say, and is deleted. */
async function expectToWork(makeJob: () => Job): Promise<void> {
  const { base64 } = await storedP12(scene.emulator)
  const stored = { mode: 'stored', p12: base64, 'p12-password': PASSWORD }
  for (const inputs of [{}, stored]) {
    const job = makeJob()
    const scenario = scene.scenario(inputs, {}, job)
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    const p12 = main.outputs['p12-file'] ?? ''
    expect(p12.startsWith(job.runnerTemp)).toBe(true)
    expect(p12).toMatch(/[\\/]digicert-client-certificate-[0-9a-f]{16}[\\/]client\.p12$/)
    expect(existsSync(SYSTEM.locate(p12))).toBe(true)
    expect(main.env.SM_CLIENT_CERT_FILE).toBe(p12)
    const post = await scenario.post()
    expect(post).toMatchObject({ exitCode: 0, annotations: [] })
    expect(post.log).toContain(`Deleted ${job.runnerTemp}`)
    expect(scenario.files()).toEqual([])
  }
  expect(scene.enabled()).toHaveLength(1) // the stored one
}

stepsTest('spaces and umlauts', async () => {
  await expectToWork(() => new Job('Läufer Nr 1'))
})

stepsTest('more than 260 characters', async () => {
  const folders = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(70)).join('/')
  const long = () => new Job(folders)
  expect(long().temp.length).toBeGreaterThan(260)
  await expectToWork(long)
})

// `subst` on Windows; under Wine, a link among its drives, all of which are links.
stepsTestOn('Windows', 'only Windows has drive letters')(
  'a different drive from that of the bundles',
  async () => {
    const drive = { letter: 'X:\\', folder: mkdtempSync(join(tmpdir(), 'drive-')) }
    const mapped = mapDrive('X:', drive.folder)
    try {
      await expectToWork(() => new Job('work', drive))
    } finally {
      mapped.unmap()
    }
  },
)
