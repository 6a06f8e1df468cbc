// Runs every file in examples/ unchanged on somebody else's runner. The names in it (one.digicert.com, api.github.com, github.com)
// lead to this machine through a proxy; what is not available here is in stand-ins/.
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { PASSWORD_SECRET, SECRET } from '../support/rotation.ts'
import { ROOT } from '../support/runner.ts'
import { PASSWORD, type StoredOptions, storedP12 } from '../support/stored.ts'
import { exitingProgram } from '../support/windows-program.ts'
import { filesUnder, read } from '../unit/contract/repository.ts'
import { type ActOptions, type ActRun, act } from './support/act.ts'
import { emptyJar } from './support/jar.ts'
import { useWorld } from './support/world.ts'

const world = useWorld()

/** What a user's repository contains: a program, and how it is built. */
const REPOSITORY = {
  'build.sh': `#!/bin/sh
mkdir -p dist build
cp program.exe dist/app.exe
cp program.exe dist/driver.sys
cp classes.jar build/app.jar
cp classes.jar dist/app.jar
`,
  gradlew:
    '#!/bin/sh\nmkdir -p build/libs\ncp classes.jar build/libs/one.jar\ncp classes.jar build/libs/two.jar\n',
  'program.exe': exitingProgram(0),
  'classes.jar': emptyJar(),
}
const TAG = { ref: 'refs/tags/v1.0.0' }

/** What a fork gets. */
const NONE: Record<string, string> = {}

type Given = Omit<ActOptions, 'workflow'>

async function run(example: string, given: Given = {}): Promise<ActRun> {
  const { secrets = {}, ...rest } = given
  const done = await act({
    workflow: join(ROOT, 'examples', example),
    repository: REPOSITORY,
    secrets: given.secrets === NONE ? NONE : { DIGICERT_API_KEY: world.digicert.apiKey, ...secrets },
    env: world.runner(),
    ...rest,
  })
  for (const [name, value] of Object.entries({ ...secrets, key: world.digicert.apiKey })) {
    if (done.log.includes(value)) throw new Error(`${example}: the log shows ${name}`)
  }
  expect(world.refused).toEqual([])
  return done
}

function expectSuccess({ exitCode, jobs, log }: ActRun): void {
  if (exitCode !== 0) throw new Error(log.replaceAll(/^ *⚙ +\*\*\*$\n/gm, ''))
  expect(new Set(Object.values(jobs))).toEqual(new Set(['success']))
}

const enabled = () => world.digicert.certificates.filter(certificate => certificate.enabled)

async function store(options: StoredOptions & { daysLeft?: number } = {}): Promise<Record<string, string>> {
  const { daysLeft = 300, ...rest } = options
  const notAfter = new Date(Date.now() + daysLeft * DAY)
  const notBefore = new Date(notAfter.getTime() - 365 * DAY)
  const { base64 } = await storedP12(world.digicert, { keyType: 'rsa-2048', notBefore, notAfter, ...rest })
  return { [SECRET]: base64, [PASSWORD_SECRET]: PASSWORD }
}

/** The token of a job that may read workflow runs. */
const token = () => ({ GITHUB_TOKEN: world.github.addToken({ permissions: 'none', kind: 'github-token' }) })

/** A certificate of a finished run, and one of a run in progress. */
function leftovers() {
  const repository = 'octo-org/hello.world'
  world.github.addRepository(repository)
  world.github.addRun(repository, { id: 1001, status: 'completed' })
  world.github.addRun(repository, { id: 1002 })
  const [left, running] = world.digicert.seed(2, index => ({
    name: `octo-org-hello-world-${1001 + index}-1-abcdefghij`,
    endDate: new Date(Date.now() + DAY / 2),
  }))
  return { left: left ?? fail(), running: running ?? fail() }
}

const pullRequest = (fork: boolean) => ({ pull_request: { head: { repo: { fork } } }, number: 1 })

const signatures = () => world.digicert.requests.filter(({ path }) => path.endsWith('/sign'))

