// The job in release.yml that may write takes nothing from the job that installed packages.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { testWithShell } from '../../support/download-server.ts'
import { actions, code, parseYaml, read, type Step, type Workflow } from '../contract/repository.ts'

const { steps = [] } = (parseYaml(read('.github/workflows/release.yml')) as Workflow).jobs?.publish ?? {}
const named = (name: string) =>
  steps.find(step => (step as Step & { name?: string }).name === name)?.run ?? ''

test('it uses no output and no artifact of another job, and runs nothing from npm', () => {
  const text = JSON.stringify(steps)
  expect(steps.length).toBeGreaterThan(4)
  expect(text).not.toMatch(/needs\.|download-artifact|\bnp[mx] |install/)
})

const RUN = [
  'scripts/release.ts',
  'scripts/release-notes.ts',
  'src/version.ts',
  // Before npm installs anything.
  'scripts/name-repository.ts',
  'scripts/named.ts',
]

test('the scripts that a release runs without npm import no package', () => {
  for (const path of RUN) {
    const imports = [...code(path).matchAll(/from '([^']+)'/g)].map(([, from = '']) => from)
    expect(imports.filter(from => !/^(node:|\.)/.test(from))).toEqual([])
  }
})

test('the provenance covers the bundles and the metadata of every action', () => {
  const patterns = steps.flatMap(step => String(step.with?.['subject-path'] ?? '').split('\n'))
  expect(patterns).toEqual(expect.arrayContaining(['dist/**/*.js', 'action.yml', '*/action.yml']))
  for (const { folder } of actions.values()) expect(folder).toMatch(/^(\.|[^/]+)$/)
})

describe('the tag that was pushed', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'publish-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** The arguments of `gh`, one call per line. */
  function callsOf(step: string, tag: string): string[] {
    const gh = join(folder, 'gh')
    writeFileSync(gh, `#!/bin/sh\necho "$*" >> '${join(folder, 'calls')}'\n`)
    chmodSync(gh, 0o700)
    writeFileSync(join(folder, 'calls'), '')
    const env = {
      PATH: [folder, process.env.PATH].join(delimiter),
      RUNNER_TEMP: folder,
      GITHUB_REF_NAME: tag,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_SHA: 'f00',
    }
    const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', named(step)], { env })
    expect(status).toBe(0)
    return readFileSync(join(folder, 'calls'), 'utf8').split('\n').slice(0, -1)
  }

  testWithShell.each([
    ['v1.2.3', 'v1'],
    ['v12.0.0', 'v12'],
  ])('%s moves %s to its commit', (tag, major) => {
    expect(callsOf('Move the major tag', tag)).toEqual([
      `api --method PATCH repos/o/r/git/refs/tags/${major} -f sha=f00 -F force=true`,
    ])
    expect(callsOf('Release', tag)[0]).toMatch(/ --prerelease=false$/)
  })

  testWithShell.each(['v1.2.3-rc.1', 'v1.2', 'v1.2.3.4', 'v1/../v2.0.0', 'main'])(
    '%j moves nothing, and is not a release that anybody gets by default',
    tag => {
      expect(callsOf('Move the major tag', tag)).toEqual([])
      expect(callsOf('Release', tag)[0]).toMatch(/--prerelease=true/)
    },
  )
})
