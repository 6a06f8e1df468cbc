import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { DAY, type Emulator, type Minted, type MintOptions, startEmulator } from '../../emulator/index.ts'
import { type CallOptions, CERTIFICATES, call } from '../support/emulator-client.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

const mint = (options: MintOptions = {}) => emulator.mint({ keyType: 'ec-p256', ...options })
const me = (certificate?: Minted, options: CallOptions = {}) =>
  call(emulator, { host: 'clientauth', certificate, ...options })

const refused = {
  status: 403,
  json: { errors: [{ code: 'AUTHORIZATION_ERROR', message: 'No authentication data provided' }] },
}

describe('on the mTLS host', () => {
  test('accepts a known, enabled certificate within its dates, RSA or EC', async () => {
    for (const keyType of ['rsa-2048', 'ec-p256'] as const) {
      const certificate = await mint({ keyType })
      expect(await me(certificate)).toMatchObject({ status: 200, json: { id: emulator.user.id } })
      expect(emulator.requests.at(-1)).toMatchObject({
        verdict: 'accepted',
        clientCertificateSerial: certificate.serialNumber,
        hasApiKey: false,
      })
    }
  })

  test.each<[string, MintOptions]>([
    ['foreign', { issuer: 'foreign' }],
    ['foreign', { issuer: 'impostor' }],
    ['unknown', { registered: false }],
    ['disabled', { enabled: false }],
    ['expired', { notAfter: new Date(Date.now() - DAY) }],
    ['not-yet-valid', { notBefore: new Date(Date.now() + DAY) }],
  ])('%s %p: 403 AUTHORIZATION_ERROR', async (verdict, options) => {
    expect(await me(await mint(options))).toMatchObject(refused)
    expect(emulator.requests.at(-1)?.verdict).toBe(verdict)
  })

  test('none at all: 403 AUTHORIZATION_ERROR, and an API key does not replace it', async () => {
    expect(await me()).toMatchObject(refused)
    expect(await me(undefined, { apiKey: emulator.apiKey })).toMatchObject(refused)
    expect(emulator.requests.at(-1)).toMatchObject({ verdict: 'missing', hasApiKey: true })
  })

  test("refuses an inactive user's certificate", async () => {
    const user = emulator.addUser()
    const certificate = await mint({ user })
    expect(await me(certificate)).toMatchObject({ status: 200, json: { id: user.id } })
    user.status = 'INACTIVE'
    expect(await me(certificate)).toMatchObject(refused)
  })

  test('an expired one gets 401 when the setting says so; the others still get 403', async () => {
    emulator.settings.expiredCertificateStatus = 401
    expect(await me(await mint({ notAfter: new Date(Date.now() - 1000) }))).toMatchObject({
      ...refused,
      status: 401,
    })
    expect(await me(await mint({ enabled: false }))).toMatchObject(refused)
  })

  test("the emulator's clock decides what has expired", async () => {
    const certificate = await mint({ notAfter: new Date('2031-01-01T00:00:00Z') })
    emulator.clock.set('2031-01-01T00:00:00.900Z')
    expect(await me(certificate)).toMatchObject({ status: 200 })
    emulator.clock.set('2031-01-01T00:00:01Z')
    expect(await me(certificate)).toMatchObject(refused)
  })

  test('disabling and enabling take effect at once, also on an open connection', async () => {
    const certificate = await mint()
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
    const statuses: number[] = []
    for (const enabled of [true, false, true]) {
      const put = {
        method: 'PUT',
        path: `${CERTIFICATES}/${certificate.record?.id}/enable`,
        body: { enabled },
      }
      await call(emulator, put)
      statuses.push((await me(certificate, { agent })).status)
    }
    agent.destroy()
    expect(statuses).toEqual([200, 403, 200])
    const used = emulator.requests
      .filter(({ host }) => host === 'clientauth')
      .map(({ connection }) => connection)
    expect(new Set(used).size).toBe(1)
  })

  test('a resumed TLS session still knows its client', async () => {
    const certificate = await mint()
    const before = emulator.connections.resumed
    const agent = new https.Agent({ maxCachedSessions: 10 })
    expect(await me(certificate, { agent })).toMatchObject({ status: 200 })
    expect(await me(certificate, { agent })).toMatchObject({ status: 200 })
    expect(emulator.connections.resumed).toBe(before + 1)
  })
})

