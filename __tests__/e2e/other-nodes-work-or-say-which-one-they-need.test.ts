// Runners other than GitHub's start a step with whatever Node the job's container has. Those on this machine are tried: on
// PATH, in the runner's tool cache, and in OTHER_NODES (paths, separated as in PATH).
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { skipping } from '../support/platform.ts'
import { useRotation } from '../support/rotation.ts'
import { Job, ROOT, type StepResult } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const rotation = useRotation()

/** Each major version here besides our own, with its newest program. */
const found = new Map(otherNodes().map(path => [versionOf(path), path] as const))
const nodes = [...found].filter(([version]) => version !== process.versions.node)
const working = nodes.filter(([version]) => isSupported(version))
const old = nodes.filter(([version]) => !isSupported(version))

const WANTED =
  /^This action needs Node 24 \(22, or 20 from 20\.19 on, will do\), but this step runs on Node \d+\.\d+\.\d+\.$/

describe.each([
  ['main', ''],
  ['check', 'check'],
  ['access', 'access'],
  ['rotate', 'rotate'],
])('%s on an old Node', (_, folder) => {
  test.each(['12.22.12', '16.20.2', '18.20.8', '20.18.3', '21.7.3'])(
    '%s: says which one it needs',
    async version => {
      const { main, post } = await run(folder, pretending(version))
      expectRefused(main)
      expect(main.raw).toContain(`Node ${version}.`)
      if (post === undefined) return
      expect({ exitCode: post.exitCode, lines: lines(post).length }).toEqual({ exitCode: 0, lines: 1 })
      expect(post.annotations).toEqual([expect.objectContaining({ level: 'warning' })])
    },
  )
})

test.each(['20.19.0', '22.0.0', '23.1.0', '25.0.0', '30.1.0'])('accepts %s', async version => {
  const scenario = scene.scenario()
  const main = await scenario.main({ nodeOptions: pretending(version) })
  expect(main.exitCode).toBe(0)
  await scenario.post()
})

test('the emulator says so too, in its own words', async () => {
  const use = new Job().use('emulator')
  const main = await use.main({ inputs: {}, nodeOptions: pretending('18.20.8') })
  expect(main.exitCode).toBe(1)
  expect(main.annotations).toEqual([
    {
      level: 'error',
      title: 'Embedded DigiCert ONE: EMULATOR_RUNNER',
      message: expect.stringContaining('needs Node 24'),
    },
  ])
  expect(main.outputs).toEqual({})
  const post = await use.post({ inputs: {}, nodeOptions: pretending('18.20.8') })
  expect({ exitCode: post.exitCode, lines: lines(post).length }).toEqual({ exitCode: 0, lines: 1 })
})

test('the file that says so is written so that any Node can read it', () => {
  const first = readFileSync(join(ROOT, 'dist/main/index.js'), 'utf8')
  for (const entry of globSync('dist/*/index.js', { cwd: ROOT }))
    expect({ entry, text: readFileSync(join(ROOT, entry), 'utf8') }).toEqual({ entry, text: first })
  expect(first).not.toMatch(/\?\.(?!\d)|\?\?|[|&]{2}=|\bstatic\b|\basync\b|\bimport\b|#\w+[(=;]/)
  expect([...first.matchAll(/require\(([^)]*)\)/g)].map(([, name]) => name)).toEqual(['"./step.js"'])
  expect(first.length).toBeLessThan(2_000)
})

const workingTest = working.length > 0 ? test : skipping('no other Node that will do is on this machine')