interface Signing extends Given {
  /** what is signed, in the artifact with the result */
  files?: string[]
  /** what else is in it */
  others?: string[]
  artifact?: string
  /** the step that signs and verifies, if it consists of several: act reports them all by its name */
  within?: string
}

async function signs(example: string, given: Signing): Promise<ActRun> {
  const { files = ['app.exe'], others = [], artifact = 'signed', within, ...rest } = given
  const done = await run(example, { payload: TAG, ...rest })
  expectSuccess(done)
  const accepted = { hasApiKey: true, verdict: 'accepted', status: 200 }
  expect(signatures()).toMatchObject(files.map(() => accepted))
  const verifies = within ?? expect.stringMatching(/^Check the signatures?$/)
  expect(done.steps).toContainEqual({ stage: 'Main', step: verifies, result: 'success' })
  const post = within ?? expect.stringMatching(/^Client certificate/)
  expect(done.steps).toContainEqual({ stage: 'Post', step: post, result: 'success' })
  const expected = [...files, ...others].sort().map(file => `${artifact}/${file}`)
  expect(done.artifacts.filter(path => path.startsWith(`${artifact}/`))).toEqual(expected)
  return done
}

const KEYPAIR = { SM_KEYPAIR_ALIAS: 'emulator-keypair' }
const MANUALLY = { event: 'workflow_dispatch' }

