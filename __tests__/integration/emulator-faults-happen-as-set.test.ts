import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Emulator, type Fault, startEmulator } from '../../emulator/index.ts'
import { CERTIFICATES, call, ME } from '../support/emulator-client.ts'
import { createCsr } from '../support/emulator-csr.ts'

let emulator: Emulator
let csr: string

beforeAll(async () => {
  emulator = await startEmulator()
  csr = await createCsr()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

const post = (name = 'a') => call(emulator, { method: 'POST', path: CERTIFICATES, body: { csr, name } })

describe('which requests', () => {
  test('method, path and host', async () => {
    const fault = emulator.faults.add({
      method: 'GET',
      path: /client-auth/,
      host: 'api',
      answer: { status: 500 },
    })
    expect(await call(emulator, { path: ME })).toMatchObject({ status: 200 })
    expect(await post()).toMatchObject({ status: 201 })
    expect(await call(emulator, { path: CERTIFICATES, host: 'clientauth' })).toMatchObject({ status: 403 })
    expect(fault.hits).toBe(0)
    expect(await call(emulator, { path: CERTIFICATES })).toMatchObject({ status: 500 })
    expect(fault.hits).toBe(1)
    expect(emulator.requests.map(({ faulted }) => faulted)).toEqual([false, false, false, true])
  })

  test('once by default; skip and times count matching requests', async () => {
    const statuses = async (count: number) => {
      const seen: number[] = []
      for (let n = 0; n < count; n += 1) seen.push((await call(emulator)).status)
      return seen
    }
    emulator.faults.add({ answer: { status: 500 } })
    expect(await statuses(2)).toEqual([500, 200])
    emulator.faults.add({ path: ME, skip: 1, times: 2, answer: { status: 503 } })
    expect(await statuses(4)).toEqual([200, 503, 503, 200])
    const always = emulator.faults.add({ times: Number.POSITIVE_INFINITY, answer: { status: 502 } })
    expect(await statuses(3)).toEqual([502, 502, 502])
    always.remove()
    expect(await statuses(1)).toEqual([200])
  })

  test('several at once apply in the order in which they were added', async () => {
    emulator.faults.add({ answer: { status: 429 } })
    emulator.faults.add({ answer: { status: 503 } })
    expect((await call(emulator)).status).toBe(429)
    expect((await call(emulator)).status).toBe(503)
  })
})

describe('another response', () => {
  test('instead of the work: nothing is done', async () => {
    emulator.faults.add({ answer: { status: 503 } })
    expect(await post()).toMatchObject({ status: 503, json: { errors: [{ code: 'service_unavailable' }] } })
    expect(emulator.certificates).toHaveLength(0)
  })

  test('instead of the real response: the work is done', async () => {
    emulator.faults.add({ workDone: true, answer: { status: 504 } })
    expect(await post()).toMatchObject({ status: 504 })
    expect(emulator.certificates).toHaveLength(1)
  })

  test('Retry-After in both forms', async () => {
    emulator.faults.add({ answer: { status: 429, retryAfter: 7 } })
    emulator.faults.add({ answer: { status: 503, retryAfter: new Date('2026-03-01T10:00:00Z') } })
    expect(await call(emulator)).toMatchObject({ status: 429, headers: { 'retry-after': '7' } })
    expect((await call(emulator)).headers['retry-after']).toBe('Sun, 01 Mar 2026 10:00:00 GMT')
  })

  test.each<[string, Fault, object]>([
    [
      'a code and text of choice, in the shape of choice',
      { answer: { status: 400, error: { code: 'x', message: '::error::hi\n' }, shape: 'status' } },
      { status: 400, json: { error: { status: 'x', message: '::error::hi\n' } } },
    ],
    [
      'a captive portal',
      { answer: { status: 200, html: true } },
      { status: 200, headers: { 'content-type': 'text/html' }, text: expect.stringContaining('Sign in') },
    ],
    [
      'HTML of choice',
      { answer: { status: 502, html: '<h1>Bad</h1>' } },
      { status: 502, text: '<h1>Bad</h1>' },
    ],
    [
      'a redirect',
      { answer: { status: 302, headers: { location: 'https://elsewhere.example/' } } },
      { status: 302, headers: { location: 'https://elsewhere.example/' }, text: '' },
    ],
    ['an empty body', { answer: { status: 200, body: '' } }, { status: 200, text: '' }],
    ['JSON that is not the expected', { answer: { status: 200, json: [1] } }, { status: 200, json: [1] }],
    [
      'a wrong content-type on the real response',
      { headers: { 'content-type': 'text/plain' } },
      { status: 200, headers: { 'content-type': 'text/plain' }, json: { status: 'ACTIVE' } },
    ],
    [
      'a content-type of choice',
      { answer: { status: 200, body: 'a,b', contentType: 'text/csv' } },
      { headers: { 'content-type': 'text/csv' }, text: 'a,b' },
    ],
    [
      'a changed real response',
      { rewrite: ({ email }) => ({ email, friendly_name: '<img src=x>' }) },
      { status: 200, text: '{"email":"jane@example.com","friendly_name":"<img src=x>"}' },
    ],
  ])('%s', async (_name, fault, expected) => {
    emulator.faults.add(fault)
    expect(await call(emulator)).toMatchObject(expected)
  })

  test('a huge body, in chunks', async () => {
    emulator.faults.add({ answer: { status: 200, size: 3_000_000 } })
    const { headers, text } = await call(emulator)
    expect(headers['content-length']).toBeUndefined()
    expect(text).toHaveLength(3_000_000)
    expect(typeof JSON.parse(text)).toBe('string')
  })
})

describe('a broken connection', () => {
  test.each([
    ['reset', 'before-work', 0],
    ['reset', 'after-work', 1],
    ['hangUp', 'before-work', 0],
    ['hangUp', 'after-work', 1],
  ] as const)('%s %s', async (how, moment, certificates) => {
    emulator.faults.add({ [how]: moment })
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(emulator.certificates).toHaveLength(certificates)
    expect(emulator.requests.at(-1)).toMatchObject({ status: undefined, faulted: true })
    expect(await post('b')).toMatchObject({ status: 201 })
  })

  test.each(['reset', 'hangUp'] as const)('%s in the middle of the response: a truncated body', async how => {
    emulator.faults.add({ [how]: 'mid-answer' })
    await expect(call(emulator)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('time', () => {
  test('a delay before and after the work', async () => {
    emulator.faults.add({ delayBefore: 60, delayAfter: 60 })
    const start = performance.now()
    expect(await post()).toMatchObject({ status: 201 })
    expect(performance.now() - start).toBeGreaterThan(110)
  })

  test('latency for every request', async () => {
    emulator.settings.latency = 50
    const start = performance.now()
    await call(emulator)
    expect(performance.now() - start).toBeGreaterThan(45)
  })

  test.each([
    ['before-work', 0],
    ['after-work', 1],
    ['mid-answer', 1],
  ] as const)('held %s until released', async (hold, certificates) => {
    const fault = emulator.faults.add({ method: 'POST', hold })
    const answer = post()
    await fault.reached
    expect(emulator.certificates).toHaveLength(certificates)
    expect(await call(emulator)).toMatchObject({ status: 200 })
    fault.release()
    expect(await answer).toMatchObject({ status: 201 })
  })

  test('does the work though the client did not wait', async () => {
    const fault = emulator.faults.add({ hold: 'before-work' })
    const abort = new AbortController()
    const body = { csr, name: 'a' }
    const lost = call(emulator, { method: 'POST', path: CERTIFICATES, body, tls: { signal: abort.signal } })
    await fault.reached
    abort.abort()
    await expect(lost).rejects.toThrow()
    fault.release()
    for (let n = 0; n < 100 && emulator.certificates.length === 0; n += 1) {
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    expect(emulator.certificates).toHaveLength(1)
  })

  test('a reset discards what is held', async () => {
    const fault = emulator.faults.add({ method: 'POST', hold: 'before-work' })
    const lost = post().catch(() => 'lost')
    await fault.reached
    emulator.reset()
    expect(await lost).toBe('lost')
    expect(emulator.certificates).toEqual([])
  })

  test('closing does not wait for what is held or delayed', async () => {
    const closing = await startEmulator()
    const held = closing.faults.add({ hold: 'before-work' })
    closing.faults.add({ delayBefore: 60_000 })
    const lost = [call(closing), call(closing)].map(answer => answer.catch(() => 'lost'))
    await held.reached
    await closing.close()
    await closing.close()
    expect(await Promise.all(lost)).toEqual(['lost', 'lost'])
    expect(closing.connections.open).toBe(0)
  })
})
