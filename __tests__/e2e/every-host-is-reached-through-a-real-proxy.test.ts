import { afterAll, beforeAll, expect } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { expectAllWell, hostsOf, NAMES, OPERATIONS, operation, useCompany } from '../support/company.ts'
import type { Daemon } from '../support/daemon.ts'
import { isInstalled, toolTest } from '../support/p12-tools.ts'
import type { StepResult } from '../support/runner.ts'
import { RunnerMasker } from '../support/runner-masker.ts'
import { errorOf } from '../support/scene.ts'
import { type Squid, startSquid } from '../support/squid.ts'
import { startTinyproxy } from './tinyproxy.ts'

const USER = { name: 'runner', password: 'p@ss/word: 100%' }
const ENCODED = 'p%40ss%2Fword%3A%20100%25'
const company = useCompany()
let squid: Squid
let seen = 0

beforeAll(async () => {
  if (isInstalled('squid')) squid = await startSquid({ names: NAMES, user: USER })
})
afterAll(() => squid?.close())

function proxyUrl(credentials = `runner:${ENCODED}@`, { port }: Daemon = squid): string {
  return `http://${credentials}127.0.0.1:${port}`
}

/** What squid has logged since the last call. */
async function newTunnels(atLeast: number): Promise<string[]> {
  const all = await squid.tunnels(seen + atLeast)
  const fresh = all.slice(seen)
  seen = all.length
  return fresh
}

/** Upper case for all, lower case for the two that together talk to every host in every way. */
const CASES = [
  ...OPERATIONS.map(found => ({ ...found, variable: 'HTTPS_PROXY' })),
  ...['issue', 'rotate'].map(name => ({ ...operation(name), variable: 'https_proxy' })),
]
for (const { name, hosts, run, variable } of CASES) {
  toolTest(
    ['squid', 'openssl'],
    `${name}: ${variable} with user and password routes every connection through it`,
    async () => {
      await newTunnels(0)
      const before = company.digicert.connections.accepted
      const results = await run(company, { env: { [variable]: proxyUrl() } })
      expectAllWell(results)
      const digicert = company.digicert.connections.accepted - before
      const tunnels = await newTunnels(digicert + Number(hosts.length === NAMES.length))
      expect(hostsOf(tunnels)).toEqual([...hosts].sort())
      expect(tunnels.filter(line => !/^200 \S+ runner$/.test(line))).toEqual([])
      const toDigicert = tunnels.filter(line => line.includes('digicert'))
      expect(toDigicert).toHaveLength(digicert)
      expectNoCredentials(results)
    },
  )
}

/** Not as they are in the variable, not decoded, not as they are sent; and what may be printed later is masked. */
function expectNoCredentials(results: StepResult[]): void {
  const sent = Buffer.from(`${USER.name}:${USER.password}`).toString('base64')
  const forms = [USER.password, ENCODED, sent]
  for (const { raw, summary, state } of results) {
    const shown = raw.replaceAll(/^::add-mask::.*$/gm, '') + summary + JSON.stringify(state)
    for (const form of forms) expect(shown).not.toContain(form)
  }
  const masker = new RunnerMasker()
  for (const mask of results[0]?.masks ?? []) masker.addMask(mask)
  expect(forms.map(form => masker.mask(form))).toEqual(forms.map(() => '***'))
}

