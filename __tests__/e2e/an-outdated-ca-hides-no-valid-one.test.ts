import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { Job } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { makeTwinRoots, type TwinRoots } from '../support/twin-roots.ts'

// `check` is the quickest way to send DigiCert ONE a request; all actions connect with the same code.
const scene = useScene({}, 'check')
let twins: TwinRoots
let other: string
const closing: (() => unknown)[] = []
beforeAll(async () => {
  twins = await makeTwinRoots()
  other = (await createAuthority({ commonName: 'Another CA', key: 'ec' })).certificatePem
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve({ key, cert }: TwinRoots['server'], ...more: string[]): Promise<string> {
  const server = https.createServer({ key, cert: [cert, ...more].join('') })
  server.on('request', (_request, response) => response.end('[]')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  )
  return `localhost:${(server.address() as AddressInfo).port}`
}

/** @param system what the system's store has */
function run(host: string, given: string, system = '', env: Record<string, string> = {}) {
  const job = new Job()
  const path = job.commandFile('system')
  writeFileSync(path, system)
  const inputs = { host, 'ca-certificates': given, 'if-none-found': 'ignore', retries: '0' }
  return scene.scenario(inputs, system === '' ? env : { SSL_CERT_FILE: path, ...env }, job).main()
}

type Pick = (roots: TwinRoots) => [given: string, system: string, shown: string]

const TRUSTED: [string, Pick][] = [
  ['the system has renewed the root', ({ expired, renewed }) => [expired, renewed, '']],
  ['the system has renewed it, and the server shows the old one', r => [r.expired, r.renewed, r.expired]],
  ['the server shows the old one, and nothing is given', r => ['', r.renewed, r.expired]],
  ['both are given, the expired one first', ({ expired, renewed }) => [expired + renewed, '', '']],
  ['both are given, the expired one last', ({ expired, renewed }) => [renewed + expired, '', '']],
  ['both are given, and the server shows the old one', r => [r.expired + r.renewed, '', r.expired]],
  ['the system has the expired one', ({ expired, renewed }) => [renewed, expired, '']],
  ['a namesake with another key is given', ({ namesake, renewed }) => [namesake, renewed, '']],
  ['one that is not valid yet is given', ({ future, renewed }) => [future, renewed, '']],
]

test.each(TRUSTED)('%s: trusts the server', async (_name, pick) => {
  const [given, system, shown] = pick(twins)
  expect(await run(await serve(twins.server, shown), given, system)).toMatchObject({
    exitCode: 0,
    annotations: [],
  })
})

test.each([
  ['alone', (roots: TwinRoots) => [roots.expired, '']],
  ['with the CAs of other servers', (roots: TwinRoots) => [other + roots.expired, '']],
  ['and the server shows it', (roots: TwinRoots) => [roots.expired, roots.expired]],
])('an expired root, %s: says that the root has expired, not the server', async (_name, pick) => {
  const [given = '', shown = ''] = pick(twins)
  const host = await serve(twins.server, shown)
  const error = errorOf(await run(host, given))
  expect(error).toMatchObject({
    code: 'TLS_UNTRUSTED',
    what: expect.stringMatching(
      `^The TLS certificate of ${host} is not trusted \\(the CA certificate "CN=Twin Root, O=Example Inc" in 'ca-certificates' expired on 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)\\.$`,
    ),
    why: "Likely cause: The server's certificate is within its dates, but the certificate of its CA in 'ca-certificates' is not.",
    fix: expect.stringMatching(/In 'ca-certificates', replace it/),
  })
})

test('a root that is not valid yet', async () => {
  expect(errorOf(await run(await serve(twins.server), twins.future))).toMatchObject({
    code: 'TLS_UNTRUSTED',
    what: expect.stringMatching(
      /"CN=Twin Root, .* in 'ca-certificates' is valid only from 20\d\d-\d\d-\d\d \d\d:\d\d UTC on\)\.$/,
    ),
  })
})

test('does not blame an expired root of another CA', async () => {
  const { certificatePem } = await createAuthority({ commonName: 'Unknown', key: 'ec' })
  const host = scene.emulator.apiUrl
  const error = errorOf(await run(host, twins.expired + certificatePem))
  expect(error.code).toBe('TLS_UNTRUSTED')
  expect(error.what + error.why).not.toMatch(/Twin Root|expired|dates/)
})

test('says that the server certificate has expired when it has, whatever its root is', async () => {
  for (const given of [twins.expired, twins.renewed, twins.expired + twins.renewed]) {
    const host = await serve(twins.expiredServer)
    expect(errorOf(await run(host, given))).toMatchObject({
      code: 'TLS_SERVER_EXPIRED',
      what: `The TLS certificate of the server ${host} has expired.`,
    })
  }
})

test('an https proxy with an expired root', async () => {
  const proxy = await serve(twins.server)
  const error = errorOf(await run('localhost:9', twins.expired, '', { HTTPS_PROXY: `https://${proxy}` }))
  expect(error).toMatchObject({
    code: 'PROXY_REFUSED',
    what: expect.stringMatching(/could not be used: the CA certificate "CN=Twin Root, .* expired on /),
    fix: expect.stringContaining("'ca-certificates'"),
  })
})
