// `npm run all`, .ci/run and ci.yml agree: each works through scripts/checks.ts, and none has its own checks.
import { expect, test } from '@jest/globals'
import { CHECKS, commandOf } from '../../../scripts/checks.ts'
import { parseYaml, read, readJson, type Workflow } from './repository.ts'

const scripts = readJson('package.json').scripts as Record<string, string>
const ci = read('.ci/run')
const workflow = parseYaml(read('.github/workflows/ci.yml')) as Workflow

/** What a person runs to get something done. Every other script in package.json has to pass before a change is merged. */
const NO_CHECK = [
  ...[
    'setup',
    'emulator',
    'bench',
    'bench:access',
    'bench:check',
    'bench:rotate',
    'bench:jobs',
    'bench:list',
    'bench:masks',
    'bench:p12',
    'reliability',
  ],
  ...['format', 'build', 'sbom', 'release', 'all'],
]

test('every script in package.json is a check, or a known exception', () => {
  const offered = Object.keys(scripts).filter(name => !(name.startsWith('pre') && name.slice(3) in scripts))
  expect([...CHECKS.map(({ script }) => script), ...NO_CHECK].sort()).toEqual(offered.sort())
})

test('`npm run all` works through the list', () => {
  expect(scripts.all).toBe('node scripts/all.ts')
  expect(read('scripts/all.ts')).toMatch(/for \(const check of CHECKS\) /)
})

test('README and CONTRIBUTING name the command that runs the tests among the checks', () => {
  expect(CHECKS.map(commandOf)).toContain('npm test')
  for (const page of ['README.md', 'CONTRIBUTING.md']) expect(read(page)).toMatch(/\bnpm test\b/)
})

test('.ci/run installs the tools, requires all of them, and ends with the whole list and nothing else', () => {
  const commands = ci.split('\n').filter(line => /^\s*(check )?(npm|npx|node) /.test(line))
  expect(commands).toEqual(['npm run setup', 'npm run --silent all'])
  expect(ci.trimEnd().split('\n').at(-1)).toBe('npm run --silent all')
  expect(ci).toMatch(/^export REQUIRE_TOOLS=1\b/m)
  expect(ci).toMatch(/^set -euo pipefail$/m)
})

test('.ci/run installs every program that a check needs', () => {
  const [, list = ''] = /for entry in (.+); do/.exec(ci) ?? []
  const installed = ['bash', ...list.split(' ').map(entry => entry.split(':')[0])]
  const needed = new Set(CHECKS.flatMap(({ needs = [] }) => needs))
  expect([...needed].filter(program => !installed.includes(program))).toEqual([])
})

test('ci.yml runs .ci/run once, the tests on each system that they are about, and no other check', () => {
  const jobs = Object.values(workflow.jobs ?? {})
  const runs = jobs.flatMap(({ steps = [] }) => steps.flatMap(({ run }) => (run === undefined ? [] : [run])))
  expect(runs.filter(run => run.includes('.ci/run'))).toEqual([expect.stringMatching(/^sudo .*\.ci\/run$/)])
  expect(runs.filter(run => /\bnpm\b/.test(run))).toEqual(['npm test', 'npm run test:platform'])
})
