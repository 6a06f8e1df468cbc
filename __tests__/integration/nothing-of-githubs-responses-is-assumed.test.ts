// A server in GitHub's place, or a proxy in front of it: whatever is not understood is an error, and nothing is written.
import { randomBytes } from 'node:crypto'
import type { RequestListener, ServerResponse } from 'node:http'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { GithubSecrets } from '../../src/github/secrets.ts'
import { parseTarget, type Target } from '../../src/github/target.ts'
import { fakePorts } from '../support/ports.ts'
import { startTlsServer } from '../support/tls-server.ts'

const ORG = parseTarget('org:octo-org') as Target
const REPO = parseTarget('octo-org/app') as Target
const KEY = { key_id: '568250167242549743', key: `${randomBytes(32).toString('base64')}` }
const SELECTED = { name: 'P12', updated_at: '2026-06-01T12:00:00Z', visibility: 'selected' }
const COMPLETE = { total_count: 2, repositories: [{ id: 11 }, { id: 12 }] }

type Answer = (response: ServerResponse, url: URL) => void
const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  response =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(value))

let answers: Record<'key' | 'secret' | 'repositories' | 'put', Answer>
let written: unknown[]
let seen: string[]
let server: Awaited<ReturnType<typeof startTlsServer>>

const listener: RequestListener = (request, response) => {
  const url = new URL(request.url ?? '/', 'https://localhost')
  seen.push(`${request.method} ${url.pathname}`)
  const part = url.pathname.endsWith('/public-key')
    ? 'key'
    : url.pathname.endsWith('/repositories')
      ? 'repositories'
      : 'secret'
  if (request.method !== 'PUT') return answers[part](response, url)
  const chunks: Buffer[] = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    written.push(JSON.parse(Buffer.concat(chunks).toString()))
    answers.put(response, url)
  })
}

beforeEach(async () => {
  written = []
  seen = []
  answers = {
    key: json(KEY),
    secret: json(SELECTED),
    repositories: json(COMPLETE),
    put: response => void response.writeHead(204).end(),
  }
  server = await startTlsServer(listener)
})
afterEach(() => server.close())

function secrets(apiUrl = `https://localhost:${server.port}`): GithubSecrets {
  const options = {
    ...{ token: 'ghp_0123456789', apiUrl, caCertificates: [server.caPem], timeoutMs: 20_000, retries: 0 },
    ...{ userAgent: 'test', writes: 1 },
  }
  return new GithubSecrets(options, fakePorts())
}

const fails = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) })

test('an organization secret keeps its selected repositories', async () => {
  const ids = Array.from({ length: 250 }, (_, index) => ({ id: index + 1 }))
  answers.repositories = (response, { searchParams }) => {
    const page = Number(searchParams.get('page'))
    json({ total_count: 250, repositories: ids.slice((page - 1) * 100, page * 100) })(
      response,
      new URL('a:b'),
    )
  }
  await secrets().write(ORG, 'P12', 'value')
  expect(written).toEqual([
    expect.objectContaining({ visibility: 'selected', selected_repository_ids: ids.map(({ id }) => id) }),
  ])
})

const SELECTIONS: [string, unknown][] = [
  ['an empty object', {}],
  ['a list', [{ id: 11 }]],
  ['null', null],
  ['no repositories', { total_count: 2 }],
  ['repositories that are not a list', { total_count: 2, repositories: { id: 11 } }],
  ['fewer than are counted', { total_count: 3, repositories: COMPLETE.repositories }],
  ['none of those that are counted', { total_count: 2, repositories: [] }],
  ['more than are counted', { total_count: 1, repositories: COMPLETE.repositories }],
  ['the same twice', { total_count: 2, repositories: [{ id: 11 }, { id: 11 }] }],
  ['no count', { repositories: COMPLETE.repositories }],
  ['a count that is text', { total_count: '2', repositories: COMPLETE.repositories }],
  ['an id that is text', { total_count: 2, repositories: [{ id: 11 }, { id: '12' }] }],
  ['an id that is not an integer', { total_count: 2, repositories: [{ id: 11 }, { id: 1.5 }] }],
  ['an id below zero', { total_count: 2, repositories: [{ id: 11 }, { id: -1 }] }],
  ['an id that is missing', { total_count: 2, repositories: [{ id: 11 }, {}] }],
  ['an id that is too large for a number', { total_count: 2, repositories: [{ id: 11 }, { id: 2 ** 60 }] }],
  ['an entry that is null', { total_count: 2, repositories: [{ id: 11 }, null] }],
]

