import { describe, expect, test } from '@jest/globals'
import type { CertificateRecord } from '../../emulator/index.ts'
import { useGithub } from '../support/github.ts'
import { expectHarmless, HOSTILE } from '../support/harmless.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'

const scene = useScene({}, 'access')
const github = useGithub({ tls: false })

const OWN = 'octo-org/hello.world'
const nickname = (run: number, attempt = 1, suffix = 'abcdefghij') =>
  `octo-org-hello-world-${run}-${attempt}-${suffix}`

const names = (...given: string[]) =>
  scene.emulator.seed(given.length, index => ({ name: given[index] ?? '' })) as CertificateRecord[]
const enabledNames = () => scene.enabled().map(({ name }) => name)
const puts = () => scene.emulator.requests.filter(({ method }) => method === 'PUT')

function leftovers(inputs: Inputs = {}, env: Record<string, string> = {}) {
  github.github.addRepository(OWN)
  return scene.scenario(
    { leftovers: 'true', enabled: 'false', 'github-token': github.github.token, ...inputs },
    { GITHUB_API_URL: github.github.apiUrl, ...env },
  )
}

const all = (inputs: Inputs = {}) => scene.scenario({ all: 'true', enabled: 'false', ...inputs })

describe('leftovers', () => {
  test("disables what finished runs left; keeps what is running, somebody else's or from this run", async () => {
    const { github: server } = github
    for (const [id, status] of [
      [101, 'completed'],
      [102, 'in_progress'],
      [103, 'queued'],
      [1234567890, 'in_progress'],
    ] as const)
      server.addRun(OWN, { id, status })
    server.addRun(OWN, { id: 104, attempt: 2, status: 'in_progress' })
    const [over, , , first] = names(
      nickname(101),
      nickname(102),
      nickname(103),
      nickname(104, 1),
      nickname(104, 2),
      nickname(105), // another repository's
      nickname(1234567890), // this run's
      'release-101-1',
      'octo-org-hello-world-0101-1-abcdefghij',
    )
    const main = await leftovers().main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.outputs).toEqual({
      'certificate-id': '',
      enabled: '',
      changed: 'true',
      count: '2',
      'certificate-ids': `${over?.id},${first?.id}`,
    })
    expect(enabledNames()).toEqual([
      nickname(102),
      nickname(103),
      nickname(104, 2),
      nickname(105),
      nickname(1234567890),
      'release-101-1',
      'octo-org-hello-world-0101-1-abcdefghij',
    ])
    expect(main.log).toMatch(/Looked at 9 certificates: 6 of issue mode are enabled, made in 5 runs\./)
    expect(main.log).toContain(`"${nickname(101)}" (id ${over?.id}): disabled.`)
    expect(main.summary).toContain(`[101, attempt 1](https://github.com/${OWN}/actions/runs/101/attempts/1)`)
    expect(main.summary).toContain(over?.id)
    expect(server.requests.map(({ path }) => path.split('/').at(-1)).sort()).toEqual([
      '101',
      '102',
      '103',
      '104',
      '105',
    ])

    const again = await leftovers().main()
    expect(again).toMatchObject({
      exitCode: 0,
      outputs: { count: '0', 'certificate-ids': '', changed: 'false' },
    })
    expect(again.log).toContain('Nothing to do among 9 certificates.')
    expect(puts()).toHaveLength(2)
  })

  test('finds what issue mode issued by the run in its nickname, whatever its name', async () => {
    // A job of another scenario: its main step runs, and its runner vanishes.
    const root = rootJob()
    for (const [name, id] of [
      ['', '201'],
      ['release build', '202'],
      [`${'long/'.repeat(30)}end`, '203'],
    ] as const) {
      github.github.addRun(OWN, { id: Number(id), status: 'completed' })
      const issued = await root({ name }, { GITHUB_RUN_ID: id })
      expect(issued.exitCode).toBe(0)
    }
    expect(scene.enabled()).toHaveLength(3)
    const main = await leftovers().main()
    expect(main).toMatchObject({ exitCode: 0, outputs: { count: '3' } })
    expect(scene.enabled()).toEqual([])
  })

  test('a dry run lists what it would change', async () => {
    github.github.addRun(OWN, { id: 101, status: 'completed' })
    const [over] = names(nickname(101), nickname(102))
    const main = await leftovers({ 'dry-run': 'true' }).main()
    expect(main).toMatchObject({ exitCode: 0 })
    expect(main.outputs).toMatchObject({ count: '1', 'certificate-ids': over?.id, changed: 'false' })
    expect(main.log).toContain('would be disabled')
    expect(main.summary).toContain('dry run: nothing was changed')
    expect(puts()).toEqual([])
  })

  test('a run that GitHub could not report on keeps its certificate: the others are disabled, the step fails, outputs are set', async () => {
    for (const id of [101, 102]) github.github.addRun(OWN, { id, status: 'completed' })
    const [first] = names(nickname(101), nickname(102))
    github.github.faults.add({ path: /102$/, answer: { status: 500 }, times: Number.POSITIVE_INFINITY })
    const main = await leftovers({ retries: '0' }).main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main)).toMatchObject({
      code: 'GITHUB_ERROR',
      what: expect.stringMatching(/^Left 1 certificate enabled, because GitHub could not be asked/),
    })
    expect(warningsOf(main)).toHaveLength(1)
    expect(main.outputs).toMatchObject({ count: '1', 'certificate-ids': first?.id })
    expect(enabledNames()).toEqual([nickname(102)])
    expect(main.summary).toMatch(/^### ❌ Client certificates: GITHUB_ERROR\n\nLeft 1 certificate enabled, /)
    expect(main.summary.match(/^#/gm)).toHaveLength(1)
  })

  test('without the permission, it changes nothing and names the fix', async () => {
    github.github.addRun(OWN, { id: 101, status: 'completed' })
    names(nickname(101))
    const token = github.github.addToken({ permissions: 'none', actions: 'none', kind: 'github-token' })
    const main = await leftovers({ 'github-token': token }).main()
    expect(errorOf(main)).toMatchObject({
      code: 'GITHUB_PERMISSION',
      fix: expect.stringContaining('`actions: read`'),
    })
    expect(enabledNames()).toEqual([nickname(101)])
    expect(main.outputs).toMatchObject({ count: '0', changed: 'false' })
  })

  test('warns about a token that sees no run of this repository, not even this one', async () => {
    names(nickname(101))
    const token = github.github.addToken({ permissions: 'none', only: ['octo-org/app'] })
    const main = await leftovers({ 'github-token': token }).main()
    expect(main.exitCode).toBe(0)
    expect(warningsOf(main).join()).toMatch(/not even this one.*`actions: read`/)
    expect(main.summary).toMatch(
      /^### ⚠️ Client certificates: GitHub shows no run\n\n.*<code>actions: read<\/code>/,
    )
    expect(enabledNames()).toEqual([nickname(101)])
  })

  test('on its own server, a run that finished before the certificate began did not make it', async () => {
    const old = new Date(Date.now() - 30 * 86_400_000)
    github.github.addRun(OWN, { id: 7, status: 'completed', createdAt: old, updatedAt: old })
    names(nickname(7))
    const env = { GITHUB_SERVER_URL: 'https://github.example.com' }
    expect(await leftovers({}, env).main()).toMatchObject({ exitCode: 0, outputs: { count: '0' } })
    expect(enabledNames()).toEqual([nickname(7)])
  })

  test('the next sweep finishes one that was killed', async () => {
    // More than are in flight at once, so that the kill always leaves some for the next sweep.
    const runs = Array.from({ length: 12 }, (_, index) => 101 + index)
    for (const id of runs) github.github.addRun(OWN, { id, status: 'completed' })
    names(...runs.map(id => nickname(id)), nickname(999))
    const held = scene.emulator.faults.add({
      method: 'PUT',
      hold: 'after-work',
      times: Number.POSITIVE_INFINITY,
    })
    const killed = await leftovers().main({
      onStart: child => void held.reached.then(() => child.kill('SIGKILL')),
    })
    expect(killed.signal).toBe('SIGKILL')
    held.remove()
    expect(enabledNames().length).toBeGreaterThan(1)
    expect(await leftovers().main()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(enabledNames()).toEqual([nickname(999)])
  })
})

/** The main step of a job in issue mode, with this scene's DigiCert ONE. */
function rootJob() {
  return (inputs: Inputs, env: Record<string, string>) => {
    const { job } = scene.scenario()
    const run = { inputs: { ...scene.inputs(), verify: 'false', ...inputs }, env }
    return job.use().main(run)
  }
}

describe('all', () => {
  test('disables every certificate, with progress and a grouped list for hundreds', async () => {
    const records = names(...Array.from({ length: 60 }, (_, index) => `job ${index}`), 'done')
    for (const record of records.slice(60)) record.enabled = false
    const main = await all().main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(scene.enabled()).toEqual([])
    expect(main.outputs).toMatchObject({ count: '60', changed: 'true', 'certificate-id': '' })
    expect(main.outputs['certificate-ids']).toBe(
      records
        .slice(0, 60)
        .map(({ id }) => id)
        .join(','),
    )
    expect(main.raw).toContain('::group::All 61 certificates')
    expect(main.log).toContain('61 certificates: 60 disabled, 1 disabled already.')
    expect(puts()).toHaveLength(60)
    const again = await all().main()
    expect(again).toMatchObject({ exitCode: 0, outputs: { count: '0', changed: 'false' } })
    expect(again.summary).toContain('nothing to do')
    expect(puts()).toHaveLength(60)
  })

  test('disables those that a glob matches, and can undo it', async () => {
    names('release-1', 'release-2', 'nightly')
    expect(await all({ name: 'release-*' }).main()).toMatchObject({ exitCode: 0, outputs: { count: '2' } })
    expect(enabledNames()).toEqual(['nightly'])
    const back = await all({ name: 'release-[12]', enabled: 'true' }).main()
    expect(back).toMatchObject({ exitCode: 0, outputs: { count: '2' } })
    expect(back.summary).toContain('🟢')
    expect(scene.enabled()).toHaveLength(3)
  })

  test('a glob that matches nothing is NOT_FOUND with the nearest nicknames', async () => {
    names('release-1', 'nightly')
    const main = await all({ name: 'Release-*' }).main()
    expect(errorOf(main)).toMatchObject({
      code: 'NOT_FOUND',
      what: expect.stringContaining('"release-1", "nightly"'),
    })
    expect(puts()).toEqual([])
  })

  test('an empty list is a success, and it says so', async () => {
    const main = await all().main()
    expect(main).toMatchObject({
      exitCode: 0,
      annotations: [],
      outputs: { count: '0', 'certificate-ids': '' },
    })
    expect(main.log).toContain('Nothing to do among 0 certificates.')
    expect(main.summary).toMatch(/^### ℹ️ Client certificates: there are none\n/)
  })

  test('one failure does not stop the others: it is named, and outputs and summary contain the rest', async () => {
    const records = names(...Array.from({ length: 30 }, (_, index) => `job ${index}`))
    const bad = records[3]
    scene.emulator.faults.add({
      method: 'PUT',
      path: new RegExp(bad?.id ?? ''),
      rewrite: body => ({ ...body, enabled: true }),
      times: Number.POSITIVE_INFINITY,
    })
    const main = await all().main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main)).toMatchObject({
      code: 'ACCESS_NOT_EFFECTIVE',
      what: expect.stringContaining(`- "job 3", id ${bad?.id}: ACCESS_NOT_EFFECTIVE`),
    })
    expect(main.outputs).toMatchObject({ count: '29', changed: 'true' })
    expect(main.outputs['certificate-ids']).not.toContain(bad?.id)
    expect(main.summary).toMatch(
      new RegExp(`❌ not confirmed as disabled \\(ACCESS_NOT_EFFECTIVE\\).*job 3.*${bad?.id}`),
    )
  })

  test('with thousands, the summary stays within GitHub’s limits and contains what is unsettled', async () => {
    const records = names(...Array.from({ length: 3_000 }, (_, index) => `${'ü'.repeat(200)} ${index}`))
    for (const record of records) record.enabled = false
    const last = records.at(-1)
    if (last !== undefined) last.enabled = true
    scene.emulator.faults.add({ method: 'PUT', answer: { status: 403 } })
    const main = await all().main()
    expect(errorOf(main).code).toBe('ACCESS_DENIED')
    expect(Buffer.byteLength(main.summary)).toBeLessThan(1024 * 1024)
    expect(main.summary).toContain(last?.id)
    expect(main.summary).toMatch(/\d+ more are not shown\./)
  })

  test('treats server text as data', async () => {
    names(HOSTILE)
    const main = await all().main()
    expect(main.exitCode).toBe(0)
    expectHarmless(main, 4)
  })

  test('a dry run changes nothing, also for a single certificate', async () => {
    const [first] = names('release-1', 'nightly')
    const many = await all({ 'dry-run': 'true' }).main()
    expect(many).toMatchObject({ exitCode: 0, outputs: { count: '2', changed: 'false' } })
    const one = await scene.scenario({ name: 'release-1', enabled: 'false', 'dry-run': 'true' }).main()
    expect(one).toMatchObject({ exitCode: 0, annotations: [] })
    expect(one.outputs).toEqual({
      'certificate-id': first?.id,
      enabled: 'true',
      changed: 'false',
      count: '1',
      'certificate-ids': first?.id,
    })
    expect(one.log).toContain('would be disabled without `dry-run`')
    expect(one.summary).toContain('dry run: nothing was changed')
    expect(puts()).toEqual([])
  })
})

