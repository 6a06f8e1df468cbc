import { expect, test } from '@jest/globals'
import { ActionError, type ErrorCode } from '../../../../src/errors.ts'
import type { WorkflowRun } from '../../../../src/github/runs.ts'
import { sweepAll } from '../../../../src/operations/sweep/all.ts'
import { sweepLeftovers } from '../../../../src/operations/sweep/leftovers.ts'
import type { AllRequest, SweepReport } from '../../../../src/operations/sweep/types.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { fakePorts } from '../../../support/ports.ts'

const failure = (code: ErrorCode) =>
  new ActionError(code, { what: `It failed: ${code}.`, why: 'Why.', fix: 'Fix.' })

const nickname = (run: number, attempt = 1, suffix = 'abcdefghij') => `octo-app-${run}-${attempt}-${suffix}`

const runOf = (status: string, attempt = 1): WorkflowRun => ({
  attempt,
  status,
  createdAt: undefined,
  updatedAt: undefined,
})

type Runs = Record<string, WorkflowRun | ActionError>

async function leftovers(
  digicert: FakeDigicert,
  runs: Runs,
  changes: { dryRun?: boolean; ownRun?: string } = {},
) {
  const ports = fakePorts()
  const asked: string[] = []
  const find = async (repository: string, id: string) => {
    asked.push(id)
    expect(repository).toBe('octo/app')
    const found = runs[id]
    if (found instanceof ActionError) throw found
    return found
  }
  const report = await sweepLeftovers(
    {
      kind: 'leftovers',
      enabled: false,
      repository: 'octo/app',
      ownRun: '99',
      isOwnServer: false,
      dryRun: false,
      ...changes,
    },
    { ...ports, digicert: digicert.as, runs: { find } },
  )
  return { report, asked, log: ports.log }
}

async function all(digicert: FakeDigicert, changes: Partial<AllRequest> = {}) {
  const ports = fakePorts()
  const request: AllRequest = { kind: 'all', enabled: false, name: '', dryRun: false, ...changes }
  return { report: await sweepAll(request, { ...ports, digicert: digicert.as }), log: ports.log }
}

const outcomes = ({ swept }: SweepReport) =>
  Object.fromEntries(swept.map(({ record, outcome }) => [record.id, outcome]))
const enabledIn = ({ records }: FakeDigicert) => records.filter(({ enabled }) => enabled).map(({ id }) => id)
const puts = ({ calls }: FakeDigicert) => calls.filter(call => call.startsWith('PUT'))
const lists = ({ calls }: FakeDigicert) => calls.filter(call => call === 'GET').length

test('leftovers: disables what finished runs made, and nothing else', async () => {
  const digicert = fakeDigicert({
    records: [
      record('over', { name: nickname(1) }),
      record('running', { name: nickname(2) }),
      record('other repository', { name: nickname(3) }),
      record('own run', { name: nickname(99) }),
      record('first attempt', { name: nickname(4, 1) }),
      record('second attempt', { name: nickname(4, 2) }),
      record('stored', { name: 'release-2026' }),
      record('not said to be enabled', { name: nickname(1, 1, 'bbbbbbbbbb'), enabled: undefined }),
    ],
  })
  const runs = {
    1: runOf('completed'),
    2: runOf('in_progress'),
    4: runOf('in_progress', 2),
    99: runOf('completed'),
  }
  const { report, asked, log } = await leftovers(digicert, runs)
  expect(outcomes(report)).toEqual({
    over: 'changed',
    'first attempt': 'changed',
    'not said to be enabled': 'changed',
  })
  expect(report.failure).toBeUndefined()
  expect(asked.sort()).toEqual(['1', '2', '3', '4'])
  expect(enabledIn(digicert)).toEqual(['running', 'other repository', 'own run', 'second attempt', 'stored'])
  expect(log.of('info').join('\n')).toMatch(
    /Looked at 8 certificates: 6 of issue mode are enabled, made in 4 runs\./,
  )
  expect(log.of('warning')).toEqual([])
})

test('leftovers: neither changes nor looks up disabled and expired ones', async () => {
  const past = new Date('2026-05-31T00:00:00Z')
  const digicert = fakeDigicert({
    records: [
      record('a', { name: nickname(1), enabled: false }),
      record('b', { name: nickname(2), endDate: past }),
    ],
  })
  const { report, asked } = await leftovers(digicert, { 1: runOf('completed'), 2: runOf('completed') })
  expect(asked).toEqual([])
  expect(report.swept).toEqual([])
  expect(digicert.calls).toEqual(['GET'])
})

