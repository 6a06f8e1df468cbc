import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'check')
const DAY = 86_400_000
const WATCH = { 'signing-certificates': 'true' }

const later = (days: number) => new Date(Date.now() + days * DAY + 60_000)

async function p12(): Promise<Inputs> {
  const { base64 } = await storedP12(scene.emulator, { keyType: 'rsa-2048' })
  return { p12: base64, 'p12-password': PASSWORD }
}

const signingRequests = () => scene.emulator.requests.filter(({ path }) => path.startsWith('/signingmanager'))

test('with the API key alone: one table and a timeline in two sections, with kind and alias in the JSON', async () => {
  const { softwareTrust } = scene.emulator
  await storedP12(scene.emulator, { name: 'release-2026', notAfter: later(200) })
  const keypair = await softwareTrust.addKeypair({ alias: 'release-key' })
  await softwareTrust.addCertificate(keypair, { alias: 'release-cert', notAfter: later(40) })
  const main = await scene.scenario(WATCH).main()
  expect(main.exitCode).toBe(0)
  const certificates = JSON.parse(main.outputs.certificates ?? '')
  expect(certificates).toMatchObject([
    { kind: 'signing', name: 'release-cert', alias: 'release-cert', state: 'warning', days_remaining: 40 },
    { kind: 'client', name: 'release-2026' },
    { kind: 'signing', alias: 'emulator-certificate', state: 'fine' },
  ])
  expect(certificates[1]).not.toHaveProperty('alias')
  expect(JSON.parse(readFileSync(main.outputs['report-file'] ?? '', 'utf8')).certificates).toEqual(
    certificates,
  )
  expect(main.outputs).toMatchObject({ 'expiring-count': '1', 'days-remaining': '40' })
  expect(warningsOf(main)).toEqual([
    expect.stringMatching(/^The code-signing certificate "release-cert" expires in 40 days, on /),
  ])
  expect(main.annotations[0]?.title).toContain('SIGNING_CERT_EXPIRING')
  expect(main.summary).toContain('Client and code-signing certificates: some expire soon')
  expect(main.summary.match(/^ {2}section .*$/gm)).toEqual([
    '  section today',
    '  section fail-within',
    '  section warn-within',
    expect.stringMatching(/^ {2}section 🟢 (?!.*code signing)/u),
    '  section 🟠 release-cert, code signing',
    '  section 🟢 emulator-certificate, code signing',
  ])
  expect(main.summary).toMatch(
    /\| \*\*Client certificates\*\* [\s\S]*release-2026[\s\S]*\| \*\*Code-signing certificates\*\* [\s\S]*release-cert/,
  )
  expect(signingRequests()).toMatchObject([{ method: 'GET', host: 'api', hasApiKey: true, status: 200 }])
})

test('without the input, requests nothing of it', async () => {
  await storedP12(scene.emulator)
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(0)
  expect(signingRequests()).toEqual([])
  expect(main.summary).not.toContain('ode-signing')
})

test.each([
  [
    'expires within fail-within',
    'SIGNING_CERT_EXPIRING',
    /"mine" expires in 11 days/,
    { notAfter: later(11) },
  ],
])('fails on one that %s', async (_what, code, words, options) => {
  await storedP12(scene.emulator)
  const { softwareTrust } = scene.emulator
  await softwareTrust.addCertificate(await softwareTrust.addKeypair(), { alias: 'mine', ...options })
  const main = await scene.scenario(WATCH).main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main).code).toBe(code)
  expect(errorOf(main).what).toMatch(words)
  expect(errorOf(main).fix).toMatch(/default certificate/)
})

test('names an expired one while its keypair still signs with it; a revoked or replaced one is history', async () => {
  await storedP12(scene.emulator)
  const { softwareTrust } = scene.emulator
  const notAfter = later(-8)
  const keypair = await softwareTrust.addKeypair({ alias: 'k' })
  await softwareTrust.addCertificate(keypair, { alias: 'default', notAfter, status: 'EXPIRED' })
  await softwareTrust.addCertificate(keypair, { alias: 'replaced', notAfter, status: 'EXPIRED' })
  await softwareTrust.addCertificate(keypair, { alias: 'revoked', status: 'REVOKED' })
  const main = await scene.scenario(WATCH).main()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([
    expect.stringMatching(/^The code-signing certificate "default" expired 7 days/),
  ])
  expect(main.outputs.certificates).not.toMatch(/replaced|revoked/)

  const all = await scene.scenario({ ...WATCH, 'include-disabled': 'true' }).main()
  expect(all.outputs.certificates).toMatch(/replaced.*revoked/)
  expect(all.summary).toMatch(/⚪ revoked \| revoked/)
})

