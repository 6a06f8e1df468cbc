// A server in DigiCert ONE's place that wants to cost time and memory: every answer is bounded in what it may cost.
import type { RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from '@jest/globals'
import { newClient } from '../support/client.ts'
import { startTlsServer, type TlsServer } from '../support/tls-server.ts'

const MIB = 1024 * 1024
/** What the page may cost in all: this machine shares its processors. */
const SECONDS = 10
let server: TlsServer

afterEach(() => server.close())

async function clientOf(listener: RequestListener) {
  server = await startTlsServer(listener)
  const origin = `https://localhost:${server.port}`
  return newClient({
    hosts: { api: origin, clientauth: origin },
    caCertificates: [server.caPem],
    timeoutMs: 60_000,
  })
}

function sendJson(response: ServerResponse, body: string, headers = {}) {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body)
}

/** Seconds of processor time that `act` costs this process, which is client and server in one. */
async function costOf<T>(act: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const before = process.cpuUsage()
  const value = await act()
  const { user, system } = process.cpuUsage(before)
  return { value, seconds: (user + system) / 1e6 }
}

function record(id: string | number, name = 'n') {
  return JSON.stringify({ id: String(id), name })
}

test.each([
  ['one target after the other', '<'.repeat(15_000)],
  ['parameters without end', `<a>${'; rel="nex'.repeat(1_400)}`],
  ['rel after rel', `<a>;${' rel'.repeat(3_500)}`],
  ['spaces', `<a>;rel=${' '.repeat(15_000)}`],
  ['links', '<a>;,'.repeat(3_000)],
  ['quotes', `<a>;${'"'.repeat(15_000)}`],
])('a Link header of 15 kB (%s) costs less than a second', async (_name, link) => {
  const { client } = await clientOf((_request, response) => sendJson(response, `[${record(1)}]`, { link }))
  const { value, seconds } = await costOf(() => client.listCertificates())
  expect(value.map(({ id }) => id)).toEqual(['1'])
  expect(seconds).toBeLessThan(1)
})

test('a list whose pages never end is followed for 1,000 of them', async () => {
  let count = 0
  const { client } = await clientOf((_request, response) => {
    count += 1
    sendJson(response, `[${record(count)}]`, { link: `<?page=${count + 1}>; rel="next"` })
  })
  const { seconds } = await costOf(() => refusalOf(client.listCertificates(), 'has more than 1,000 pages'))
  expect(count).toBe(1_000)
  expect(seconds).toBeLessThan(SECONDS)
})

test('a list whose certificates never end is followed for 30,000 of them', async () => {
  let count = 0
  const { client } = await clientOf((_request, response) => {
    const records = Array.from({ length: 10_000 }, () => record(count++))
    sendJson(response, `{"items":[${records}],"total":9007199254740991}`)
  })
  await refusalOf(client.listCertificates(), 'has more than 30,000 certificates')
  expect(count).toBe(30_000)
})

test('pages that are large, and of few certificates, are followed for 64 MiB', async () => {
  let count = 0
  const { client } = await clientOf((_request, response) => {
    count += 1
    sendJson(response, `{"items":[${record(count, 'n'.repeat(30 * MIB))}],"offset":${count},"total":9999}`)
  })
  await refusalOf(client.listCertificates(), 'has more than 64 MiB')
  expect(count).toBe(3)
})

test('pages that take their time are followed for ten minutes', async () => {
  let count = 0
  const { client, clock } = await clientOf((_request, response) => {
    count += 1
    clock.advance(50_000)
    sendJson(response, `[${record(count)}]`, { link: `<?page=${count + 1}>; rel="next"` })
  })
  await refusalOf(client.listCertificates(), 'is not complete after 10 minutes')
  expect(count).toBe(12)
})

test.each([
  ['objects', '{}'],
  ['arrays', '[]'],
  ['numbers', '0'],
])('half a million %s are refused before they are read', async (_name, value) => {
  const { client } = await clientOf((_request, response) =>
    sendJson(response, `[${Array.from({ length: 500_001 }, () => value)}]`),
  )
  await expect(client.listCertificates()).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
    message: expect.stringContaining('more values than any real response has'),
  })
})

test('a name of 30 MB is cut before it is cleaned, and none of it is kept', async () => {
  const escapes = '\\u001b[31m'.repeat(400_000)
  const { client } = await clientOf((_request, response) =>
    sendJson(response, `[${record(1, 'x'.repeat(24 * MIB))},{"id":"2","name":"${escapes}"}]`),
  )
  const { value, seconds } = await costOf(() => client.listCertificates())
  expect(value.map(({ name }) => name.length)).toEqual([300, expect.any(Number)])
  expect(value[1]?.name.length).toBeLessThanOrEqual(300)
  expect(seconds).toBeLessThan(SECONDS)
})

test('gzip that nobody asked for is not unpacked', async () => {
  const { client } = await clientOf((request, response) => {
    expect(request.headers['accept-encoding']).toBeUndefined()
    const body = gzipSync(`[${record(1)}]`)
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body)
  })
  await expect(client.listCertificates()).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
    message: expect.stringContaining('a body that is not complete JSON'),
  })
})

test('interim answers without end are not waited through', async () => {
  let count = 0
  const { client } = await clientOf((_request, response) => {
    const more = () => {
      count += 1
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      if (!response.destroyed && count < 100_000) setImmediate(more)
    }
    more()
  })
  await expect(client.currentUser()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  expect(count).toBeLessThan(10_000)
})

async function refusalOf(asked: Promise<unknown>, problem: string): Promise<void> {
  await expect(asked).rejects.toMatchObject({
    code: 'RESPONSE_INVALID',
    message: `The list of certificates at localhost:${server.port} ${problem}. This action stops reading there.`,
    why: expect.stringContaining('repeats itself endlessly'),
    fix: expect.stringContaining("Check 'host'"),
  })
}