const REFUSED = [
  {
    given: 'a wrong password',
    credentials: 'runner:not-the-password@',
    why: /does not accept the user name and password/,
  },
  { given: 'no credentials', credentials: '', why: /requires a user name and password/ },
]
for (const { given, credentials, why } of REFUSED) {
  toolTest(['squid', 'openssl'], `${given}: reports 407, and issues nothing`, async () => {
    const [main] = await operation('issue').run(company, { env: { HTTPS_PROXY: proxyUrl(credentials) } })
    const error = errorOf(main as StepResult)
    expect(error).toMatchObject({
      code: 'PROXY_REFUSED',
      what: expect.stringContaining('one.digicert.example'),
      why: expect.stringMatching(why),
      fix: expect.stringContaining('HTTPS_PROXY'),
    })
    expect(error.what).toContain('407')
    expect(company.digicert.requests).toEqual([])
    expect(main?.raw.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('not-the-password')
  })
}

toolTest(['squid'], 'names a host that the proxy does not allow, and disables what was issued', async () => {
  const strict = await startSquid({ names: NAMES, denied: 'clientauth.one.digicert.example' })
  try {
    const [main, post] = await operation('issue').run(company, {
      env: { HTTPS_PROXY: proxyUrl('', strict) },
    })
    expect(errorOf(main as StepResult)).toMatchObject({
      code: 'PROXY_REFUSED',
      what: expect.stringMatching(/clientauth\.one\.digicert\.example.*403/),
      fix: expect.stringMatching(/Allow CONNECT .*NO_PROXY/),
    })
    expect(post?.exitCode).toBe(0)
    expect(company.enabled()).toEqual([])
  } finally {
    await strict.close()
  }
})

toolTest(
  ['squid'],
  'rotate, with only GitHub not allowed: reports it before anything is issued',
  async () => {
    const strict = await startSquid({ names: NAMES, denied: 'api.github.example' })
    try {
      const [main] = await operation('rotate').run(
        company,
        { env: { HTTPS_PROXY: proxyUrl('', strict) } },
        { retries: '0' },
      )
      expect(errorOf(main as StepResult)).toMatchObject({
        code: 'PROXY_REFUSED',
        what: expect.stringMatching(/api\.github\.example.*403/),
      })
      expect(company.digicert.certificates).toHaveLength(1)
    } finally {
      await strict.close()
    }
  },
)

toolTest(['squid', 'openssl'], 'when the proxy gets no further, names the proxy', async () => {
  const [main] = await operation('issue').run(
    company,
    { env: { HTTPS_PROXY: proxyUrl() } },
    { host: 'one.digicert.example:1' },
  )
  expect(errorOf(main as StepResult)).toMatchObject({
    code: 'PROXY_REFUSED',
    what: expect.stringMatching(/one\.digicert\.example:1: .*503/),
    why: expect.stringContaining('cannot reach that host'),
  })
})

for (const name of ['issue', 'rotate']) {
  toolTest(['squid'], `${name}: an https proxy with its own name and CA`, async () => {
    const authority = await createAuthority({ commonName: 'Proxy CA', key: 'ec' })
    const certificate = await createServerCertificate(authority, 'valid', ['localhost'])
    const encrypted = await startSquid({ names: NAMES, certificate })
    try {
      const found = operation(name)
      const { digicert, github } = company
      const results = await found.run(
        company,
        { env: { HTTPS_PROXY: `https://localhost:${encrypted.port}` } },
        { 'ca-certificates': digicert.caPem + github.caPem + authority.certificatePem },
      )
      expectAllWell(results)
      expect(hostsOf(await encrypted.tunnels(found.hosts.length))).toEqual([...found.hosts].sort())
    } finally {
      await encrypted.close()
    }
  })
}

toolTest(
  ['squid', 'tinyproxy', 'openssl'],
  'tinyproxy, with a proxy behind it: every host, and its 407',
  async () => {
    const open = await startSquid({ names: NAMES })
    const tiny = await startTinyproxy({
      upstreamPort: open.port,
      user: { name: 'tiny', password: 'tiny-password' },
    })
    try {
      for (const { run } of [operation('issue'), operation('rotate')]) {
        expectAllWell(await run(company, { env: { https_proxy: proxyUrl('tiny:tiny-password@', tiny) } }))
        company.reset()
      }
      expect(hostsOf(await open.tunnels(3))).toEqual([...NAMES].sort())
      const [main] = await operation('issue').run(company, { env: { https_proxy: proxyUrl('', tiny) } })
      expect(errorOf(main as StepResult).why).toMatch(/requires a user name and password/)
    } finally {
      await tiny.close()
      await open.close()
    }
  },
)
