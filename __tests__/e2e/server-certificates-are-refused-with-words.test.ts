import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { type EmulatorOptions, type ServerCertificateKind, startEmulator } from '../../emulator/index.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { Rotation } from '../support/rotation.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const QUICK = { timeout: '5s', retries: '0' }
/** Somebody tries to switch verification off; this changes nothing. */
const OFF = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
/** The CA that signed them is trusted, except where that is the point. */
const KINDS: { kind: ServerCertificateKind; code: string; why: RegExp; fix: RegExp; proxy: RegExp }[] = [
  {
    kind: 'untrusted',
    code: 'TLS_UNTRUSTED',
    why: /CA|certificate/,
    fix: /'ca-certificates'/,
    proxy: /CA that this runner does not know/,
  },
  {
    kind: 'self-signed',
    code: 'TLS_UNTRUSTED',
    why: /CA|certificate/,
    fix: /'ca-certificates'/,
    proxy: /CA that this runner does not know/,
  },
  {
    kind: 'without-intermediate',
    code: 'TLS_UNTRUSTED',
    why: /intermediate/,
    fix: /'ca-certificates'/,
    proxy: /intermediate/,
  },
  {
    kind: 'expired',
    code: 'TLS_SERVER_EXPIRED',
    why: /server's own certificate/i,
    fix: /clock/,
    proxy: /outside its dates/,
  },
  {
    kind: 'not-yet-valid',
    code: 'TLS_SERVER_EXPIRED',
    why: /clock/,
    fix: /clock/,
    proxy: /outside its dates/,
  },
  {
    kind: 'wrong-name',
    code: 'TLS_NAME_MISMATCH',
    why: /name/,
    fix: /certificate lists/,
    proxy: /name is misspelled/,
  },
]

async function start(options: EmulatorOptions) {
  const emulator = await startEmulator(options)
  closing.push(() => emulator.close())
  return {
    emulator,
    inputs: { host: emulator.apiUrl, 'api-key': emulator.apiKey, 'ca-certificates': emulator.caPem },
  }
}

test.each(KINDS)('the API host, $kind', async ({ kind, code, why, fix }) => {
  const { emulator, inputs } = await start({ serverCertificate: { api: kind } })
  expect(errorOf(await scene.scenario({ ...inputs, ...QUICK }, OFF).main())).toMatchObject({
    code,
    what: expect.stringContaining(` localhost:${emulator.port}`),
    why: expect.stringMatching(why),
    fix: expect.stringMatching(fix),
  })
  expect(emulator.requests).toEqual([])
})

test.each(KINDS)('the mTLS host, $kind', async ({ kind, code, why, fix }) => {
  const { emulator, inputs } = await start({ serverCertificate: { clientauth: kind } })
  const { base64 } = await storedP12(emulator)
  const stored = { mode: 'stored', p12: base64, 'p12-password': PASSWORD }
  expect(errorOf(await scene.scenario({ ...inputs, ...stored, ...QUICK }, OFF).main())).toMatchObject({
    code,
    what: expect.stringContaining(` clientauth.localhost:${emulator.port}`),
    why: expect.stringMatching(why),
    fix: expect.stringMatching(fix),
  })
  // The API key is verified at the same time; the certificate is sent to nobody.
  expect(emulator.requests.filter(({ host }) => host === 'clientauth')).toEqual([])
})

test.each(KINDS)('GitHub, $kind: before anything is issued', async ({ kind, code, why, fix }) => {
  const rotation = new Rotation({ github: { serverCertificate: kind } })
  await rotation.start()
  closing.push(() => rotation.close())
  await rotation.store()
  expect(errorOf(await rotation.run(QUICK, { env: OFF }))).toMatchObject({
    code,
    what: expect.stringContaining(`localhost:${rotation.github.port} could not be reached`),
    why: expect.stringMatching(why),
    fix: expect.stringMatching(fix),
  })
  expect(rotation.github.requests).toEqual([])
  expect(rotation.digicert.certificates).toHaveLength(1)
})

test.each(KINDS)('an https proxy, $kind', async ({ kind, proxy }) => {
  const authority = await createAuthority({ commonName: 'Proxy CA', key: 'ec' })
  const asked: (string | undefined)[] = []
  const server = https.createServer(await createServerCertificate(authority, kind, ['localhost']))
  server.on('connect', (request, socket) => {
    asked.push(request.url)
    socket.destroy()
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  const inputs = { 'ca-certificates': scene.emulator.caPem + authority.certificatePem, ...QUICK }
  const main = await scene.scenario(inputs, { HTTPS_PROXY: `https://localhost:${port}`, ...OFF }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'PROXY_REFUSED',
    what: expect.stringContaining(`localhost:${port} could not be used: `),
    why: expect.stringMatching(proxy),
    fix: expect.stringMatching(/proxy|HTTPS_PROXY/),
  })
  expect(asked).toEqual([])
})