describe('refused by the transport instead', () => {
  test.each<[MintOptions | undefined, string]>([
    [undefined, 'No required SSL certificate was sent'],
    [{ issuer: 'foreign' }, 'The SSL certificate error'],
    [{ notAfter: new Date(Date.now() - DAY) }, 'The SSL certificate error'],
  ])('nginx, %p: its HTML page', async (options, text) => {
    emulator.settings.refuseCertificatesIn = 'nginx'
    const answer = await me(options === undefined ? undefined : await mint(options))
    expect(answer).toMatchObject({ status: 400, headers: { 'content-type': 'text/html' } })
    expect(answer.text).toContain(text)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'handshake, %s: no response at all, and an alert when missing',
    async maxVersion => {
      emulator.settings.refuseCertificatesIn = 'handshake'
      const alert = maxVersion === 'TLSv1.3' ? /certificate required/ : /handshake failure/
      const tlsOptions = { tls: { maxVersion } }
      await expect(me(undefined, tlsOptions)).rejects.toThrow(alert)
      const foreign = await mint({ issuer: 'foreign' })
      await expect(me(foreign, tlsOptions)).rejects.toMatchObject({ code: 'ECONNRESET' })
      const expired = await mint({ notAfter: new Date(Date.now() - DAY) })
      await expect(me(expired, tlsOptions)).rejects.toMatchObject({ code: 'ECONNRESET' })
      expect(await me(await mint(), tlsOptions)).toMatchObject({ status: 200 })
    },
  )

  test.each(['nginx', 'handshake'] as const)(
    '%s cannot know what is disabled: the application says 403',
    async layer => {
      emulator.settings.refuseCertificatesIn = layer
      expect(await me(await mint({ enabled: false }))).toMatchObject(refused)
    },
  )
})

describe('one port, two names', () => {
  test("only the mTLS host's name requests a certificate", async () => {
    const certificate = await mint()
    await call(emulator, { certificate })
    expect(emulator.requests.at(-1)).toMatchObject({ host: 'api', clientCertificateSerial: undefined })
  })

  test('without a name, or with an unknown one, it is the API', async () => {
    for (const servername of ['', 'elsewhere.example']) {
      const answer = await call(emulator, { tls: { servername, checkServerIdentity: () => undefined } })
      expect(answer.status).toBe(200)
    }
  })

  test('the names can be chosen', async () => {
    const onPremises = await startEmulator({ host: 'one.example.com', clientauthHost: 'mtls.example.com' })
    expect(onPremises.apiUrl).toBe(`https://one.example.com:${onPremises.port}`)
    expect(await call(onPremises)).toMatchObject({ status: 200 })
    expect(await call(onPremises, { host: 'clientauth' })).toMatchObject({ status: 403 })
    expect(onPremises.requests.map(({ host }) => host)).toEqual(['api', 'clientauth'])
    await onPremises.close()
  })

  test('reads a ClientHello in small pieces', async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const { clientauthHost: servername, caPem: ca, port } = emulator
      const socket = tls.connect({ socket: slowSocket(port), servername, ca })
      socket.on('error', reject)
      socket.on('data', data => resolve(String(data).split('\r\n')[0] ?? ''))
      socket.write('GET /account/api/v1/user/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    })
    expect(status).toBe('HTTP/1.1 403 Forbidden')
    expect(emulator.requests.at(-1)?.host).toBe('clientauth')
  })

  test.each(['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\x05hello', '\x16\x03'])(
    'drops what is not TLS: %p',
    async bytes => {
      const socket = net.connect(emulator.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(bytes)
      socket.resume()
      await new Promise(resolve => socket.on('close', resolve))
      expect(await call(emulator)).toMatchObject({ status: 200 })
    },
  )
})

/** Splits the first write, the ClientHello, over several TCP segments. */
function slowSocket(port: number): net.Socket {
  const socket = net.connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  const write = socket.write.bind(socket)
  let first = true
  socket.write = ((chunk: Buffer, ...rest: never[]) => {
    if (!first) return write(chunk, ...rest)
    first = false
    write(chunk.subarray(0, 3))
    setTimeout(() => write(chunk.subarray(3, 50)), 10)
    setTimeout(() => write(chunk.subarray(50), ...rest), 20)
    return true
  }) as typeof socket.write
  return socket
}

describe('TLS', () => {
  test.each([
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('a server certificate that is %s', async (serverCertificate, code) => {
    const bad = await startEmulator({ serverCertificate: { clientauth: serverCertificate } })
    expect(await call(bad)).toMatchObject({ status: 200 })
    await expect(call(bad, { host: 'clientauth' })).rejects.toMatchObject({ code })
    await bad.close()
  })

  test('1.2 at least, and 1.2 at most when set', async () => {
    await expect(call(emulator, { tls: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } })).rejects.toThrow()
    const old = await startEmulator({ maxTlsVersion: 'TLSv1.2' })
    expect(await call(old)).toMatchObject({ status: 200 })
    await expect(call(old, { tls: { minVersion: 'TLSv1.3' } })).rejects.toThrow(/protocol version/)
    await old.close()
  })

  test('counts connections and handshakes', async () => {
    const { accepted, handshakes } = emulator.connections
    await call(emulator)
    await expect(call(emulator, { tls: { ca: emulator.clientCaPem } })).rejects.toThrow()
    expect(emulator.connections).toMatchObject({ accepted: accepted + 2 })
    expect(emulator.connections.handshakes).toBeGreaterThan(handshakes)
  })
})

test('on a port of its own, the mTLS host needs no name of its own', async () => {
  const apart = await startEmulator({ clientauthPort: 0 })
  try {
    expect(apart.clientauthHost).toBe(apart.host)
    expect(apart.clientauthUrl).not.toBe(apart.apiUrl)
    const certificate = await apart.mint({ keyType: 'ec-p256' })
    const { apiKey } = apart
    expect(await call(apart, { host: 'clientauth', certificate })).toMatchObject({ status: 200 })
    expect(await call(apart, { host: 'clientauth', apiKey })).toMatchObject(refused)
    expect(await call(apart, { host: 'api' })).toMatchObject({ status: 200 })
    expect(apart.requests.map(({ host }) => host)).toEqual(['clientauth', 'clientauth', 'api'])
  } finally {
    await apart.close()
  }
})
