import { expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const ALWAYS = { times: Number.POSITIVE_INFINITY }
const POST = { method: 'POST' }

interface Case {
  fault: Fault
  code: string
  what: RegExp
  fix: RegExp
  posts: number
}

const REFUSALS: [string, Case][] = [
  [
    '401',
    {
      fault: { ...POST, answer: { status: 401 } },
      code: 'API_KEY_INVALID',
      what: /401 \(invalid_api_key: /,
      fix: /api-key/,
      posts: 1,
    },
  ],
  [
    '401 in the other shape',
    {
      fault: { ...POST, answer: { status: 401, shape: 'error' } },
      code: 'API_KEY_INVALID',
      what: /401 \(invalid_api_key: /,
      fix: /api-key/,
      posts: 1,
    },
  ],
  [
    '403',
    {
      fault: { ...POST, answer: { status: 403 } },
      code: 'ACCESS_DENIED',
      what: /403 \(access_denied: /,
      fix: /active/,
      posts: 1,
    },
  ],
  [
    '404',
    {
      fault: { ...POST, answer: { status: 404, html: true } },
      code: 'WRONG_HOST',
      what: /404/,
      fix: /'host'/,
      posts: 1,
    },
  ],
  [
    '400',
    {
      fault: { ...POST, answer: { status: 400 } },
      code: 'REQUEST_REFUSED',
      what: /400 \(invalid_request: /,
      fix: /'subject'/,
      posts: 1,
    },
  ],
  [
    'a redirect',
    {
      fault: { ...POST, answer: { status: 302, headers: { location: 'https://elsewhere.example/' } } },
      code: 'WRONG_HOST',
      what: /302/,
      fix: /'host'/,
      posts: 1,
    },
  ],
  [
    '429 forever',
    {
      fault: { ...POST, ...ALWAYS, answer: { status: 429, retryAfter: 0 } },
      code: 'RATE_LIMITED',
      what: /429 \(request_limit_exceeded: /,
      fix: /fewer jobs/,
      posts: 3,
    },
  ],
  [
    '429 with a long wait',
    {
      fault: { ...POST, ...ALWAYS, answer: { status: 429, retryAfter: 86_400 } },
      code: 'RATE_LIMITED',
      what: /longer than this step waits/,
      fix: /after that time/,
      posts: 1,
    },
  ],
  [
    '500 forever',
    {
      fault: { ...POST, ...ALWAYS, answer: { status: 500, retryAfter: 0 } },
      code: 'SERVER_ERROR',
      what: /500/,
      fix: /status page/,
      posts: 3,
    },
  ],
  [
    'an outage',
    {
      fault: { ...ALWAYS, answer: { status: 503, retryAfter: 0 } },
      code: 'SERVER_ERROR',
      what: /503/,
      fix: /later/,
      posts: 1,
    },
  ],
  [
    'a captive portal',
    {
      fault: { ...ALWAYS, answer: { status: 200, html: true } },
      code: 'WRONG_HOST',
      what: /web page/,
      fix: /'host'/,
      posts: 1,
    },
  ],
]

test.each(REFUSALS)('%s', async (_name, { fault, code, what, fix, posts }) => {
  const { emulator } = scene
  emulator.faults.add(fault)
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  const error = errorOf(main)
  expect(error).toMatchObject({ code, what: expect.stringMatching(what), fix: expect.stringMatching(fix) })
  expect(main.summary).toContain(code)
  expect(main.outputs).toEqual({})
  expect(main.env).toEqual({})
  expect(emulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(posts)
  emulator.faults.clear()
  await scenario.postMuchLater()
  scenario.expectNothingLeft()
})

test('waits out 429 and 503 with Retry-After, in seconds or as a date', async () => {
  const { faults, requests } = scene.emulator
  // An HTTP date has whole seconds, and counts from when it was written.
  const date = new Date(Date.now() + 3_000)
  faults.add({ method: 'POST', answer: { status: 429, retryAfter: 1 } })
  faults.add({ host: 'clientauth', answer: { status: 503, retryAfter: date } })
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.log).toMatch(/429.*Retrying in 1\.\d s \(retry 1 of 2; the server asked for 1\.0 s\)/)
  const proof = requests.filter(({ host }) => host === 'clientauth')[1]
  expect(proof?.receivedAt.getTime()).toBeGreaterThanOrEqual(Math.floor(date.getTime() / 1000) * 1000)
  const [refused, accepted] = requests.filter(({ method }) => method === 'POST')
  const waited = (accepted?.receivedAt.getTime() ?? 0) - (refused?.receivedAt.getTime() ?? 0)
  expect(waited).toBeGreaterThan(900)
})

const LOST: [string, Fault, number][] = [
  ['reset before the work', { reset: 'before-work' }, 1],
  ['reset after the work', { reset: 'after-work' }, 2],
  ['closed after the work', { hangUp: 'after-work' }, 2],
  ['reset within the response', { reset: 'mid-answer' }, 2],
  ['a truncated response', { hangUp: 'mid-answer' }, 2],
  [
    '502 although the work was done',
    { answer: { status: 502, html: '<html>Bad Gateway</html>' }, workDone: true },
    2,
  ],
  ['504 although the work was done', { answer: { status: 504 }, workDone: true }, 2],
  ['a page in place of the response', { answer: { status: 200, html: true }, workDone: true }, 2],
  ['204 although the work was done', { answer: { status: 204 }, workDone: true }, 2],
  ['{} although the work was done', { answer: { status: 200, json: {} }, workDone: true }, 2],
  ['a record without its id', { rewrite: ({ id: _, ...rest }) => rest }, 2],
  ['a response far too large', { answer: { status: 200, size: 3_000_000 }, workDone: true }, 2],
]

test.each(LOST)(
  'a response that is lost (%s) is looked for, disabled and requested again',
  async (_name, fault, issued) => {
    const { emulator } = scene
    emulator.faults.add({ ...POST, ...fault })
    const scenario = scene.scenario()
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(emulator.certificates).toHaveLength(issued)
    expect(new Set(emulator.certificates.map(({ name }) => name)).size).toBe(issued)
    expect(scenario.enabled().map(({ id }) => id)).toEqual([main.outputs['certificate-id']])
    await scenario.postMuchLater()
    scenario.expectNothingLeft()
  },
)

test('a POST that times out may still be carried out: the post step finds the result', async () => {
  const { emulator } = scene
  const held = emulator.faults.add({ ...POST, hold: 'before-work' })
  const scenario = scene.scenario({ timeout: '1s', retries: '0' })
  const main = await scenario.main()
  expect(errorOf(main).code).toBe('TIMEOUT')
  held.release()
  await scenario.post()
  expect(emulator.certificates).toHaveLength(1)
  scenario.expectNothingLeft()
})

test('duplicate_error leads to another nickname', async () => {
  const { emulator } = scene
  const error = {
    code: 'duplicate_error',
    message: 'Nickname "x" already exists. Enter a different nickname.',
  }
  for (const [status, shape] of [
    [400, 'errors'],
    [409, 'error'],
    [422, 'errors'],
  ] as const)
    emulator.faults.add({ ...POST, answer: { status, error, shape } })
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  const names = emulator.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => JSON.parse(body).name)
  expect(new Set(names).size).toBe(4)
  const post = await scenario.post()
  expect(post.milliseconds).toBeLessThan(5_000)
  scenario.expectNothingLeft()
})

test('a nickname that is always taken leads to an error, not a loop', async () => {
  const error = { code: 'duplicate_error', message: 'Nickname already exists.' }
  scene.emulator.faults.add({ ...POST, ...ALWAYS, answer: { status: 400, error } })
  const main = await scene.scenario().main()
  expect(errorOf(main)).toMatchObject({ code: 'REQUEST_REFUSED', fix: expect.stringContaining("'name'") })
  expect(scene.emulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(5)
})

test('logs the validity of a certificate that lasts to the end of its last day, without a notice', async () => {
  scene.emulator.settings.roundEndDates = true
  const main = await scene.scenario({ validity: '2d' }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs['not-after']).toMatch(/T23:59:59Z$/)
  expect(main.annotations).toEqual([])
  expect(main.log).toMatch(/expire on \S+ 23:59 UTC, later than requested/)
})

test.each([
  ['no certificate', { x509_cert: undefined }, 'RESPONSE_INVALID'],
  [
    'a certificate that is none',
    { x509_cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    'RESPONSE_INVALID',
  ],
])('%s in the response: an error, and the post step disables it', async (_name, change, code) => {
  scene.emulator.faults.add({ ...POST, rewrite: body => ({ ...body, ...change }) })
  const scenario = scene.scenario()
  expect(errorOf(await scenario.main()).code).toBe(code)
  await scenario.postMuchLater()
  expect(scene.emulator.certificates).not.toHaveLength(0)
  scenario.expectNothingLeft()
})

test('does not use a certificate for another key', async () => {
  const { certificatePem } = await scene.emulator.mint({ registered: false })
  scene.emulator.faults.add({ ...POST, rewrite: body => ({ ...body, x509_cert: certificatePem }) })
  const scenario = scene.scenario()
  expect(errorOf(await scenario.main()).code).toBe('CERT_KEY_MISMATCH')
  await scenario.post()
  scenario.expectNothingLeft()
})

test('ignores undocumented fields, and does not need optional ones', async () => {
  const { emulator } = scene
  emulator.settings.extraFields = { a: null, b: [{}], created: 'x' }
  emulator.faults.add({ ...POST, rewrite: ({ id, x509_cert }) => ({ id, x509_cert }) })
  emulator.faults.add({ host: 'clientauth', rewrite: ({ id }) => ({ id }) })
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({ 'chain-file': '', 'user-id': emulator.user.id, 'user-name': '' })
  expect(main.log).not.toContain('""')
})

test('names the mTLS host when it responds with a web page', async () => {
  const { emulator } = scene
  emulator.faults.add({ host: 'clientauth', answer: { status: 200, html: true } })
  const { code, what } = errorOf(await scene.scenario().main())
  expect(code).toBe('WRONG_HOST')
  expect(what).toContain(new URL(emulator.clientauthUrl).host)
})