const P12 = Buffer.from('3003020103', 'hex').toString('base64')

test.each<[string, Inputs, RegExp]>([
  ['both', { leftovers: 'true', all: 'true', enabled: 'false' }, /^'leftovers' and 'all' are both true\./],
  ['leftovers enabled', { leftovers: 'true', enabled: 'true' }, /^'leftovers' and 'enabled' are both true\./],
  ...['certificate-id', 'serial-number', 'name'].map((input): [string, Inputs, RegExp] => [
    `leftovers with ${input}`,
    { leftovers: 'true', enabled: 'false', [input]: 'A1' },
    new RegExp(`^'leftovers' is true, and '${input}' is set as well\\.`),
  ]),
  ['leftovers with a P12', { leftovers: 'true', enabled: 'false', p12: P12 }, /and 'p12' is set/],
  [
    'all with an id',
    { all: 'true', enabled: 'false', 'certificate-id': 'a' },
    /^'all' is true, and 'certificate-id' is/,
  ],
  [
    'all with a serial number',
    { all: 'true', enabled: 'false', 'serial-number': '1' },
    /and 'serial-number' is set/,
  ],
  ['all with a P12', { all: 'true', enabled: 'false', p12: P12 }, /and 'p12' is set/],
  ['all with a P12 file', { all: 'true', enabled: 'false', 'p12-file': 'x.p12' }, /and 'p12-file' is set/],
  [
    'all enabled, without a name',
    { all: 'true', enabled: 'true' },
    /'name' does not say which certificates\./,
  ],
  [
    'all enabled, with a star',
    { all: 'true', enabled: 'true', name: '**' },
    /'name' does not say which certificates\./,
  ],
])('%s is a conflict, reported before any request', async (_what, inputs, words) => {
  const main = await scene.scenario({ 'github-token': 'ghs_0123456789', ...inputs }).main()
  expect(errorOf(main)).toMatchObject({ code: 'INPUT_CONFLICT', what: expect.stringMatching(words) })
  expect(scene.emulator.requests).toEqual([])
})

test.each<[string, Inputs, Record<string, string>, string]>([
  ['no token', { 'github-token': '' }, {}, 'INPUT_MISSING'],
  ['no repository', {}, { GITHUB_REPOSITORY: '' }, 'RUNNER_ENVIRONMENT'],
  ['a repository that is none', {}, { GITHUB_REPOSITORY: 'x' }, 'RUNNER_ENVIRONMENT'],
  ['an API that is not https', {}, { GITHUB_API_URL: 'http://github.example.com' }, 'INPUT_INVALID'],
  ['leftovers: maybe', { leftovers: 'maybe' }, {}, 'INPUT_INVALID'],
])('%s is explained before any request', async (_what, inputs, env, code) => {
  const main = await leftovers(inputs, env).main()
  expect(errorOf(main).code).toBe(code)
  expect([scene.emulator.requests, github.github.requests]).toEqual([[], []])
})
