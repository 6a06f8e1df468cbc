// A job's NODE_OPTIONS may lower the TLS that Node accepts; the API key is still only sent over encrypted TLS 1.2 or newer.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { generateKeys, spkiDer } from '../../emulator/keys.ts'
import { temporaryFolder, testOnLinux } from '../support/download-server.ts'
import { Rotation } from '../support/rotation.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { startTlsServer } from '../support/tls-server.ts'

const scene = useScene()
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const WEAK = { NODE_OPTIONS: '--tls-min-v1.0 --tls-cipher-list=ALL:eNULL:aNULL:@SECLEVEL=0' }
const QUICK = { timeout: '5s', retries: '0' }
const SERVERS: [string, ServerOptions][] = [
  ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }],
  ['TLS 1.0', { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }],
  ['ciphers without encryption', { maxVersion: 'TLSv1.2', ciphers: 'eNULL:@SECLEVEL=0' }],
  ['ciphers without authentication', { maxVersion: 'TLSv1.2', ciphers: 'aNULL:@SECLEVEL=0' }],
]

async function start(options: ServerOptions) {
  const server = await startTlsServer((_request, response) => response.writeHead(500).end(), options)
  closing.push(() => server.close())
  return { server, host: `localhost:${server.port}` }
}

const FAILED = {
  code: 'TLS_FAILED',
  why: expect.stringContaining('does not support TLS 1.2 or 1.3'),
}

describe.each(SERVERS)('a server that supports only %s', (_name, options) => {
  test('would be accepted by Node with these options', async () => {
    const { host } = await start(options)
    const asked = `require('node:https').get('https://${host}', { rejectUnauthorized: false, agent: false }, answer => console.log(answer.resume().statusCode))`
    const env = { ...process.env, ...WEAK }
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', asked], { env })
    expect(stdout.trim()).toBe('500')
  })

  test('gets no request as the API host', async () => {
    const { server, host } = await start(options)
    const main = await scene.scenario({ host, 'ca-certificates': server.caPem, ...QUICK }, WEAK).main()
    expect(errorOf(main)).toMatchObject({ ...FAILED, what: expect.stringContaining(host) })
    expect(server.requests).toEqual([])
  })

  test('gets no certificate as the mTLS host', async () => {
    const { server, host } = await start(options)
    const { base64: p12 } = await storedP12(scene.emulator)
    const inputs = { mode: 'stored', p12, 'p12-password': PASSWORD, 'clientauth-host': host, ...QUICK }
    const ca = scene.emulator.caPem + server.caPem
    const main = await scene.scenario({ ...inputs, 'ca-certificates': ca }, WEAK).main()
    expect(main.exitCode).toBe(1)
    expect(server.requests).toEqual([])
    expect(server.connections).toBe(0)
  })

  test('gets no token as GitHub', async () => {
    const rotation = new Rotation()
    await rotation.start()
    closing.push(() => rotation.close())
    await rotation.store()
    const { server, host } = await start(options)
    const ca = rotation.digicert.caPem + server.caPem
    const env = { ...WEAK, GITHUB_API_URL: `https://${host}` }
    expect(errorOf(await rotation.run({ ...QUICK, 'ca-certificates': ca }, { env }))).toMatchObject(FAILED)
    expect(server.requests).toEqual([])
    expect(rotation.digicert.certificates).toHaveLength(1)
  })

  test('gets no credentials as an https proxy', async () => {
    const { server, host } = await start(options)
    const ca = scene.emulator.caPem + server.caPem
    const env = { ...WEAK, HTTPS_PROXY: `https://me:pass-word-0123@${host}` }
    const main = await scene.scenario({ 'ca-certificates': ca, ...QUICK }, env).main()
    expect(errorOf(main)).toMatchObject({
      code: 'PROXY_REFUSED',
      what: expect.stringContaining(host),
      why: expect.stringContaining('does not support TLS 1.2 or 1.3'),
    })
    expect(server.connections).toBe(0)
  })

  testOnLinux('gives no smctl', async () => {
    const { server, host } = await start(options)
    const ca = scene.emulator.caPem + server.caPem
    const inputs = { 'install-smctl': 'true', 'smctl-mirror': host, 'ca-certificates': ca, ...QUICK }
    const main = await scene.scenario(inputs, { ...WEAK, RUNNER_TOOL_CACHE: temporaryFolder() }).main()
    expect(errorOf(main)).toMatchObject({ code: 'SMCTL_DOWNLOAD', what: expect.stringContaining(host) })
    expect(server.requests).toEqual([])
  })
})

test.each([
  ['TLS 1.2 with RSA key exchange and AES-CBC', { maxVersion: 'TLSv1.2', ciphers: 'AES256-SHA' }],
  ['TLS 1.2 with RSA key exchange and AES-GCM', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }],
  ['TLS 1.3', { minVersion: 'TLSv1.3' }],
] satisfies [string, ServerOptions][])(
  'supports %s, which on-premises servers may have',
  async (_name, tls) => {
    const authority = await createAuthority({ commonName: 'On-premises CA', key: 'rsa' })
    const { privateKeyPem: key, publicKey } = await generateKeys('rsa-2048')
    const day = 86_400_000
    const cert = await authority.issue({
      subject: 'CN=localhost',
      publicKey: spkiDer(publicKey),
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + day),
      usage: 'server',
      dnsNames: ['localhost'],
    })
    const asked: (string | undefined)[] = []
    const server = createServer({ key, cert, ...tls }, (request, response) => {
      asked.push(request.url)
      response.writeHead(500).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => server.close())
    const host = `localhost:${(server.address() as AddressInfo).port}`
    const inputs = { host, 'ca-certificates': authority.certificatePem, ...QUICK }
    const main = await scene.scenario(inputs).main()
    expect(main.exitCode).toBe(1)
    expect(asked).not.toEqual([])
  },
)