test('never changes another user’s certificate, when the list says whose it is', async () => {
  const records = [
    record('ours', { name: nickname(1) }),
    record('theirs', { name: nickname(1), userId: 'user-2' }),
    record('not said', { name: nickname(1), userId: '' }),
  ]
  const swept = fakeDigicert({ records: structuredClone(records) })
  const { log } = await leftovers(swept, { 1: runOf('completed') })
  expect(enabledIn(swept)).toEqual(['theirs'])
  expect(log.of('info')).toContain('Left 1 certificate alone: the API key belongs to another user.')
  for (const name of ['', '*', 'octo-*']) {
    const all_ = fakeDigicert({ records: structuredClone(records) })
    await all(all_, { name })
    expect(enabledIn(all_)).toEqual(['theirs'])
  }
})

test('changes nothing when the owner of the key cannot be found out', async () => {
  const digicert = fakeDigicert({
    records: [record('a', { name: nickname(1) })],
    user: () => {
      throw failure('ACCESS_DENIED')
    },
  })
  await expect(leftovers(digicert, { 1: runOf('completed') })).rejects.toMatchObject({
    code: 'ACCESS_DENIED',
  })
  await expect(all(digicert)).rejects.toMatchObject({ code: 'ACCESS_DENIED' })
  expect(puts(digicert)).toEqual([])
})

test('a run that GitHub could not report on keeps its certificate; the others are disabled, and the step fails', async () => {
  const digicert = fakeDigicert({
    records: [1, 2, 3, 4].map(run => record(`c${run}`, { name: nickname(run) })),
  })
  const runs = {
    1: runOf('completed'),
    2: failure('GITHUB_ERROR'),
    3: failure('GITHUB_ERROR'),
    4: runOf('completed'),
  }
  const { report, log } = await leftovers(digicert, runs)
  expect(outcomes(report)).toEqual({ c1: 'changed', c2: 'kept', c3: 'kept', c4: 'changed' })
  expect(enabledIn(digicert)).toEqual(['c2', 'c3'])
  expect(report.failure).toMatchObject({
    code: 'GITHUB_ERROR',
    message: expect.stringMatching(
      /^Left 2 certificates enabled, because GitHub could not be asked .*\(2 GITHUB_ERROR\):\n- "octo-app-2-1-abcdefghij", id c2[\s\S]*It failed/,
    ),
  })
  expect(log.of('warning')).toHaveLength(1)
})

test('warns about a token that does not even see this run, and names the permission that it needs', async () => {
  const digicert = () => fakeDigicert({ records: [record('a', { name: nickname(1) })] })
  const blind = await leftovers(digicert(), {})
  expect(blind.log.of('warning')).toEqual([expect.stringMatching(/not even this one.*`actions: read`/)])
  expect(blind.report.failure).toBeUndefined()
  const seeing = await leftovers(digicert(), { 99: runOf('in_progress') })
  expect(seeing.log.of('warning')).toEqual([])
})

test('a dry run changes nothing, and names what it would change', async () => {
  const records = [record('a', { name: nickname(1) }), record('b', { name: nickname(2), enabled: false })]
  const digicert = fakeDigicert({ records })
  expect(outcomes((await leftovers(digicert, { 1: runOf('completed') }, { dryRun: true })).report)).toEqual({
    a: 'due',
  })
  expect(outcomes((await all(digicert, { dryRun: true })).report)).toEqual({ a: 'due', b: 'already' })
  expect(puts(digicert)).toEqual([])
})

test('all: every certificate, or those that a glob matches; disabled ones are counted as such', async () => {
  const records = [record('release-1'), record('release-2', { enabled: false }), record('nightly-1')]
  const some = fakeDigicert({ records: structuredClone(records) })
  expect(outcomes((await all(some, { name: 'release-*' })).report)).toEqual({
    'release-1': 'changed',
    'release-2': 'already',
  })
  expect(enabledIn(some)).toEqual(['nightly-1'])
  const every = fakeDigicert({ records: structuredClone(records) })
  await all(every)
  expect(enabledIn(every)).toEqual([])
  expect(outcomes((await all(every)).report)).toEqual({
    'release-1': 'already',
    'release-2': 'already',
    'nightly-1': 'already',
  })
})

test('all with enabled: true is the undo, and leaves expired ones alone', async () => {
  const digicert = fakeDigicert({
    records: [
      record('app-1', { enabled: false }),
      record('app-2', { enabled: false, endDate: new Date(0) }),
      record('other', { enabled: false }),
    ],
  })
  const { report } = await all(digicert, { enabled: true, name: 'app-*' })
  expect(outcomes(report)).toEqual({ 'app-1': 'changed' })
  expect(puts(digicert)).toEqual(['PUT app-1 true'])
})

