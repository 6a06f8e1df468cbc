import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import {
  type CertificateRecord,
  type Emulator,
  type LoggedRequest,
  startEmulator,
} from '../../emulator/index.ts'
import { DigicertOne } from '../../src/digicert/client.ts'
import { parseHosts } from '../../src/digicert/hosts.ts'
import { sweepAll } from '../../src/operations/sweep/all.ts'
import { fakeLog, loadList } from '../support/ports.ts'

const COUNT = 300
const FOREVER = { times: Number.POSITIVE_INFINITY }

let now = 0
let emulator: Emulator
/** For each request, the time on the client's clock when its response was sent. */
const answered: { request: LoggedRequest; at: number }[] = []
const inFlight = { now: 0, most: 0 }

beforeAll(async () => {
  emulator = await startEmulator({ onRequest: request => void answered.push({ request, at: now }) })
})
afterEach(() => {
  emulator.reset()
  answered.length = 0
  Object.assign(inFlight, { now: 0, most: 0 })
})
afterAll(() => emulator.close())

/** A real client, whose waits take no time. */
async function sweep(changes: { dryRun?: boolean; retries?: number } = {}) {
  now = Date.parse('2026-06-01T12:00:00Z')
  const begun = now
  const clock = {
    now: () => new Date(now),
    sleep: async (ms: number) => {
      const until = now + ms
      // The others continue with what they have, as they would in that time.
      await new Promise(resolve => setTimeout(resolve, 5))
      now = Math.max(now, until)
    },
  }
  const log = fakeLog()
  const ports = { clock, random: { bytes: (count: number) => randomBytes(count) }, log }
  const { apiUrl, apiKey, caPem } = emulator
  const digicert = new DigicertOne(
    {
      hosts: parseHosts(apiUrl, ''),
      apiKey,
      caCertificates: [caPem],
      timeoutMs: 20_000,
      retries: changes.retries ?? 4,
      userAgent: 'test',
    },
    { ...ports, loadList },
  )
  const request = { kind: 'all', enabled: false, name: '', dryRun: changes.dryRun ?? false } as const
  const report = await sweepAll(request, { ...ports, digicert: counting(digicert) })
  await digicert.close()
  return { report, log, tookMs: now - begun }
}

/** Counts concurrent changes. */
function counting(client: DigicertOne): DigicertOne {
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as (...given: unknown[]) => unknown
      if (name === 'beside') return (...given: unknown[]) => counting(method(...given) as DigicertOne)
      if (name !== 'change') return method
      return async (...given: unknown[]) => {
        inFlight.most = Math.max(inFlight.most, ++inFlight.now)
        try {
          return await method(...given)
        } finally {
          inFlight.now--
        }
      }
    },
  })
}

const puts = () => answered.filter(({ request }) => request.method === 'PUT')
const lists = () => answered.filter(({ request }) => request.path.endsWith('/client-auth-certificate'))
const enabled = () => emulator.certificates.filter(certificate => certificate.enabled)
const of = ({ id }: CertificateRecord) => ({ method: 'PUT', path: new RegExp(`/${id}/`) })
const seeded = () => emulator.seed(COUNT, index => ({ name: `job ${index}` }))

/** No window of this many milliseconds had more requests than that. */
function expectWithin(requests: number, ms: number): void {
  const times = answered.map(({ at }) => at)
  const most = Math.max(...times.map(from => times.filter(at => at >= from && at < from + ms).length))
  expect(most).toBeLessThanOrEqual(requests)
}

test('without a fault: one request each, four at a time, within the rate limits of CertCentral', async () => {
  seeded()
  const { report, log, tookMs } = await sweep()
  expect(report.failure).toBeUndefined()
  expect(report.swept.map(({ outcome }) => outcome)).toEqual(Array(COUNT).fill('changed'))
  expect(enabled()).toEqual([])
  expect(puts()).toHaveLength(COUNT)
  expect(lists()).toHaveLength(1)
  expect(inFlight.most).toBe(4)
  expectWithin(100, 5_000)
  expect(tookMs).toBeGreaterThanOrEqual(15_000)
  expect(tookMs).toBeLessThan(30_000)
  expect(log.of('info').filter(line => line.startsWith('Disabling')).length).toBeLessThan(10)
})