test.each(SELECTIONS)('a selection with %s is an error, and writes nothing', async (_name, body) => {
  answers.repositories = json(body)
  await expect(secrets().write(ORG, 'P12', 'value')).rejects.toMatchObject(
    fails('GITHUB_ERROR', /^GitHub's response for org:octo-org lacks /),
  )
  expect(written).toEqual([])
})

test('a second page with another count is an error, and writes nothing', async () => {
  answers.repositories = (response, { searchParams }) =>
    searchParams.get('page') === '1'
      ? json({ total_count: 150, repositories: Array.from({ length: 100 }, (_, id) => ({ id: id + 1 })) })(
          response,
          new URL('a:b'),
        )
      : json({ total_count: 150, repositories: [{ id: 101 }] })(response, new URL('a:b'))
  await expect(secrets().write(ORG, 'P12', 'value')).rejects.toMatchObject(fails('GITHUB_ERROR', /150/))
  expect(written).toEqual([])
})

test('does not follow endless pages, and names the limit', async () => {
  let page = 0
  answers.repositories = (response, url) => {
    page++
    const repositories = Array.from({ length: 100 }, (_, id) => ({ id: page * 100 + id }))
    json({ total_count: 1_000_000, repositories })(response, url)
  }
  await expect(secrets().write(ORG, 'P12', 'value')).rejects.toMatchObject(
    fails('GITHUB_ERROR', /1000000 repositories may use P12 .*reads at most 10000/),
  )
  expect(page).toBe(1)
  expect(written).toEqual([])
})

const KEYS: [string, unknown][] = [
  ['no key', { key_id: '1' }],
  ['no id', { key: KEY.key }],
  ['an id that is a number', { ...KEY, key_id: 1 }],
  ['an empty id', { ...KEY, key_id: '' }],
  ['an endless id', { ...KEY, key_id: 'x'.repeat(1000) }],
  ['a key of 31 bytes', { ...KEY, key: randomBytes(31).toString('base64') }],
  ['a key of 33 bytes', { ...KEY, key: randomBytes(33).toString('base64') }],
  ['a key in hex', { ...KEY, key: randomBytes(32).toString('hex') }],
  ['a key of another alphabet', { ...KEY, key: `${'-'.repeat(43)}=` }],
  ['a key of zeros', { ...KEY, key: Buffer.alloc(32).toString('base64') }],
  ['a list', [KEY]],
]

test.each(KEYS)('a public key with %s is an error, and writes nothing', async (_name, body) => {
  answers.key = json(body)
  await expect(secrets().write(REPO, 'P12', 'value')).rejects.toMatchObject(
    fails('GITHUB_ERROR', /^GitHub's response for octo-org\/app lacks /),
  )
  expect(written).toEqual([])
})

const STATES: [string, unknown][] = [
  ['no time', { ...SELECTED, updated_at: undefined }],
  ['a time that is a number', { ...SELECTED, updated_at: 5 }],
  ['a time that is only a year', { ...SELECTED, updated_at: '2026' }],
  ['a time that is none', { ...SELECTED, updated_at: '2026-99-99T12:00:00Z' }],
  ['no visibility', { ...SELECTED, visibility: undefined }],
  ['a visibility that nobody knows', { ...SELECTED, visibility: 'everybody' }],
  ['a list in its place', { ...SELECTED, visibility: ['all'] }],
]

test.each(STATES)('a secret with %s is an error, and writes nothing', async (_name, body) => {
  answers.secret = json(body)
  await expect(secrets().write(ORG, 'P12', 'value')).rejects.toMatchObject(
    fails('GITHUB_ERROR', /^GitHub's response for org:octo-org lacks /),
  )
  expect(written).toEqual([])
})

test.each([201, 202, 203, 206])('status %i for a GET is an error', async status => {
  answers.secret = json(SELECTED, status)
  await expect(secrets().find(ORG, 'P12')).rejects.toMatchObject(
    fails('GITHUB_ERROR', new RegExp(`it has ${status}`)),
  )
})

test.each([
  ['text', 'text/html; charset=utf-8', '<!doctype html>'],
  ['half of it', 'application/json', '{"updated_at":'],
  ['a type that is none', ';;=;', '[]'],
])('%s instead of JSON is a clear error', async (_name, type, body) => {
  answers.secret = response => void response.writeHead(200, { 'content-type': type }).end(body)
  await expect(secrets().find(REPO, 'P12')).rejects.toMatchObject(
    fails('GITHUB_ERROR', /lacks a JSON object/),
  )
})

// Redirects

let elsewhere: { asked: string[]; url: string; close(): void }
beforeEach(async () => {
  const asked: string[] = []
  const other = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(KEY))
  })
  await new Promise<void>(done => void other.listen(0, '127.0.0.1', done))
  const { port } = other.address() as AddressInfo
  elsewhere = { asked, url: `http://localhost:${port}`, close: () => void other.close() }
})
afterEach(() => elsewhere.close())

