// A server in DigiCert ONE's place that tries to waste time and memory: the cost of every response is limited.
import type { RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from '@jest/globals'
import { newClient } from '../support/client.ts'
import { startTlsServer, type TlsServer } from '../support/tls-server.ts'

const MIB = 1024 * 1024
/** What the page may cost in total: this machine shares its processors. */
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

const SECOND = 1_000

test.each([
  ['pages', 1, '<?page=NEXT>; rel="next"'],
  ['certificates', 10_000, '<?page=NEXT>; rel="next"'],
])('a list with endless %s is read for ten minutes', async (_name, size, link) => {
  let count = 0
  const { client, clock } = await clientOf((_request, response) => {
    clock.advance(50 * SECOND)
    const records = Array.from({ length: size }, () => record(count++))
    sendJson(response, `[${records}]`, { link: link.replace('NEXT', String(count)) })
  })
  await tooLong(client.listCertificates(), 11 * size)
  expect(count).toBe(12 * size)
})

test('one endless page is read for ten minutes, and little of it is kept', async () => {
  let count = 0
  const { client, clock } = await clientOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('[')
    const more = () => {
      clock.advance(5 * SECOND)
      const records = Array.from({ length: 1_000 }, () => `${record(count++)},`).join('')
      if (!response.destroyed) response.write(records, () => setImmediate(more))
    }
    more()
  })
  const gone = await client
    .listCertificates({ keep: () => false })
    .catch((error: { code: string; message: string }) => error)
  expect(gone).toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringMatching(/is not complete after 10 minutes, in which [\d,]+ of them were read\./),
  })
  expect(count).toBeLessThan(200_000)
})

test('pages that repeat end the list, whatever they promise', async () => {
  let count = 0
  const { client } = await clientOf((_request, response) => {
    count += 1
    sendJson(response, `[${record(count % 3)},${record((count + 1) % 3)}]`, {
      link: `<?page=${count}>; rel="next"`,
    })
  })
  const ids = (await client.listCertificates()).map(({ id }) => id)
  expect(ids.toSorted()).toEqual(['0', '1', '2'])
  expect(count).toBe(3)
})

test.each([
  ['objects', '{}'],
  ['arrays', '[]'],
  ['numbers', '0'],
])('refuses half a million %s in an entry before reading them', async (_name, value) => {
  await refusal(`[{"id":"1","x":[${Array.from({ length: 300_000 }, () => value)}]}]`, TOO_MANY)
})

const LARGE = 'a list with more than 1 MiB in one entry'
const TOO_MANY = 'more values than any valid response contains'
const DEEP = 'values that are nested more deeply than in any valid response'

test.each([
  ['a name of 30 MB', `[{"id":"1","name":"${'x'.repeat(30 * MIB)}"}]`, LARGE],
  ['a name of 2 MB, all of it escapes', `[{"id":"1","name":"${'\\u001b[31m'.repeat(200_000)}"}]`, LARGE],
  ['a key of 2 MB', `[{"${'x'.repeat(2 * MIB)}":1}]`, LARGE],
  ['a number of 2 MB', `[{"id":${'1'.repeat(2 * MIB)}}]`, LARGE],
  ['2 MB of white space', `[${' '.repeat(2 * MIB)}]`, LARGE],
  ['an envelope with 2 MB next to its entries', `{"x":"${'x'.repeat(2 * MIB)}","items":[]}`, LARGE],
  ['half a million values next to the entries', `{"x":[${'0,'.repeat(500_000)}0],"items":[]}`, TOO_MANY],
  ['arrays in arrays', `[{"id":"1","x":${'['.repeat(100_000)}`, DEEP],
  ['objects in objects', `[${'{"x":'.repeat(100_000)}`, DEEP],
  ['arrays in arrays in place of a list', '['.repeat(100_000), DEEP],
])('%s costs little', async (_name, body, problem) => {
  const seconds = await refusal(body, problem)
  expect(seconds).toBeLessThan(SECONDS)
})

async function refusal(body: string, problem: string): Promise<number> {
  const { client } = await clientOf((_request, response) => sendJson(response, body))
  const { seconds } = await costOf(() =>
    expect(client.listCertificates()).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
      message: `The server sent ${problem}.`,
    }),
  )
  return seconds
}

test('cuts a long name before cleaning it, and keeps none of the rest', async () => {
  const escapes = '\\u001b[31m'.repeat(90_000)
  const { client } = await clientOf((_request, response) =>
    sendJson(response, `[${record(1, 'x'.repeat(MIB - 1_000))},{"id":"2","name":"${escapes}"}]`),
  )
  const { value, seconds } = await costOf(() => client.listCertificates())
  expect(value.map(({ name }) => name.length)).toEqual([300, expect.any(Number)])
  expect(value[1]?.name.length).toBeLessThanOrEqual(300)
  expect(seconds).toBeLessThan(SECONDS)
})

test('does not unpack gzip that it did not request', async () => {
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

test('does not wait through endless interim responses', async () => {
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

async function tooLong(asked: Promise<unknown>, count: number): Promise<void> {
  await expect(asked).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: `The list of certificates at localhost:${server.port} is not complete after 10 minutes, in which ${count.toLocaleString('en-US')} of them were read. This action stops reading there.`,
    why: expect.stringContaining('repeats itself endlessly'),
    fix: expect.stringContaining('Use a service user for each purpose'),
  })
}