const CASES: Record<string, () => Promise<void>> = {
  'issue-curl.yml': async () => {
    const done = await run('issue-curl.yml', MANUALLY)
    expectSuccess(done)
    expect(done.log).toContain(world.digicert.user.id)
    expect(enabled()).toEqual([])
  },

  'issue-smctl.yml': async () => {
    await signs('issue-smctl.yml', { vars: KEYPAIR })
    expect(enabled()).toEqual([])
  },

  'issue-jsign.yml': async () => {
    await signs('issue-jsign.yml', { vars: KEYPAIR })
    expect(enabled()).toEqual([])
  },

  'issue-jarsigner.yml': async () => {
    await signs('issue-jarsigner.yml', { vars: KEYPAIR, files: ['app-signed.jar'] })
    expect(enabled()).toEqual([])
  },

  'stored-smctl.yml': async () => {
    await signs('stored-smctl.yml', { vars: KEYPAIR, secrets: await store({ encryption: 'rc2' }) })
    expect(enabled()).toHaveLength(1)
  },

  'fork-pull-request.yml': async () => {
    // A fork: no secrets, no variables, and no request to DigiCert ONE itself.
    const fork = await run('fork-pull-request.yml', {
      ...{ event: 'pull_request', payload: pullRequest(true), secrets: NONE },
    })
    expectSuccess(fork)
    expect(fork.steps).toContainEqual({ stage: 'Main', step: 'Check the signature', result: 'success' })
    expect(world.digicert.requests).toEqual([])
    await signs('fork-pull-request.yml', { vars: KEYPAIR })
    expect(enabled()).toEqual([])
  },

  'gradle-jarsigner.yml': async () => {
    await signs('gradle-jarsigner.yml', { vars: KEYPAIR, files: ['one.jar', 'two.jar'] })
    expect(enabled()).toEqual([])
  },

  'matrix.yml': async () => {
    const leg = { matrix: 'os:ubuntu-latest', artifact: 'signed-ubuntu-latest' }
    await signs('matrix.yml', { vars: KEYPAIR, files: ['app.jar'], ...leg })
    expect(enabled()).toEqual([])
  },

  'two-service-users.yml': async () => {
    const vars = { DESKTOP_KEYPAIR_ALIAS: 'emulator-keypair', DRIVERS_KEYPAIR_ALIAS: 'emulator-keypair' }
    const key = world.digicert.apiKey
    const secrets = { DESKTOP_API_KEY: key, DRIVERS_API_KEY: key }
    const { steps } = await signs('two-service-users.yml', {
      vars,
      secrets,
      files: ['app.exe', 'driver.sys'],
    })
    const posts = steps.filter(({ stage, step }) => stage === 'Post' && /^Client certificate/.test(step))
    expect(posts).toHaveLength(2)
    expect(world.digicert.certificates).toHaveLength(2)
    expect(enabled()).toEqual([])
  },

  'composite.yml': async () => {
    const repository = {
      ...REPOSITORY,
      '.github/actions/sign/action.yaml': read('examples/composite/action.yaml'),
    }
    const { log } = await signs('composite.yml', { vars: KEYPAIR, repository, within: 'Sign' })
    expect(log).toContain('Signature verification: ok')
    expect(enabled()).toEqual([])
  },

  'goreleaser.yml': async () => {
    const done = await signs('goreleaser.yml', { vars: KEYPAIR, files: ['windows_windows_amd64_v1/app.exe'] })
    expect(done.log).toContain('goreleaser (stand-in): released')
    expect(enabled()).toEqual([])
  },

  'sign-reusable.yml': async () => {
    const others = ['app.jar', 'driver.sys'] // matched by no pattern
    await signs('sign-reusable.yml', { vars: KEYPAIR, artifact: 'programs-signed', others })
    expect(enabled()).toEqual([])
  },

  'alarm-issue.yml': async () => {
    const title = 'Client certificates need attention'
    const night = (issues = '') =>
      run('alarm-issue.yml', { event: 'schedule', env: { ...world.runner(), STAND_IN_OPEN_ISSUES: issues } })
    const nothing = await night()
    expect(nothing.jobs).toMatchObject({ check: 'failure', tell: 'success' })
    expect(nothing.log).toContain(`opened "${title}"`)
    const later = (days: number) => new Date(Date.now() + days * DAY)
    await world.digicert.mint({ name: 'stored-far', notAfter: later(200) })
    const fine = await night()
    expect(fine).toMatchObject({ exitCode: 0, jobs: { check: 'success', tell: 'success' } })
    expect(fine.log).not.toMatch(/gh \(stand-in\)/)
    const closed = await night(`another\n${title}`)
    expect(closed.log).toMatch(/gh \(stand-in\): octo-org\/hello\.world: closed 2: All is well/)
    await world.digicert.mint({ name: 'stored-near', notAfter: later(20) })
    const near = await night(title)
    expect(near.jobs).toMatchObject({ check: 'failure', tell: 'success' })
    expect(near.log).toContain('updated 1: The nightly check failed')
    expect(near.log).toContain('1 of 2 certificates need attention.')
    expect(near.log).toMatch(/\| `stored-near` \| failing \| .* \| (19|20) \|/)
    expect(near.log).not.toContain('opened')
  },

  'nightly-check.yml': async () => {
    const opened = /opened "Client certificates need attention": .*\/actions\/runs\/1234567890/
    const given = { ...MANUALLY, secrets: token() }
    const nothing = await run('nightly-check.yml', given)
    expect(nothing.jobs).toMatchObject({ check: 'failure', tell: 'success' })
    expect(nothing.summaries.join('')).toContain('nothing was checked')
    expect(nothing.log).toMatch(opened)
    const soon = (days: number) => new Date(Date.now() + days * DAY)
    await world.digicert.mint({ name: 'stored-far', notAfter: soon(200) })
    await world.digicert.mint({ name: 'job', notBefore: soon(-0.5), notAfter: soon(0.5) })
    const { left, running } = leftovers()
    const fine = await run('nightly-check.yml', given)
    expect(fine).toMatchObject({ exitCode: 0, jobs: { check: 'success' } })
    expect(fine.log).not.toMatch(opened)
    expect(fine.outputs('leftovers')).toMatchObject({ 'certificate-ids': left.id })
    expect(enabled()).not.toContain(left)
    expect(enabled()).toContain(running)
    expect(fine.summaries.join('')).toMatch(/🟢 fine \| stored-far[\s\S]*🔵 short-lived \| job/)
    await world.digicert.mint({ name: 'stored-near', notAfter: soon(20) })
    const near = await run('nightly-check.yml', { ...given, event: 'schedule' })
    expect(near.jobs).toMatchObject({ check: 'failure', tell: 'success' })
    expect(near.summaries.join('')).toContain('stored-near')
    expect(near.log).toMatch(opened)
    const title = { STAND_IN_OPEN_ISSUES: 'another\nClient certificates need attention' }
    const again = await run('nightly-check.yml', {
      ...given,
      event: 'schedule',
      env: { ...world.runner(), ...title },
    })
    expect(again.jobs).toMatchObject({ check: 'failure', tell: 'success' })
    expect(again.log).not.toMatch(opened)
  },

  'leftovers.yml': async () => {
    const { left, running } = leftovers()
    const dry = await run('leftovers.yml', {
      ...MANUALLY,
      payload: { inputs: { 'dry-run': 'true' } },
      secrets: token(),
    })
    expectSuccess(dry)
    expect(dry.outputs('leftovers')).toMatchObject({
      count: '1',
      'certificate-ids': left.id,
      changed: 'false',
    })
    expect(enabled()).toEqual([left, running])
    const night = await run('leftovers.yml', { event: 'schedule', secrets: token() })
    expectSuccess(night)
    expect(night.outputs('leftovers')).toMatchObject({
      count: '1',
      'certificate-ids': left.id,
      changed: 'true',
    })
    expect(enabled()).toEqual([running])
  },

  'pull-request-gate.yml': async () => {
    const near = await store({ daysLeft: 10 })
    const gate = await run('pull-request-gate.yml', {
      event: 'pull_request',
      payload: pullRequest(false),
      secrets: near,
    })
    expect(gate.jobs).toEqual({ gate: 'failure' })
    expect(gate.summaries.join('')).toMatch(/the one in use expires in/)
    const open = await run('pull-request-gate.yml', {
      ...{ event: 'pull_request', payload: pullRequest(false), secrets: await store({ daysLeft: 200 }) },
    })
    expectSuccess(open)
    const fork = await run('pull-request-gate.yml', { event: 'pull_request', payload: pullRequest(true) })
    expect(fork).toMatchObject({ exitCode: 0, steps: [] })
  },

  'incident-access.yml': async () => {
    const { serialNumber } = await world.digicert.mint({ name: 'leaked' }).then(() => enabled()[0] ?? fail())
    const access = (what: string) =>
      run('incident-access.yml', {
        ...MANUALLY,
        payload: { inputs: { access: what, 'serial-number': serialNumber } },
      })
    const disabled = await access('disable')
    expectSuccess(disabled)
    expect(enabled()).toEqual([])
    expect(disabled.outputs('access')).toMatchObject({ enabled: 'false', changed: 'true' })
    expect(disabled.summaries.at(-1)).toMatch(/disable \(dry run: false\) of 1 certificates: [0-9a-f-]{36}/)
    expectSuccess(await access('enable'))
    expect(enabled()).toHaveLength(1)
    // The key has leaked: all of them, first as a dry run.
    world.digicert.seed(30)
    const every = (inputs: Record<string, string>) =>
      run('incident-access.yml', {
        ...MANUALLY,
        payload: { inputs: { access: 'disable', which: 'all', ...inputs } },
      })
    const dry = await every({ 'dry-run': 'true' })
    expectSuccess(dry)
    expect(dry.outputs('access')).toMatchObject({ count: '31', changed: 'false' })
    expect(enabled()).toHaveLength(31)
    const all = await every({})
    expectSuccess(all)
    expect(enabled()).toEqual([])
    expect(all.summaries.at(-1)).toMatch(/disable \(dry run: false\) of 31 certificates: [0-9a-f-]{36},/)
  },

  'rotate.yml': () =>
    rotates('rotate.yml', '0', ['octo-org/hello.world:rotation', 'octo-org/hello.world:release']),

  'rotate-reusable.yml': () =>
    rotates('rotate-reusable.yml', 'rotate', ['octo-org/app', 'octo-org/app:release', 'org:octo-org']),

  'rotate-fleet.yml': async () => {
    const names = { DESKTOP: 'octo-org/desktop', DRIVERS: 'octo-org/drivers:release' }
    const secrets: Record<string, string> = { SECRETS_TOKEN: world.github.token }
    for (const [prefix, target] of Object.entries(names)) {
      world.github.addRepository(target.split(':')[0] ?? '', { environments: ['release'] })
      const stored = await store({ name: `${prefix} by hand`, daysLeft: 30 })
      secrets[`${prefix}_API_KEY`] = world.digicert.apiKey
      secrets[`${prefix}_CERT_FILE_B64`] = stored[SECRET] ?? ''
      secrets[`${prefix}_CERT_PASSWORD`] = PASSWORD
    }
    const done = await run('rotate-fleet.yml', { ...MANUALLY, secrets })
    expectSuccess(done)
    for (const [prefix, target] of Object.entries(names)) {
      const written = world.github.secret(target, `${prefix}_CERT_FILE_B64`)?.value
      expect(written).toEqual(expect.any(String))
      expect(written).not.toBe(secrets[`${prefix}_CERT_FILE_B64`])
    }
    expect(enabled()).toHaveLength(4)
  },
}