workingTest.each(working)(
  'Node %s: issue, stored, check, access, rotate and the post step',
  async (_, node) => {
    const scenario = scene.scenario({ 'write-key': 'true' })
    const main = await scenario.main({ node, nodeOptions: [] })
    expect({ exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
    const held = {
      'p12-file': main.outputs['p12-file'] ?? '',
      'p12-password': main.outputs['p12-password'] ?? '',
    }
    const connection = scene.inputs()
    const check = await new Job()
      .use('check')
      .main({ inputs: { ...connection, ...held, 'fail-within': '0d' }, node })
    expect({ exitCode: check.exitCode, log: check.log }).toMatchObject({ exitCode: 0 })
    const access = await scenario.job
      .use('access')
      .main({ inputs: { ...connection, ...held, enabled: 'true' }, node })
    expect({ exitCode: access.exitCode, log: access.log }).toMatchObject({ exitCode: 0 })
    expect((await scenario.post({ node, nodeOptions: [] })).exitCode).toBe(0)
    scenario.expectNothingLeft()

    const { base64 } = await storedP12(scene.emulator)
    const stored = scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD })
    const opened = await stored.main({ node, nodeOptions: [] })
    expect({ exitCode: opened.exitCode, log: opened.log }).toMatchObject({ exitCode: 0 })

    await rotation.store()
    const rotated = await rotation.run({ force: 'true' }, { node, nodeOptions: [] })
    expect({ exitCode: rotated.exitCode, log: rotated.log }).toMatchObject({ exitCode: 0 })
  },
)

workingTest.each(working)(
  'Node %s: trusts the system’s trust anchors and NODE_EXTRA_CA_CERTS',
  async (_, node) => {
    const file = join(new Job().temp, 'ca.pem')
    writeFileSync(file, scene.emulator.caPem)
    for (const env of [{ NODE_EXTRA_CA_CERTS: file }, { SSL_CERT_FILE: file }]) {
      const scenario = scene.scenario({ 'ca-certificates': '' }, env)
      const main = await scenario.main({ node, nodeOptions: [] })
      expect({ env, exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
      await scenario.post({ node, nodeOptions: [] })
    }
  },
)

workingTest.each(working)('Node %s: the emulator serves a job', async (_, node) => {
  const use = new Job().use('emulator')
  const main = await use.main({ inputs: {}, node })
  expect({ exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
  expect((await use.post({ inputs: {}, node })).exitCode).toBe(0)
})

const oldTest = old.length > 0 ? test : skipping('no Node that is too old is on this machine')

oldTest.each(old)('Node %s: every action says which one it needs', async (_, node) => {
  for (const folder of ['', 'check', 'access', 'rotate']) expectRefused((await run(folder, [], node)).main)
})

/** Node's report about itself, changed before the step begins. */
function pretending(version: string): string[] {
  const script = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
}

async function run(folder: string, nodeOptions: string[], node = process.execPath) {
  const use = new Job().use(folder)
  const inputs = { 'api-key': scene.emulator.apiKey, host: scene.emulator.apiUrl }
  const main = await use.main({ inputs, node, nodeOptions })
  return { main, post: folder === '' ? await use.post({ inputs, node, nodeOptions }) : undefined }
}

function expectRefused(main: StepResult): void {
  expect({ exitCode: main.exitCode, lines: lines(main).length }).toEqual({ exitCode: 1, lines: 1 })
  expect(errorOf(main)).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringMatching(WANTED),
    why: expect.stringContaining('act, Gitea and Forgejo'),
    fix: expect.stringContaining('container image with Node 24'),
  })
  expect(main.outputs).toEqual({})
  expect(scene.emulator.requests).toEqual([])
}

function lines({ raw }: StepResult): string[] {
  return raw.split('\n').filter(line => line !== '')
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 21 || (major === 20 && minor > 18)
}

function otherNodes(): string[] {
  if (process.platform === 'win32') return []
  const { PATH = '', OTHER_NODES = '', RUNNER_TOOL_CACHE = '' } = process.env
  const onPath = PATH.split(delimiter).map(folder => join(folder, 'node'))
  const cached = RUNNER_TOOL_CACHE === '' ? [] : globSync(join(RUNNER_TOOL_CACHE, 'node/*/*/bin/node'))
  const all = [...onPath, ...cached, ...OTHER_NODES.split(delimiter)]
  return all.filter(path => path !== '' && existsSync(path) && dirname(path) !== dirname(process.execPath))
}

function versionOf(node: string): string {
  return execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
}
