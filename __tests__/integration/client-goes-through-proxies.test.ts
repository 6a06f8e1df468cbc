import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { clientOf } from '../support/client.ts'
import { skipping } from '../support/platform.ts'

let emulator: Emulator
const closing: (() => unknown)[] = []
const before = process.env.HTTPS_PROXY
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(async () => {
  if (before === undefined) delete process.env.HTTPS_PROXY
  else process.env.HTTPS_PROXY = before
  for (const close of closing.splice(0)) await close()
  emulator.reset()
})
afterAll(() => emulator.close())

async function startProxy(server: http.Server, answer = 'HTTP/1.1 200 OK\r\n\r\n', address = '127.0.0.1') {
  const tunnels: string[] = []
  server.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '')
    socket.on('error', () => undefined)
    if (!/ 2\d\d/.test(answer)) return socket.end(answer)
    const upstream = net.connect(emulator.port, '127.0.0.1').on('error', () => socket.destroy())
    socket.write(answer)
    upstream.pipe(socket).pipe(upstream)
  })
  server.listen(0, address)
  await once(server, 'listening')
  closing.push(() => server.close())
  return { tunnels, port: (server.address() as AddressInfo).port }
}

function connect(changes = {}) {
  const made = clientOf(emulator, changes)
  closing.push(() => made.client.close())
  return made
}

test('an https proxy, trusted by the given CA certificates', async () => {
  const authority = await createAuthority({ commonName: 'Proxy CA', key: 'ec' })
  const certificate = await createServerCertificate(authority, 'valid', ['localhost'])
  const { tunnels, port } = await startProxy(https.createServer(certificate))
  process.env.HTTPS_PROXY = `https://localhost:${port}`
  const { client } = connect({ caCertificates: [emulator.caPem, authority.certificatePem] })
  expect(await client.currentUser()).toMatchObject({ id: emulator.user.id })
  expect(tunnels).toEqual([`localhost:${emulator.port}`])
})

test('names an https proxy whose certificate nobody trusts', async () => {
  const authority = await createAuthority({ commonName: 'Proxy CA', key: 'ec' })
  const certificate = await createServerCertificate(authority, 'valid', ['localhost'])
  const { tunnels, port } = await startProxy(https.createServer(certificate))
  process.env.HTTPS_PROXY = `https://localhost:${port}`
  await expect(connect().client.currentUser()).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    message: expect.stringContaining(`localhost:${port}`),
  })
  expect(tunnels).toEqual([])
})

test.each([
  [403, 1],
  [407, 1],
  [502, 1],
])('does not retry a proxy that responds with %i', async (status, times) => {
  const { tunnels, port } = await startProxy(http.createServer(), `HTTP/1.1 ${status} No\r\n\r\n`)
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`
  await expect(connect().client.currentUser()).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    message: expect.stringContaining(String(status)),
  })
  expect(tunnels).toHaveLength(times)
})

test.each([
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 201 Created',
  'HTTP/1.1 299 Whatever\r\nContent-Length: 10',
  'HTTP/1.0 200 Connection established\r\nProxy-Agent: old/1.0',
  'HTTP/1.1 200',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 5',
  'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0',
  'HTTP/1.1 200 OK\r\nContent-Length: none',
  'HTTP/1.1 200 OK\r\nConnection: close',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
])('any 2xx response opens the tunnel, whatever it says about a body (RFC 9110 §9.3.6): %j', async head => {
  const { port } = await startProxy(http.createServer(), `${head}\r\n\r\n`)
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`
  expect(await connect().client.currentUser()).toMatchObject({ id: emulator.user.id })
})

test('a response in pieces opens the tunnel', async () => {
  const proxy = net.createServer(socket => {
    socket.on('error', () => undefined)
    const upstream = net.connect(emulator.port, '127.0.0.1').on('error', () => socket.destroy())
    socket.once('data', async () => {
      for (const piece of ['HT', 'TP/1.1 20', '0 OK\r\nA: b\r', '\n\r', '\n']) {
        await new Promise(resolve => setTimeout(resolve, 20))
        socket.write(piece)
      }
      upstream.pipe(socket).pipe(upstream)
    })
  })
  const port = await listen(proxy)
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`
  expect(await connect().client.currentUser()).toMatchObject({ id: emulator.user.id })
})

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', /HPE_INVALID_CONSTANT/, /does not speak HTTP/],
  ['no status', 'HTTP/1.1 OK\r\n\r\n', /HPE_INVALID_STATUS/, /does not speak HTTP/],
  [
    'a head without an end',
    `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(20_000)}`,
    /HPE_HEADER_OVERFLOW/,
    /does not speak HTTP/,
  ],
  ['nothing, and closes', '', /ECONNRESET/, /closed the connection/],
])('names a proxy that responds with %s', async (_, answer, native, why) => {
  const proxy = net.createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  })
  const port = await listen(proxy)
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`
  await expect(connect({ retries: 0 }).client.currentUser()).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    message: expect.stringMatching(native),
    why: expect.stringMatching(why),
  })
})

test('accepts a proxy whose scheme is in upper case', async () => {
  const { tunnels, port } = await startProxy(http.createServer())
  process.env.HTTPS_PROXY = `HTTP://127.0.0.1:${port}`
  expect(await connect().client.currentUser()).toMatchObject({ id: emulator.user.id })
  expect(tunnels).toHaveLength(1)
})

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const hasIpv6 = Object.values(networkInterfaces()).some(list =>
  list?.some(({ address }) => address === '::1'),
)
const ipv6Test = hasIpv6 ? test : skipping('this machine has no IPv6')

ipv6Test('a proxy with an IPv6 address', async () => {
  const { tunnels, port } = await startProxy(http.createServer(), undefined, '::1')
  process.env.HTTPS_PROXY = `http://[::1]:${port}`
  expect(await connect().client.currentUser()).toMatchObject({ id: emulator.user.id })
  expect(tunnels).toHaveLength(1)
})

test.each([
  ['Negotiate', /requires authentication by negotiate; .*Basic only/],
  ['NTLM\r\nProxy-Authenticate: Digest realm="a, b c", qop="auth"', /by ntlm or digest; /],
  ['Negotiate\r\nProxy-Authenticate: Basic realm="x"', /requires a user name and password/],
])('a proxy that asks for %j', async (schemes, why) => {
  const answer = `HTTP/1.1 407 No\r\nProxy-Authenticate: ${schemes}\r\n\r\n`
  const { port } = await startProxy(http.createServer(), answer)
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`
  await expect(connect().client.currentUser()).rejects.toMatchObject({
    code: 'PROXY_REFUSED',
    why: expect.stringMatching(why),
  })
})

test('opens a tunnel that breaks before it is used again', async () => {
  const proxy = http.createServer()
  const broken = Promise.withResolvers<void>()
  proxy.once('connect', (_request, socket: net.Socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n', () => setTimeout(() => socket.resetAndDestroy(), 20))
    socket.once('close', () => broken.resolve())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  closing.push(() => proxy.close())
  process.env.HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const { client } = connect()
  client.reachClientauth()
  await broken.promise
  delete process.env.HTTPS_PROXY
  const { certificatePem, privateKeyPem = '' } = await emulator.mint({ keyType: 'ec-p256' })
  expect(await client.verify({ key: privateKeyPem, cert: certificatePem })).toMatchObject({
    id: emulator.user.id,
  })
})