const redirect =
  (status: number, location?: string): Answer =>
  response =>
    void response.writeHead(status, location === undefined ? {} : { location }).end()

test.each([300, 301, 302, 303, 304, 305, 307, 308, 399])(
  'does not follow %i: not for the key, a secret or a write',
  async status => {
    for (const part of ['key', 'secret', 'repositories', 'put'] as const) {
      answers = { key: json(KEY), secret: json(SELECTED), repositories: json(COMPLETE), put: json({}, 201) }
      answers[part] = redirect(status, `${elsewhere.url}/x`)
      await expect(secrets().write(ORG, 'P12', 'value')).rejects.toMatchObject(
        fails(
          'GITHUB_REDIRECTED',
          new RegExp(`^GitHub responded with ${status} for org:octo-org: a redirect`),
        ),
      )
    }
    expect(elsewhere.asked).toEqual([])
    expect(written).toHaveLength(1)
    expect(seen.filter(line => line.endsWith('/x'))).toEqual([])
  },
)

const MEANINGS: [string, () => string | undefined, RegExp, RegExp][] = [
  [
    "GitHub's number for a repository that was renamed",
    () => `https://localhost:${server.port}/repositories/1300192/actions/secrets/public-key`,
    /was renamed/,
    /^Write its new name, which GitHub shows .* in 'targets' instead of octo-org\/app\.$/,
  ],
  [
    'its new name',
    () => `/repos/new-org/new.app/actions/secrets/public-key`,
    /was renamed/,
    /^Write new-org\/new\.app in 'targets' instead of octo-org\/app\.$/,
  ],
  [
    'a name that is none',
    () => `/repos/${encodeURIComponent('a"b\n::error::')}/%0a/x`,
    /was renamed/,
    /^Write its new name, which/,
  ],
  [
    'the same server without TLS',
    () => `http://localhost/api/v3/repos/octo-org/app`,
    /proxy in front of GitHub Enterprise Server/,
    /X-Forwarded-Proto/,
  ],
  ['another server', () => 'https://login.example.com/?next=1', /login page or a proxy/, /GITHUB_API_URL/],
  ['nowhere', () => undefined, /login page or a proxy/, /GITHUB_API_URL/],
  ['what is not an address', () => 'https://[', /login page or a proxy/, /GITHUB_API_URL/],
  ['very far', () => `https://example.com/${'x'.repeat(12_000)}`, /login page or a proxy/, /GITHUB_API_URL/],
]

test.each(MEANINGS)('a redirect to %s says what it usually means', async (_name, location, why, fix) => {
  answers.key = redirect(301, location())
  const error = await secrets()
    .write(REPO, 'P12', 'value')
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'GITHUB_REDIRECTED',
    why: expect.stringMatching(why),
    fix: expect.stringMatching(fix),
  })
  const { message } = error as Error
  expect(message).toMatch(
    /^GitHub responded with 301 for octo-org\/app: a redirect.*, which was not followed\.$/,
  )
  expect(message.length).toBeLessThan(400)
  expect(message).not.toContain('next=1')
})

test("the advice keeps the environment's name", async () => {
  answers.key = redirect(301, '/repos/new-org/app/environments/release/secrets/public-key')
  const target = parseTarget('octo-org/app:release') as Target
  await expect(secrets().proveWritable(target)).rejects.toMatchObject({
    fix: "Write new-org/app:release in 'targets' instead of octo-org/app:release.",
  })
})

