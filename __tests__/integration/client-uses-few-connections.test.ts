import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { CertificateRefused } from '../../src/digicert/clientauth.ts'
import { openTcp } from '../../src/net/tcp.ts'
import { clientOf, newClient } from '../support/client.ts'
import { createCsr } from '../support/emulator-csr.ts'
import { skipping } from '../support/platform.ts'
import { startTlsServer, type TlsServer } from '../support/tls-server.ts'

let emulator: Emulator
const closing: (() => unknown)[] = []
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  emulator.reset()
})
afterAll(() => emulator.close())

const END = new Date(Date.now() + 86_400_000)

async function server(...args: Parameters<typeof startTlsServer>): Promise<TlsServer> {
  const started = await startTlsServer(...args)
  closing.push(started.close)
  return started
}

function connectTo(started: TlsServer, name = 'localhost') {
  const origin = `https://${name}:${started.port}`
  const made = newClient({ hosts: { api: origin, clientauth: origin }, caCertificates: [started.caPem] })
  closing.push(() => made.client.close())
  return made
}

test('issuing takes two connections and two requests, opened ahead', async () => {
  const { client } = clientOf(emulator)
  closing.push(() => client.close())
  const { accepted } = emulator.connections
  const { certificatePem, privateKeyPem = '' } = await emulator.mint({ keyType: 'ec-p256' })
  client.openApi()
  const issued = client.requestCertificate({ csr: await createCsr(), nickname: 'a', end: END })
  client.reachClientauth()
  await issued
  await client.verify({ key: privateKeyPem, cert: certificatePem })
  expect(emulator.connections.accepted - accepted).toBe(2)
  expect(emulator.requests).toHaveLength(2)
})

test('a stored certificate takes one of each, and so does disabling', async () => {
  const { certificatePem, privateKeyPem = '', record } = await emulator.mint({ keyType: 'ec-p256' })
  const { accepted } = emulator.connections
  const stored = clientOf(emulator).client
  closing.push(() => stored.close())
  stored.reachClientauth()
  await stored.verify({ key: privateKeyPem, cert: certificatePem })
  expect([emulator.connections.accepted - accepted, emulator.requests.length]).toEqual([1, 1])
  const post = clientOf(emulator).client
  closing.push(() => post.close())
  await post.disable(record?.id ?? '')
  expect([emulator.connections.accepted - accepted, emulator.requests.length]).toEqual([2, 2])
})

test.each(['api', 'clientauth'] as const)(
  'uses the connection that was opened early to the %s host',
  async host => {
    const { certificatePem: cert, privateKeyPem: key = '' } = await emulator.mint({ keyType: 'ec-p256' })
    const { accepted } = emulator.connections
    const tcp = openTcp(new URL(host === 'api' ? emulator.apiUrl : emulator.clientauthUrl))
    const { client } = clientOf(emulator, {}, { host, tcp })
    closing.push(() => client.close())
    await (host === 'api' ? client.currentUser() : client.verify({ key, cert }))
    expect(emulator.connections.accepted - accepted).toBe(1)
  },
)

test('without an early connection, the first host is connected to at once', async () => {
  const started = await server((_request, response) => response.end('{"id":"u"}'))
  const origin = `https://localhost:${started.port}`
  const { client } = newClient(
    { hosts: { api: origin, clientauth: origin }, caCertificates: [started.caPem] },
    { host: 'api', tcp: undefined },
  )
  closing.push(() => client.close())
  await started.connected
  expect(started.requests).toEqual([])
})

test('a connection opened to present one certificate never presents another', async () => {
  const [first, second] = [
    await emulator.mint({ keyType: 'ec-p256' }),
    await emulator.mint({ issuer: 'foreign' }),
  ]
  const { client } = clientOf(emulator)
  closing.push(() => client.close())
  await client.openClientauth({ key: first.privateKeyPem ?? '', cert: first.certificatePem })
  const other = { key: second.privateKeyPem ?? '', cert: second.certificatePem }
  await expect(client.verify(other)).rejects.toBeInstanceOf(CertificateRefused)
})

test('many requests to the API share one connection', async () => {
  const { accepted } = emulator.connections
  const { client } = clientOf(emulator)
  closing.push(() => client.close())
  for (let count = 0; count < 5; count++) await client.listCertificates()
  await Promise.all([client.currentUser(), client.listCertificates()])
  expect(emulator.connections.accepted - accepted).toBe(1)
})

test('every verification makes its own connection, because a certificate is judged when one is made', async () => {
  const { certificatePem, privateKeyPem = '' } = await emulator.mint({ keyType: 'ec-p256' })
  const { client } = clientOf(emulator)
  closing.push(() => client.close())
  const identity = { key: privateKeyPem, cert: certificatePem }
  await client.verify(identity)
  await client.verify(identity)
  const [first, second] = emulator.requests
  expect(first?.connection).not.toBe(second?.connection)
})

test('reopens an idle connection that the server closed, and sends the POST once', async () => {
  const started = await server((_request, response) => response.writeHead(400).end('{}'))
  const { client } = connectTo(started)
  client.openApi()
  await started.connected
  await started.drop()
  const request = client.requestCertificate({ csr: 'x', nickname: 'a', end: END })
  await expect(request).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
  expect(started.requests).toHaveLength(1)
  expect(started.connections).toBe(2)
})

test('does not follow a redirect, so the API key goes nowhere else', async () => {
  const elsewhere = await server((_request, response) => response.end('{}'))
  const started = await server((_request, response) =>
    response.writeHead(307, { location: `https://localhost:${elsewhere.port}/` }).end(),
  )
  await expect(connectTo(started).client.currentUser()).rejects.toMatchObject({ code: 'WRONG_HOST' })
  expect(elsewhere.connections).toBe(0)
})

test.each(['link', 'envelope'] as const)('reads all pages, by %s', async style => {
  emulator.seed(25)
  emulator.settings.paging = { style, size: 10 }
  const { client } = clientOf(emulator)
  closing.push(() => client.close())
  expect(new Set((await client.listCertificates()).map(({ id }) => id)).size).toBe(25)
  expect(emulator.requests).toHaveLength(3)
})

test('reads an envelope with a count but no position to its end', async () => {
  const all = Array.from({ length: 25 }, (_, index) => ({ id: `c${index}` }))
  const started = await server((request, response) => {
    const offset = Number(new URL(request.url ?? '', 'https://x').searchParams.get('offset'))
    response.end(JSON.stringify({ items: all.slice(offset, offset + 10), total: all.length }))
  })
  expect(await connectTo(started).client.listCertificates()).toHaveLength(25)
})

test.each([
  ['the same page', () => [{ id: 'a' }]],
  ['an empty page', () => []],
])('stops when a server always promises a next page and gives %s', async (_name, records) => {
  const started = await server((_request, response) => {
    response.setHeader('link', `<?page=${started.requests.length}>; rel="next"`)
    response.end(JSON.stringify(records()))
  })
  await connectTo(started).client.listCertificates()
  expect(started.requests.length).toBeLessThanOrEqual(2)
})

const hasIpv6 = Object.values(networkInterfaces()).some(list =>
  list?.some(({ address }) => address === '::1'),
)
const overIpv6 = hasIpv6 ? test : skipping('this machine has no IPv6')

overIpv6('an IPv6 address is a host like others', async () => {
  const started = await server((_request, response) => response.end('{"id":"u"}'), { address: '::1' })
  expect(await connectTo(started, '[::1]').client.currentUser()).toMatchObject({ id: 'u' })
})