test('all: a glob that matches nothing is NOT_FOUND with the nearest nicknames; an empty list is fine', async () => {
  const digicert = fakeDigicert({ records: [record('release-1'), record('nightly')] })
  await expect(all(digicert, { name: 'Release-*' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringMatching(
      /matches "Release-\*"\. The nearest nicknames: "release-1", "nightly"\. Nothing/,
    ),
  })
  expect(puts(digicert)).toEqual([])
  expect((await all(fakeDigicert())).report).toMatchObject({ swept: [], failure: undefined })
})

test('checks all responses that say nothing with one look at the list', async () => {
  const digicert = fakeDigicert({ records: ['a', 'b', 'c', 'd'].map(id => record(id)) })
  digicert.setEnabled = (id, enabled) => {
    for (const known of digicert.records) if (known.id === id && id !== 'c') known.enabled = enabled
    return undefined
  }
  const { report } = await all(digicert)
  expect(outcomes(report)).toEqual({ a: 'changed', b: 'changed', c: 'unsettled', d: 'changed' })
  expect(report.failure).toMatchObject({
    code: 'ACCESS_NOT_EFFECTIVE',
    message: expect.stringMatching(
      /^1 of 4 certificates could not be confirmed as disabled \(1 ACCESS_NOT_EFFECTIVE\); 3 disabled, 0 disabled already\.\nThese may still be enabled:\n- "c", id c: ACCESS_NOT_EFFECTIVE\n/,
    ),
  })
  expect(lists(digicert)).toBe(2)
})

test('one that contradicts is not effective, and does not stop the others', async () => {
  const digicert = fakeDigicert({ records: ['a', 'b', 'c'].map(id => record(id)) })
  const { setEnabled } = digicert
  digicert.setEnabled = (id, enabled) => (id === 'a' ? !enabled : setEnabled(id, enabled))
  const { report } = await all(digicert)
  expect(outcomes(report)).toEqual({ a: 'unsettled', b: 'changed', c: 'changed' })
  expect(report.failure).toMatchObject({
    code: 'ACCESS_NOT_EFFECTIVE',
    message: expect.stringContaining('id a'),
  })
  expect(lists(digicert)).toBe(1)
})

test('sees in the list what a lost response did', async () => {
  const digicert = fakeDigicert({ records: ['a', 'b'].map(id => record(id)) })
  const { setEnabled } = digicert
  digicert.setEnabled = (id, enabled) => {
    if (id === 'a') setEnabled(id, enabled)
    throw failure(id === 'a' ? 'TIMEOUT' : 'ACCESS_DENIED')
  }
  const { report } = await all(digicert)
  expect(outcomes(report)).toEqual({ a: 'changed', b: 'unsettled' })
  expect(report.failure).toMatchObject({ code: 'ACCESS_DENIED', fix: expect.stringContaining('Fix.') })
})

test('reports the most frequent reason, and names at most ten', async () => {
  const digicert = fakeDigicert({ records: Array.from({ length: 40 }, (_, index) => record(`c${index}`)) })
  digicert.setEnabled = id => {
    throw failure(Number(id.slice(1)) % 3 === 0 ? 'NOT_FOUND' : 'ACCESS_DENIED')
  }
  const { report } = await all(digicert)
  expect(report.failure?.code).toBe('ACCESS_DENIED')
  expect(report.failure?.message).toContain('(26 ACCESS_DENIED, 14 NOT_FOUND)')
  expect(report.failure?.message.match(/^- "/gm)).toHaveLength(10)
  expect(report.failure?.message).toContain('and 30 more')
  expect(puts(digicert)).toHaveLength(40)
})

test('does not send hundreds of requests to a server that is down', async () => {
  const digicert = fakeDigicert({ records: Array.from({ length: 300 }, (_, index) => record(`c${index}`)) })
  digicert.setEnabled = () => {
    throw failure('TIMEOUT')
  }
  const { report } = await all(digicert)
  expect(report.failure?.code).toBe('TIMEOUT')
  expect(report.swept.every(({ outcome }) => outcome === 'unsettled')).toBe(true)
  expect(puts(digicert).length).toBeLessThan(20)
})

test('for hundreds, the log has a line now and then', async () => {
  const digicert = fakeDigicert({ records: Array.from({ length: 300 }, (_, index) => record(`c${index}`)) })
  const { log } = await all(digicert)
  const lines = log.of('info').filter(line => /^Disabling/.test(line))
  expect(lines[0]).toBe('Disabling 300 certificates.')
  expect(lines.at(-1)).toBe('Disabling: 300 of 300 requested.')
  expect(lines.length).toBeLessThan(12)
})
