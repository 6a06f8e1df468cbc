import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Archive, downloadTo } from '../support/archive.ts'
import { OWN, useRotation } from '../support/rotation.ts'
import { Job, type StepResult, Use } from '../support/runner.ts'
import { PASSWORD } from '../support/stored.ts'
import { connectionTo } from './emulator-job.ts'

const rotation = useRotation()
const folder = mkdtempSync(join(tmpdir(), 'downloaded action-'))
let archive: Archive
beforeAll(() => {
  archive = downloadTo(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const ACTIONS = ['', 'access', 'check', 'emulator', 'rotate']

test('it is small, and contains only the actions, the license and the README', () => {
  expect(archive.bytes).toBeLessThan(800_000)
  expect(archive.files.length).toBeLessThanOrEqual(80)
  const others = archive.files.filter(path => !path.startsWith('dist/'))
  expect(others.sort()).toEqual(
    [...ACTIONS.map(action => join(action, 'action.yml')), 'LICENSE', 'README.md'].sort(),
  )
})

test('every action runs from it', async () => {
  expect(existsSync(join(folder, '../node_modules'))).toBe(false)
  const job = new Job()
  const use = (action: string) => new Use(job, join(folder, action))
  const emulator = use('emulator')
  const started = await emulator.main({ inputs: {} })
  const connection = connectionTo(started)
  const root = use('')
  const issued = await root.main({ inputs: connection })
  const p12 = {
    'p12-file': issued.outputs['p12-file'] ?? '',
    'p12-password': issued.outputs['p12-password'] ?? '',
  }
  const check = await use('check').main({ inputs: { ...connection, ...p12, 'fail-within': '0d' } })
  const access = await use('access').main({ inputs: { ...connection, ...p12, enabled: 'true' } })
  const post = await root.post({ inputs: connection })
  const stopped = await emulator.post({ inputs: {} })
  const rotate = await dryRotation(use('rotate'))
  expect(outcomes({ started, issued, check, access, post, stopped, rotate })).toEqual([])
})

async function dryRotation(use: Use): Promise<StepResult> {
  const { digicert, github } = rotation
  const { base64 } = await rotation.store()
  return await use.main({
    inputs: {
      'api-key': digicert.apiKey,
      host: digicert.apiUrl,
      'ca-certificates': digicert.caPem + github.caPem,
      'github-token': github.token,
      p12: base64,
      'p12-password': PASSWORD,
      'dry-run': 'true',
    },
    env: { GITHUB_API_URL: github.apiUrl, GITHUB_REPOSITORY: OWN },
  })
}

/** What failed. */
function outcomes(results: Record<string, StepResult>): unknown[] {
  return Object.entries(results).flatMap(([name, { exitCode, annotations }]) => {
    const errors = annotations.filter(({ level }) => level === 'error')
    return exitCode === 0 && errors.length === 0 ? [] : [{ name, exitCode, errors }]
  })
}