/** Only read here, by unit/contract; what is missing. */
const NOT_HERE = {
  'apk.yml': 'the Android build tools',
  'container.yml': 'a container runtime',
  'nuget.yml': 'Windows',
  'rotate-aws-secrets-manager.yml': 'AWS',
  'rotate-azure-key-vault.yml': 'Azure',
  'rotate-hashicorp-vault.yml': 'HashiCorp Vault',
  'tauri.yml': 'Windows',
  'windows-electron-builder.yml': 'Windows',
  'windows-signtool.yml': 'Windows',
}

/**
 * On three nights: replaced, left alone within the grace period, the old one disabled after it.
 * @param id of the step; act counts steps that have none
 */
async function rotates(example: string, id: string, targets: string[]): Promise<void> {
  world.github.addRepository('octo-org/hello.world', { environments: ['rotation', 'release'] })
  world.github.addRepository('octo-org/app', { environments: ['release'] })
  world.github.addOrganization('octo-org')
  const first = targets[0] ?? ''
  for (const [name, value] of Object.entries(await store({ daysLeft: 30 }))) {
    for (const target of targets) world.github.setSecret(target, name, value)
  }
  const old = enabled()[0] ?? fail()
  const night = async () => {
    const secrets = Object.fromEntries(
      [SECRET, PASSWORD_SECRET].map(name => [name, world.github.secret(first, name)?.value ?? '']),
    )
    const done = await run(example, {
      event: 'schedule',
      secrets: { ...secrets, SECRETS_TOKEN: world.github.token },
    })
    expectSuccess(done)
    return done
  }
  const before = world.github.secret(first, SECRET)?.value
  world.later(1 / 24)
  expect((await night()).outputs(id)).toMatchObject({ rotated: 'true' })
  const values = targets.map(target => world.github.secret(target, SECRET)?.value)
  expect(new Set(values).size).toBe(1)
  expect(values[0]).not.toBe(before)
  world.later(1)
  expect((await night()).outputs(id)).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': '' })
  expect(enabled()).toHaveLength(2)
  world.later(8)
  expect((await night()).outputs(id)).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': old.id })
  expect(enabled()).toHaveLength(1)
  expect(world.github.secret(first, SECRET)?.value).toBe(values[0])
}

function fail(): never {
  throw new Error('there is no certificate')
}

describe('examples', () => {
  const files = filesUnder('examples', '.yml').map(path => path.replace('examples/', ''))

  test('are all run below, except those that need what is not available here', () => {
    expect([...Object.keys(CASES), ...Object.keys(NOT_HERE)].sort()).toEqual(files)
  })

  test.each(Object.entries(CASES))('%s', (_name, body) => body())
})