test('when the service requires the certificate as well, sends the P12 it was given, or asks for one', async () => {
  const given = await p12()
  scene.emulator.softwareTrust.settings.reading = 'key-and-certificate'
  const main = await scene.scenario({ ...WATCH, ...given }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs.certificates).toContain('emulator-certificate')
  expect(signingRequests()).toMatchObject([
    { host: 'api', status: 403 },
    { host: 'clientauth', hasApiKey: true, verdict: 'accepted', status: 200 },
  ])

  const without = await scene.scenario(WATCH).main()
  expect(errorOf(without)).toMatchObject({
    code: 'SIGNING_REFUSED',
    fix: expect.stringMatching(/Set 'p12' and 'p12-password' to the P12 of the same user/),
  })
})

test('tells an account without Software Trust from a wrong host', async () => {
  await storedP12(scene.emulator)
  scene.emulator.softwareTrust.settings.absent = { status: 404, body: 'html' }
  const main = await scene.scenario(WATCH).main()
  expect(errorOf(main)).toMatchObject({
    code: 'SIGNING_UNAVAILABLE',
    fix: expect.stringContaining("remove 'signing-certificates'"),
  })
})

test('checks one kind, and reports that the other is missing', async () => {
  await storedP12(scene.emulator)
  scene.emulator.softwareTrust.clear()
  const client = await scene.scenario(WATCH).main()
  expect(client.exitCode).toBe(0)
  expect(warningsOf(client)).toEqual([expect.stringMatching(/^No code-signing certificate is visible/)])

  const signing = await scene.scenario({ ...WATCH, name: 'nothing-like-it' }).main()
  expect(errorOf(signing).code).toBe('NOTHING_CHECKED')

  await scene.emulator.softwareTrust.addCertificate(await scene.emulator.softwareTrust.addKeypair())
  const half = await scene.scenario({ ...WATCH, name: 'nothing-like-it' }).main()
  expect(half.exitCode).toBe(0)
  expect(warningsOf(half)).toEqual([expect.stringMatching(/Only code-signing certificates were checked\.$/)])
  const quiet = await scene.scenario({ ...WATCH, name: 'nothing-like-it', 'if-none-found': 'ignore' }).main()
  expect(quiet.annotations).toEqual([])
})

test('requires an API key', async () => {
  const main = await scene.scenario({ ...(await p12()), ...WATCH, 'api-key': '' }).main()
  expect(errorOf(main).code).toBe('INPUT_MISSING')
})

test('ten thousand stay within the limits of GitHub and of a small runner', async () => {
  await storedP12(scene.emulator)
  const { softwareTrust } = scene.emulator
  await softwareTrust.seed(10_000, index => ({
    alias: `key-${index}`,
    certificate: { alias: `certificate-${index}`, notAfter: later(100 + (index % 900)) },
  }))
  await softwareTrust.addCertificate(await softwareTrust.addKeypair(), {
    alias: 'soonest',
    notAfter: later(50),
  })
  const main = await scene.scenario({ ...WATCH, timeout: '30s' }).main({
    nodeOptions: ['--max-old-space-size=100'],
  })
  expect(main.exitCode).toBe(0)
  expect(JSON.parse(main.outputs.certificates ?? '')[0]).toMatchObject({ alias: 'soonest' })
  expect((main.outputs.certificates ?? '').length).toBeLessThan(300_001)
  expect(Buffer.byteLength(main.summary)).toBeLessThan(1024 * 1024)
  expect(JSON.parse(readFileSync(main.outputs['report-file'] ?? '', 'utf8')).count).toBe(10_003)
  expect(signingRequests()).toHaveLength(101)
}, 120_000)
