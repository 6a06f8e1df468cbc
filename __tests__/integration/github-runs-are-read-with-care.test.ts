import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from '@jest/globals'
import { type Github, startGithub } from '../../emulator/github/index.ts'
import type { Fault } from '../../emulator/index.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { GithubRuns } from '../../src/github/runs.ts'
import { callGithub, useGithub } from '../support/github.ts'
import { fakeClock, fakeLog } from '../support/ports.ts'

const OWN = 'octo-org/hello.world'
const scene = useGithub({ basePath: '/api/v3' })
beforeEach(() => void scene.github.addRepository(OWN))

function runsOf(github: Github, token = github.token) {
  const ports = { clock: fakeClock(), random: { bytes: randomBytes }, log: fakeLog() }
  const { apiUrl, caPem } = github
  const options = { token, apiUrl, caCertificates: caPem === '' ? [] : [caPem], timeoutMs: 5_000, retries: 2 }
  const runs = new GithubRuns({ ...options, userAgent: 'test' }, ports)
  return Object.assign(runs, ports)
}

test('a run in each state, with a base path, and 404 for one that is not in this repository', async () => {
  const { github } = scene
  github.addRepository('octo-org/app')
  const createdAt = new Date('2026-06-01T12:00:00Z')
  const run = github.addRun(OWN, { id: 42, createdAt, updatedAt: createdAt })
  github.addRun('octo-org/app', { id: 43 })
  const runs = runsOf(github)
  const dates = { createdAt, updatedAt: createdAt }
  expect(await runs.find(OWN, '42')).toEqual({ attempt: 1, status: 'in_progress', ...dates })
  Object.assign(run, { attempt: 3, status: 'completed' })
  expect(await runs.find(OWN, '42')).toEqual({ attempt: 3, status: 'completed', ...dates })
  expect(await runs.find(OWN, '43')).toBeUndefined()
  expect(await runs.find(OWN, String(Number.MAX_SAFE_INTEGER))).toBeUndefined()
  expect(github.requests.map(({ path }) => path)[0]).toBe(`/api/v3/repos/${OWN}/actions/runs/42`)
  await runs.close()
})

test('of a run that was rerun, the emulator calls earlier attempts completed, as GitHub does', async () => {
  const { github } = scene
  github.addRun(OWN, { id: 42, attempt: 2, status: 'in_progress' })
  const statusOf = async (path: string) => {
    const { status, json } = await callGithub(github, { path: `/repos/${OWN}/actions/runs/42${path}` })
    const { run_attempt: attempt, status: state } = (json ?? {}) as Record<string, unknown>
    return [status, attempt, state]
  }
  expect(await statusOf('')).toEqual([200, 2, 'in_progress'])
  expect(await statusOf('/attempts/1')).toEqual([200, 1, 'completed'])
  expect(await statusOf('/attempts/2')).toEqual([200, 2, 'in_progress'])
  expect(await statusOf('/attempts/3')).toEqual([404, undefined, '404'])
})

test('uses plain http on this machine, with as many connections as there are requests', async () => {
  const github = await startGithub({ tls: false })
  try {
    github.addRepository(OWN)
    for (let id = 1; id <= 20; id++) github.addRun(OWN, { id, status: 'completed' })
    const held = github.faults.add({ hold: 'before-work', times: Number.POSITIVE_INFINITY })
    const runs = runsOf(github)
    const pending = Promise.all([1, 2, 3, 4].map(id => runs.find(OWN, String(id))))
    for (let waits = 0; held.hits < 4 && waits < 1000; waits++) await sleep(5)
    held.release()
    const found = await pending
    expect(found.map(run => run?.status)).toEqual(Array(4).fill('completed'))
    expect(github.mostAtOnce).toBe(4)
    await runs.close()
  } finally {
    await github.close()
  }
})

