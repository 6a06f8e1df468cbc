import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { type Emulator, type Minted, startEmulator } from '../../emulator/index.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { CertificateRefused } from '../../src/digicert/clientauth.ts'
import { newClient } from '../support/client.ts'
import { toolTest } from '../support/p12-tools.ts'
import { startTlsServer } from '../support/tls-server.ts'

const VERSIONS = ['tls1_2', 'tls1_3'] as const
const folder = mkdtempSync(join(tmpdir(), 's-server-'))
let emulator: Emulator
let mine: Minted
let serverCa: string
let running: ChildProcess | undefined

beforeAll(async () => {
  emulator = await startEmulator()
  mine = await emulator.mint({ keyType: 'ec-p256' })
  const authority = await createAuthority({ commonName: 'Server CA', key: 'ec' })
  const { key, cert } = await createServerCertificate(authority, 'valid', ['clientauth.localhost'])
  serverCa = authority.certificatePem
  const files = {
    'key.pem': key,
    'cert.pem': cert,
    'clients.pem': emulator.clientCaPem,
    'others.pem': serverCa,
  }
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem)
})
afterEach(() => {
  running?.kill()
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** OpenSSL's own server: unlike Node's, it checks client certificates during the handshake and sends an alert. */
async function serve(version: (typeof VERSIONS)[number], ca: string): Promise<number> {
  const server = [
    's_server',
    '-accept',
    '127.0.0.1:0',
    '-cert',
    'cert.pem',
    '-key',
    'key.pem',
    '-www',
    `-${version}`,
  ]
  const judge = ['-Verify', '2', '-verify_return_error', '-CAfile', ca]
  const child = spawn('openssl', [...server, ...judge], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  running = child
  let said = ''
  child.stderr.resume()
  while (!/ACCEPT \S+:\d+/.test(said)) said += String((await once(child.stdout, 'data'))[0])
  child.stdout.resume()
  return Number(/ACCEPT \S+:(\d+)/.exec(said)?.[1])
}

async function verify(port: number, { privateKeyPem = '', certificatePem }: Minted, ca = serverCa) {
  const origin = `https://clientauth.localhost:${port}`
  const { client, clock } = newClient({ hosts: { api: origin, clientauth: origin }, caCertificates: [ca] })
  const outcome = await client
    .verify({ key: privateKeyPem, cert: certificatePem })
    .catch((error: unknown) => error)
  await client.close()
  return { outcome, waits: clock.waits }
}

for (const version of VERSIONS) {
  toolTest(['openssl'], `${version}: a certificate from the right CA is accepted`, async () => {
    const { outcome } = await verify(await serve(version, 'clients.pem'), mine)
    // openssl then serves a web page.
    expect(outcome).toMatchObject({ code: 'WRONG_HOST' })
  })

  toolTest(
    ['openssl'],
    `${version}: one from another CA is refused with an alert, named and not retried`,
    async () => {
      const port = await serve(version, 'others.pem')
      const { outcome, waits } = await verify(port, mine)
      expect(outcome).toBeInstanceOf(CertificateRefused)
      const { message } = outcome as Error
      expect(message).toContain(`clientauth.localhost:${port} refused it in the TLS handshake (ERR_SSL_`)
      expect(message).toContain('UNKNOWN_CA')
      expect(waits).toEqual([])
    },
  )

  toolTest(['openssl'], `${version}: an expired one is treated likewise`, async () => {
    const old = await emulator.mint({ keyType: 'ec-p256', notAfter: new Date(Date.now() - 60_000) })
    const { outcome, waits } = await verify(await serve(version, 'clients.pem'), old)
    expect(outcome).toBeInstanceOf(CertificateRefused)
    expect((outcome as Error).message).toContain('CERTIFICATE_EXPIRED')
    expect(waits).toEqual([])
  })
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s: retries a server that closes without an alert, then takes it for a refusal of the certificate',
  async version => {
    const server = await startTlsServer((_request, response) => response.end(), {
      requestCert: true,
      rejectUnauthorized: true,
      ca: serverCa,
      minVersion: version,
      maxVersion: version,
    })
    const { outcome, waits } = await verify(server.port, mine, server.caPem)
    server.close()
    expect(outcome).toMatchObject({
      code: 'CERT_REFUSED',
      message: expect.stringContaining('closes the connection'),
    })
    expect(waits).toHaveLength(2)
    expect(server.requests).toEqual([])
  },
)