// What a response may cost

/** Runs it and returns its cost: milliseconds of processor time, and peak memory in MiB. */
async function costOf(run: () => Promise<unknown>) {
  const before = process.cpuUsage()
  const start = process.memoryUsage().rss
  let most = start
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  await run()
  clearInterval(watch)
  most = Math.max(most, process.memoryUsage().rss)
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: (user + system) / 1000, mib: (most - start) / 2 ** 20 }
}

/** 17 GB of spaces would take as long to make, so a part is made once and repeated: gzip members can be concatenated. */
const bomb = (() => {
  const member = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '), { level: 9 })
  return Buffer.concat(Array.from({ length: 50 }, () => member))
})()

test.each([
  ['a success', 200],
  ['a refusal', 404],
  ['a redirect', 301],
])('3 GB in 3 MB of gzip in %s cost little', async (_name, status) => {
  expect(bomb.length).toBeLessThan(4 * 2 ** 20)
  answers.secret = response =>
    void response
      .writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(bomb)
  const cost = await costOf(() =>
    secrets()
      .find(REPO, 'P12')
      .catch((error: unknown) => error),
  )
  expect(cost.cpuMs).toBeLessThan(10_000)
  expect(cost.mib).toBeLessThan(300)
  const found = secrets().find(REPO, 'P12')
  if (status === 200) {
    await expect(found).rejects.toMatchObject(fails('GITHUB_ERROR', /far larger than any valid one/))
  } else if (status === 301) {
    await expect(found).rejects.toMatchObject({ code: 'GITHUB_REDIRECTED' })
  } else {
    await expect(found).resolves.toBeUndefined()
  }
})

test.each(['gzip, gzip', 'gzip,br,deflate'])('does not unpack what is compressed as %s', async codings => {
  const body = gzipSync(gzipSync(JSON.stringify(SELECTED)))
  answers.secret = response =>
    void response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': codings })
      .end(body)
  await expect(secrets().find(REPO, 'P12')).rejects.toMatchObject({ code: 'GITHUB_ERROR' })
})

test('reads a compressed response', async () => {
  answers.secret = response =>
    void response
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(gzipSync(JSON.stringify(SELECTED)))
  await expect(secrets().find(ORG, 'P12')).resolves.toMatchObject({ visibility: 'selected' })
})

const LONG = 15_000
const HEADERS: [string, Record<string, string>][] = [
  ['many openings', { link: '<'.repeat(LONG), deprecation: 'true' }],
  ['many parameters', { link: `<a>${'; rel='.repeat(LONG / 6)}`, deprecation: 'true', sunset: 'x' }],
  ['many spaces', { link: `<a>${' '.repeat(LONG)}`, deprecation: 'true' }],
  ['a long type', { 'content-type': `application/json${';a="'.repeat(LONG / 4)}` }],
  ['a long rate limit', { 'x-ratelimit-reset': '9'.repeat(LONG), 'x-ratelimit-remaining': '0' }],
]

test.each(HEADERS)('headers with %s cost nothing', async (_name, headers) => {
  answers.secret = json(SELECTED, 200, headers)
  const { cpuMs } = await costOf(() => secrets().find(ORG, 'P12'))
  expect(cpuMs).toBeLessThan(2_000)
})

const SIZE = 2 * 2 ** 20 - 100
const BODIES: [string, string][] = [
  ['open brackets', '['.repeat(SIZE)],
  ['open objects', '{"a":'.repeat(SIZE / 5)],
  ['empty objects', `[${'{},'.repeat(SIZE / 3)}{}]`],
  ['one number', `{"updated_at":${'1'.repeat(SIZE)}}`],
  ['one name', `{"name":"${'n'.repeat(SIZE)}"}`],
]

test.each(BODIES)('2 MiB of %s cost little, in a success and in a refusal', async (_name, body) => {
  for (const status of [200, 403, 422, 500]) {
    answers.secret = response =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    const cost = await costOf(() =>
      secrets()
        .find(REPO, 'P12')
        .catch((error: unknown) => error),
    )
    expect(cost.cpuMs).toBeLessThan(10_000)
    expect(cost.mib).toBeLessThan(300)
  }
  await expect(secrets().find(REPO, 'P12')).rejects.toMatchObject({ code: 'GITHUB_ERROR' })
})