test.each<[string, Fault]>([
  ['500', { answer: { status: 500 } }],
  ['502 with a web page', { answer: { status: 502, html: true } }],
  ['503', { answer: { status: 503 } }],
  ['a reset', { reset: 'before-work' }],
  ['a response that breaks off', { hangUp: 'mid-answer' }],
  ['429', { answer: { status: 429, retryAfter: 2 } }],
  [
    'a secondary rate limit',
    { answer: { status: 403, error: { code: '', message: 'You have exceeded a secondary rate limit.' } } },
  ],
])('retries %s', async (_what, fault) => {
  const { github } = scene
  github.addRun(OWN, { id: 42, status: 'completed' })
  github.faults.add(fault)
  const runs = runsOf(github)
  expect(await runs.find(OWN, '42')).toMatchObject({ status: 'completed' })
  expect(github.requests).toHaveLength(2)
  await runs.close()
})

test.each<[string, Fault, ErrorCode, RegExp]>([
  [
    '401',
    { answer: { status: 401 } },
    'GITHUB_TOKEN_INVALID',
    /^GitHub responded with 401 for run 42 of octo-org\/hello.world: Bad credentials/,
  ],
  ['403', { answer: { status: 403 } }, 'GITHUB_PERMISSION', /^GitHub responded with 403/],
  [
    'a redirect',
    { answer: { status: 301, headers: { location: 'https://evil.example/' } } },
    'GITHUB_REDIRECTED',
    /The response is a redirect, which was not followed/,
  ],
  ['a web page', { answer: { status: 200, html: true } }, 'GITHUB_ERROR', /lacks a JSON object/],
  ['a list', { answer: { status: 200, json: [] } }, 'GITHUB_ERROR', /lacks a JSON object/],
  ['204', { answer: { status: 204 } }, 'GITHUB_ERROR', /lacks status 200 \(it has 204\)/],
  ['another run', { rewrite: body => ({ ...body, id: 43 }) }, 'GITHUB_ERROR', /lacks the id of that run/],
  ['an id as text', { rewrite: body => ({ ...body, id: '42' }) }, 'GITHUB_ERROR', /lacks the id of that run/],
  [
    'no attempt',
    { rewrite: ({ run_attempt: _, ...body }) => body },
    'GITHUB_ERROR',
    /lacks the number of its attempts/,
  ],
  [
    'attempt 0',
    { rewrite: body => ({ ...body, run_attempt: 0 }) },
    'GITHUB_ERROR',
    /lacks the number of its attempts/,
  ],
  [
    'attempt 1.5',
    { rewrite: body => ({ ...body, run_attempt: 1.5 }) },
    'GITHUB_ERROR',
    /lacks the number of its attempts/,
  ],
  ['no status', { rewrite: body => ({ ...body, status: null }) }, 'GITHUB_ERROR', /lacks its status/],
  [
    'a response of 3 MB',
    { answer: { status: 200, size: 3_000_000 } },
    'GITHUB_ERROR',
    /far larger than any valid one/,
  ],
])('does not accept %s as a response', async (_what, fault, code, words) => {
  const { github } = scene
  github.addRun(OWN, { id: 42, status: 'completed' })
  github.faults.add({ ...fault, times: Number.POSITIVE_INFINITY })
  const runs = runsOf(github)
  await expect(runs.find(OWN, '42')).rejects.toMatchObject({ code, message: expect.stringMatching(words) })
  expect(github.requests).toHaveLength(1)
  await runs.close()
})

test('a token without `actions: read` gets the fix', async () => {
  const { github } = scene
  const token = github.addToken({ permissions: 'none', actions: 'none', kind: 'github-token' })
  const runs = runsOf(github, token)
  await expect(runs.find(OWN, '42')).rejects.toMatchObject({
    code: 'GITHUB_PERMISSION',
    why: expect.stringContaining('lacks the permission actions: read'),
    fix: expect.stringContaining('`permissions:` with `actions: read`'),
  })
  await runs.close()
})

test('does not wait for a rate limit of an hour, and requests nothing more', async () => {
  const { github } = scene
  github.addRun(OWN, { id: 42, status: 'completed' })
  github.faults.add({ answer: { status: 429, retryAfter: 3_600 } })
  const runs = runsOf(github)
  await expect(runs.find(OWN, '42')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  await expect(runs.find(OWN, '42')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  expect(github.requests).toHaveLength(1)
  await runs.close()
})

test('an unreachable GitHub is a network failure', async () => {
  const github = await startGithub()
  const runs = runsOf(github)
  await github.close()
  await expect(runs.find(OWN, '42')).rejects.toMatchObject({ code: 'CONNECTION_FAILED' })
  await runs.close()
})
