import { afterEach, beforeAll, expect } from '@jest/globals'
import { type Authority, createAuthority } from '../../emulator/ca.ts'
import { DAY, type Emulator, startEmulator } from '../../emulator/index.ts'
import { createServerCertificate, type ServerCertificate } from '../../emulator/server-certificates.ts'
import { LATER, QUICK } from '../support/later.ts'
import { toolTest } from '../support/p12-tools.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'
import { startSquid } from '../support/squid.ts'
import { PASSWORD, type StoredOptions, storedP12 } from '../support/stored.ts'
import { type Nginx, type NginxOptions, startNginx } from './nginx.ts'

const scene = useScene()
let authority: Authority
let certificate: ServerCertificate
let nginx: Nginx | undefined

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'Front CA', key: 'ec' })
  certificate = await createServerCertificate(authority, 'valid', ['clientauth.localhost'])
})
afterEach(async () => {
  await nginx?.close()
  nginx = undefined
})

const FRONTS: Pick<NginxOptions, 'verify' | 'tls'>[] = (['on', 'optional_no_ca'] as const).flatMap(verify =>
  (['TLSv1.2', 'TLSv1.3'] as const).map(tls => ({ verify, tls })),
)

async function front(options: Pick<NginxOptions, 'verify' | 'tls'> & Partial<NginxOptions>): Promise<Inputs> {
  nginx = await startNginx(scene.emulator, { certificate, ...options })
  return {
    'clientauth-host': `clientauth.localhost:${nginx.port}`,
    'ca-certificates': scene.emulator.caPem + authority.certificatePem,
  }
}

async function stored(inputs: Inputs, options: StoredOptions, emulator: Emulator = scene.emulator, env = {}) {
  const { base64 } = await storedP12(emulator, options)
  const all = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, ...inputs }
  return await scene.scenario(all, env).main()
}

for (const how of FRONTS) {
  const named = `ssl_verify_client ${how.verify}, ${how.tls}`

  toolTest(['nginx'], `${named}: issue, its post step and stored succeed`, async () => {
    const inputs = await front(how)
    const scenario = scene.scenario(inputs)
    expect(await scenario.main()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
    expect(await stored(inputs, {})).toMatchObject({ exitCode: 0, annotations: [] })
    expect(nginx?.answers).toEqual(['SUCCESS 200', 'SUCCESS 200'])
  })

  toolTest(['nginx'], `${named}: a disabled certificate`, async () => {
    const main = await stored(await front(how), { enabled: false })
    expect(errorOf(main).code).toBe('CERT_DISABLED')
    expect(nginx?.answers).toEqual(['SUCCESS 403'])
  })

  toolTest(
    ['nginx'],
    `${named}: one from a foreign CA, which nginx itself refuses with 400 or passes on`,
    async () => {
      const main = await stored(await front(how), { issuer: 'foreign' })
      expect(errorOf(main)).toMatchObject({
        code: 'CERT_UNKNOWN',
        why: expect.stringContaining('environment'),
      })
      expect(main.log).not.toContain('<html>')
      const passedOn = [expect.stringMatching(/^FAILED:.* 403$/)]
      expect(nginx?.answers).toEqual(how.verify === 'on' ? [] : passedOn)
    },
  )

  toolTest(['nginx'], `${named}: one from another environment with the same CA name`, async () => {
    const other = await startEmulator()
    try {
      const main = await stored(await front(how), {}, other)
      expect(errorOf(main).code).toBe('CERT_UNKNOWN')
    } finally {
      await other.close()
    }
  })

  toolTest(['nginx'], `${named}: an expired one`, async () => {
    const ended = { notBefore: new Date(Date.now() - 30 * DAY), notAfter: new Date(Date.now() - DAY) }
    const main = await stored(await front(how), ended)
    expect(errorOf(main).code).toBe('CERT_EXPIRED')
  })

  toolTest(['nginx'], `${named}: an expired one that only nginx refuses, with 400`, async () => {
    const ended = { notBefore: new Date(Date.now() - 30 * DAY), notAfter: new Date(Date.now() - DAY) }
    const slow = { ...LATER, CLOCK_AHEAD_MS: String(-3 * DAY) }
    const inputs = await front(how)
    scene.emulator.clock.offset(-3 * DAY)
    const main = await stored(inputs, ended, scene.emulator, slow)
    expect(errorOf(main)).toMatchObject({
      code: 'CERT_REFUSED',
      what: expect.stringMatching(/clientauth\.localhost:\d+ responded to .* with 400/),
      why: expect.stringContaining('clock'),
    })
    expect(nginx?.answers).toEqual([])
  })
}

toolTest(
  ['nginx', 'squid', 'openssl'],
  'says when a proxy that inspects TLS drops the certificate',
  async () => {
    const { 'clientauth-host': clientauth = '', 'ca-certificates': trusts = '' } = await front({
      verify: 'on',
      tls: 'TLSv1.3',
    })
    const squid = await startSquid({ names: ['clientauth.localhost'], inspects: { trusts } })
    try {
      const inputs = { 'clientauth-host': clientauth, 'ca-certificates': trusts + squid.caPem, timeout: '5m' }
      const scenario = scene.scenario(inputs, {
        ...QUICK,
        HTTPS_PROXY: `http://127.0.0.1:${squid.port}`,
        NO_PROXY: `localhost:${scene.emulator.port}`,
      })
      expect(errorOf(await scenario.main())).toMatchObject({
        code: 'CERT_REFUSED',
        what: expect.stringMatching(/^clientauth\.localhost:\d+ responded to .* with 400/),
        why: expect.stringContaining('a device in between terminates TLS and drops the client certificate'),
        fix: expect.stringContaining('no proxy inspects the traffic to that host'),
      })
      await scenario.post()
      scenario.expectNothingLeft()
    } finally {
      await squid.close()
    }
  },
)

toolTest(['nginx'], 'says when nginx refuses an unknown name with an alert', async () => {
  const inputs = await front({ verify: 'on', tls: 'TLSv1.3', directives: ['ssl_reject_handshake on;'] })
  const main = await stored(inputs, {})
  expect(errorOf(main)).toMatchObject({
    code: 'TLS_FAILED',
    why: expect.stringContaining('The server does not serve that name.'),
    fix: expect.stringContaining("'clientauth-host'"),
  })
})
