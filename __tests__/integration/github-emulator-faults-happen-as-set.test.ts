import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { callGithub, type GithubCall, sealFor, useGithub } from '../support/github.ts'

const scene = useGithub()
const FOLDER = '/repos/acme/shop/actions/secrets'
const KEY = `${FOLDER}/public-key`

beforeAll(() => {
  scene.github.addRepository('acme/shop')
})

const call = (options: GithubCall) => callGithub(scene.github, options)
const write = async (value = 'value') =>
  call({ method: 'PUT', path: `${FOLDER}/P12`, body: await sealFor(scene.github, FOLDER, value) })
const stored = () => scene.github.secret('acme/shop', 'P12')?.value
const statuses = () => scene.github.requests.map(({ status }) => status)

describe('a write without a response', () => {
  test.each<[string, Fault, boolean]>([
    ['reset before the work', { reset: 'before-work' }, false],
    ['reset after the work', { reset: 'after-work' }, true],
    ['hung up before the work', { hangUp: 'before-work' }, false],
    ['hung up after the work', { hangUp: 'after-work' }, true],
  ])('%s', async (_, fault, done) => {
    const { github } = scene
    const { reached } = github.faults.add({ method: 'PUT', ...fault })
    await expect(write()).rejects.toThrow(/ECONNRESET|socket hang up/)
    await reached
    expect(stored()).toBe(done ? 'value' : undefined)
    expect(github.requests.at(-1)).toMatchObject({ method: 'PUT', status: undefined, faulted: true })
    expect((await write()).status).toBe(done ? 204 : 201)
  })
})

test('a body that breaks off', async () => {
  scene.github.faults.add({ path: KEY, reset: 'mid-answer' })
  await expect(call({ path: KEY })).rejects.toThrow()
  expect((await call({ path: KEY })).status).toBe(200)
})

test('holds a request where told to, and continues it when released', async () => {
  const before = scene.github.faults.add({ method: 'PUT', hold: 'before-work' })
  const first = write('first')
  await before.reached
  expect(stored()).toBeUndefined()
  before.release()
  expect((await first).status).toBe(201)
  const after = scene.github.faults.add({ method: 'PUT', hold: 'after-work' })
  const second = write('second')
  await after.reached
  expect([stored(), statuses().at(-1)]).toEqual(['second', undefined])
  after.release()
  expect((await second).status).toBe(204)
})

test('skip and times count matching requests; another response does no work unless told to', async () => {
  const { faults } = scene.github
  faults.add({ method: 'PUT', path: /P12$/, skip: 1, times: 2, answer: { status: 502 } })
  const seen = []
  for (const value of ['1', '2', '3', '4']) seen.push([(await write(value)).status, stored()])
  expect(seen).toEqual([
    [201, '1'],
    [502, '1'],
    [502, '1'],
    [204, '4'],
  ])
  faults.add({ method: 'PUT', workDone: true, answer: { status: 500 } })
  expect([(await write('5')).status, stored()]).toEqual([500, '5'])
})

test("an error response has the shape of GitHub's, unless set otherwise", async () => {
  const { faults } = scene.github
  faults.add({ answer: { status: 503, retryAfter: 7 } })
  const { status, json, headers } = await call({ path: KEY })
  expect([status, json, headers['retry-after']]).toMatchObject([503, { message: 'Service Unavailable' }, '7'])
  faults.add({ answer: { status: 200, html: true } })
  expect((await call({ path: KEY })).headers['content-type']).toBe('text/html')
  faults.add({ rewrite: body => ({ ...body, key: undefined }) })
  expect((await call({ path: KEY })).json).toEqual({ key_id: expect.stringMatching(/^\d+$/) })
  faults.add({ answer: { status: 200, size: 5000 } })
  expect((await call({ path: KEY })).text).toHaveLength(5000)
})

test('a response can be late', async () => {
  scene.github.faults.add({ delayBefore: 60, delayAfter: 60 })
  const started = performance.now()
  await call({ path: KEY })
  expect(performance.now() - started).toBeGreaterThan(110)
})

describe('the secondary rate limit', () => {
  test.each([403, 429] as const)(
    'status %s: refuses writes, then everything, for as long as it says',
    async status => {
      Object.assign(scene.github.limits, { writesPerMinute: 2, retryAfterSeconds: 1, status })
      expect([(await write('1')).status, (await write('2')).status]).toEqual([201, 204])
      const refused = await write('3')
      expect([refused.status, refused.headers['retry-after']]).toEqual([status, '1'])
      expect(refused.json).toMatchObject({
        message: expect.stringMatching(/^You have exceeded a secondary rate limit/),
      })
      expect([(await call({ path: KEY })).status, stored()]).toEqual([status, '2'])
      await new Promise(resolve => setTimeout(resolve, 1050))
      expect([(await write('4')).status, stored()]).toEqual([204, '4'])
    },
  )

  test('refuses requests above a number of concurrent ones, and counts them', async () => {
    const { github } = scene
    github.limits.concurrent = 2
    const fault = github.faults.add({ times: 2, hold: 'before-work' })
    const held = [call({ path: KEY }), call({ path: KEY })]
    await fault.reached
    for (let turn = 0; github.mostAtOnce < 2 && turn < 200; turn += 1) {
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect((await call({ path: KEY })).status).toBe(403)
    fault.release()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200])
    expect(github.mostAtOnce).toBe(3)
  })

  test('is cleared by a reset, as are secrets, faults and requests', async () => {
    const { github } = scene
    await write()
    Object.assign(github.limits, { writesPerMinute: 0, concurrent: 0 })
    github.faults.add({ answer: { status: 500 } })
    expect((await call({ path: KEY })).status).toBe(500)
    github.reset()
    expect([stored(), github.requests]).toEqual([undefined, []])
    expect((await write()).status).toBe(201)
    expect(statuses()).toEqual([200, 201])
  })
})