test('429, 503, resets, lost and contradicting responses in between: each is disabled or named', async () => {
  const records = seeded()
  const { faults } = emulator
  const [contradicts, refused, silent, liar, lost] = [7, 9, 11, 250, 299].map(index => records[index]) as [
    CertificateRecord,
    CertificateRecord,
    CertificateRecord,
    CertificateRecord,
    CertificateRecord,
  ]
  faults.add({ ...of(contradicts), answer: { status: 200, json: { enabled: true } }, ...FOREVER })
  faults.add({ ...of(refused), answer: { status: 403 }, ...FOREVER })
  faults.add({ ...of(silent), answer: { status: 204 }, ...FOREVER })
  faults.add({ ...of(liar), answer: { status: 204 }, workDone: true, ...FOREVER })
  faults.add({ ...of(lost), reset: 'after-work', ...FOREVER })
  faults.add({ method: 'PUT', answer: { status: 429, retryAfter: 20 }, skip: 40 })
  faults.add({ method: 'PUT', answer: { status: 503 }, skip: 60, times: 3 })
  faults.add({ method: 'PUT', reset: 'before-work', skip: 100, times: 3 })
  faults.add({ method: 'PUT', reset: 'after-work', skip: 140, times: 3 })
  faults.add({ method: 'PUT', hangUp: 'mid-answer', skip: 180, times: 3 })
  const { report } = await sweep()
  const left = [contradicts, refused, silent]
  expect(enabled().map(({ name }) => name)).toEqual(left.map(({ name }) => name))
  const unsettled = report.swept.filter(({ outcome }) => outcome === 'unsettled')
  expect(unsettled.map(({ record, problem }) => [record.name, problem?.code])).toEqual([
    ['job 7', 'ACCESS_NOT_EFFECTIVE'],
    ['job 9', 'ACCESS_DENIED'],
    ['job 11', 'ACCESS_NOT_EFFECTIVE'],
  ])
  expect(report.failure?.code).toBe('ACCESS_NOT_EFFECTIVE')
  expect(report.failure?.message).toMatch(
    /^3 of 300 certificates could not be confirmed as disabled \(2 ACCESS_NOT_EFFECTIVE, 1 ACCESS_DENIED\); 297 disabled, 0 disabled already\.\nThese may still be enabled:/,
  )
  for (const { name, id } of left) expect(report.failure?.message).toContain(`- "${name}", id ${id}: `)
  expect(lists()).toHaveLength(2)
  expect(inFlight.most).toBe(4)
  expectWithin(100, 5_000)

  // The next run continues with what is left.
  faults.clear()
  const again = await sweep()
  expect(again.report.failure).toBeUndefined()
  expect(enabled()).toEqual([])
})

test('when the server makes one of them wait, all wait', async () => {
  seeded()
  emulator.faults.add({ method: 'PUT', answer: { status: 429, retryAfter: 40 }, skip: 20 })
  await sweep()
  const at = puts().find(({ request }) => request.status === 429)?.at ?? Number.NaN
  // Those already in flight may still arrive.
  const meanwhile = puts().filter(found => found.at > at && found.at < at + 40_000)
  expect(meanwhile).toEqual([])
  expect(enabled()).toEqual([])
})

test('failures that take more time than one step has still end well', async () => {
  seeded()
  for (let index = 0; index < 12; index++)
    emulator.faults.add({ method: 'PUT', answer: { status: 429, retryAfter: 60 }, skip: 10 + index * 20 })
  const { report, tookMs } = await sweep()
  expect(report.failure).toBeUndefined()
  expect(tookMs).toBeGreaterThan(12 * 60_000 - 1)
  expect(enabled()).toEqual([])
})

test('a key that is refused from some point on is not tried hundreds of times; what is done counts', async () => {
  seeded()
  emulator.faults.add({ method: 'PUT', answer: { status: 401 }, skip: 100, ...FOREVER })
  const { report } = await sweep()
  expect(report.failure?.code).toBe('API_KEY_INVALID')
  expect(report.failure?.message).toMatch(/^200 of 300 certificates could not be confirmed .*; 100 disabled/)
  expect(puts().length).toBeLessThan(120)
  expect(enabled()).toHaveLength(200)
})

test('when the list at the end fails too, names what is not confirmed', async () => {
  seeded()
  emulator.faults.add({ method: 'PUT', answer: { status: 204 }, workDone: true, times: 5 })
  emulator.faults.add({ method: 'GET', path: /certificate$/, skip: 1, answer: { status: 403 }, ...FOREVER })
  const { report } = await sweep()
  expect(report.failure?.code).toBe('ACCESS_DENIED')
  expect(report.swept.filter(({ outcome }) => outcome === 'unsettled')).toHaveLength(5)
  expect(report.swept.filter(({ outcome }) => outcome === 'changed')).toHaveLength(295)
})

test('a dry run lists all of them, and sends no request that changes anything', async () => {
  seeded()
  const { report } = await sweep({ dryRun: true })
  expect(report.swept.map(({ outcome }) => outcome)).toEqual(Array(COUNT).fill('due'))
  expect(puts()).toEqual([])
  expect(enabled()).toHaveLength(COUNT)
})
