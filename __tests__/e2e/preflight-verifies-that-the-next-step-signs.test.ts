// With an alias, the step asks Software Trust what later steps sign with: over the connection of the mTLS check,
// with read requests only, and any obstacle fails the step with nothing left enabled.
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const DAY = 86_400_000

async function modeInputs(mode: string): Promise<Inputs> {
  if (mode === 'issue') return {}
  const { base64 } = await storedP12(scene.emulator, { keyType: 'rsa-2048' })
  return { mode, p12: base64, 'p12-password': PASSWORD }
}

const signingRequests = () => scene.emulator.requests.filter(({ path }) => path.startsWith('/signingmanager'))

/** What must be true after every run in this file. */
function expectOnlyReading(): void {
  for (const { method, host, hasApiKey } of signingRequests()) {
    expect([method, host, hasApiKey]).toEqual(['GET', 'clientauth', true])
  }
  // The mTLS check itself still sends no API key.
  const checks = scene.emulator.requests.filter(
    ({ host, path }) => host === 'clientauth' && path.endsWith('/user/me'),
  )
  for (const check of checks) expect(check.hasApiKey).toBe(false)
}

describe.each(['issue', 'stored'])('%s mode', mode => {
  test('takes one more round trip on the connection that exists already', async () => {
    const { alias, id, certificate } = await scene.emulator.keypair()
    const scenario = scene.scenario({ ...(await modeInputs(mode)), 'keypair-alias': alias })
    const main = await scenario.main()
    expect(main.exitCode).toBe(0)
    const x509 = new X509Certificate(certificate.pem)
    const file = main.outputs['signing-certificate-file'] ?? ''
    expect(main.outputs).toMatchObject({
      'keypair-id': id,
      'keypair-alias': alias,
      'signing-certificate-alias': certificate.alias,
      'signing-certificate-sha1': x509.fingerprint.replaceAll(':', ''),
      'signing-certificate-sha256': x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      'signing-certificate-subject': expect.stringContaining('O=Example Software Inc'),
      'signing-certificate-not-after': certificate.validTo.toISOString().replace(/\.\d+Z/, 'Z'),
      'signing-certificate-days-remaining': '364',
    })
    expect(main.env).toMatchObject({
      SM_KEYPAIR_ALIAS: alias,
      SM_CODE_SIGNING_CERT_SHA1_HASH: main.outputs['signing-certificate-sha1'],
    })
    expect(file.startsWith(scenario.job.temp)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(pemBodies(readFileSync(file, 'utf8'))).toEqual(
      [certificate.pem, ...certificate.chainPem].flatMap(pemBodies),
    )
    const line = `Can sign with "${alias}": Example Software Inc (EV), expires in 364 days`
    expect(main.log).toContain(line)
    const [, signer = ''] = line.split(': ')
    expect(asRead(main.summary)).toContain(`| Can sign with | ✅ <code>${alias}</code><br>${signer} |`)
    expect(main.annotations).toEqual([])
    const [asked, ...more] = signingRequests()
    expect(more).toEqual([])
    const verified = scene.emulator.requests.find(({ host }) => host === 'clientauth')
    expect(asked?.connection).toBe(verified?.connection)
    expectOnlyReading()
    await scenario.post()
    expect(scenario.files()).toEqual([])
    expect(scenario.enabled()).toHaveLength(mode === 'issue' ? 0 : 1)
  })

  test('without an alias, requests nothing of it, and leaves all its outputs empty', async () => {
    const main = await scene.scenario(await modeInputs(mode)).main()
    expect(main.exitCode).toBe(0)
    expect(signingRequests()).toEqual([])
    const signing = Object.entries(main.outputs).filter(([name]) => /^(keypair|signing)-/.test(name))
    expect(signing).toHaveLength(9)
    for (const [, value] of signing) expect(value).toBe('')
    expect(Object.keys(main.env).filter(name => /KEYPAIR|SHA1/.test(name))).toEqual([])
  })

  test('an alias that differs only in case fails the step, and nothing stays enabled', async () => {
    const scenario = scene.scenario({ ...(await modeInputs(mode)), 'keypair-alias': 'Emulator-KeyPair' })
    const main = await scenario.main()
    expect(main.exitCode).toBe(1)
    const { code, what } = errorOf(main)
    expect(code).toBe('KEYPAIR_UNKNOWN')
    expect(what).toContain('"emulator-keypair" differs in case only')
    expect(main.summary).toContain('KEYPAIR_UNKNOWN')
    expect(main.outputs).toEqual({})
    expect(main.env).toEqual({})
    await scenario.post()
    if (mode === 'issue') scenario.expectNothingLeft()
    expectOnlyReading()
  })
})

test('finds the keypair by certificate alias alone', async () => {
  const { softwareTrust } = scene.emulator
  const keypair = await softwareTrust.addKeypair({ alias: 'nightly', keyType: 'ec-p384' })
  await softwareTrust.addCertificate(keypair, { alias: 'first' })
  const second = await softwareTrust.addCertificate(keypair, { alias: 'second' })
  const main = await scene.scenario({ 'certificate-alias': 'second' }).main()
  expect(main.outputs).toMatchObject({
    'keypair-id': keypair.id,
    'keypair-alias': 'nightly',
    'signing-certificate-alias': 'second',
    'signing-certificate-sha1': new X509Certificate(second.pem).fingerprint.replaceAll(':', ''),
  })
})

describe('every code of the preflight, with nothing left enabled', () => {
  interface Case {
    code: string
    inputs?: Inputs
    words: RegExp
    arrange(): Promise<void> | void
  }
  const keypairWith = async (options: Parameters<typeof scene.emulator.softwareTrust.addCertificate>[1]) => {
    const { softwareTrust } = scene.emulator
    const keypair = await softwareTrust.addKeypair({ alias: 'mine' })
    if (options !== undefined) await softwareTrust.addCertificate(keypair, options)
  }

  test.each<Case>([
    {
      code: 'KEYPAIR_NOT_ALLOWED',
      words: /is not among those who may sign with the keypair "mine".*designated signer/,
      arrange: async () => {
        const { softwareTrust } = scene.emulator
        const users = [scene.emulator.addUser({ friendlyName: 'Signer' })]
        await softwareTrust.addCertificate(await softwareTrust.addKeypair({ alias: 'mine', users }))
      },
    },
    {
      code: 'KEYPAIR_NO_CERTIFICATE',
      words: /"mine" has no code-signing certificate/,
      arrange: () => keypairWith(undefined),
    },
    {
      code: 'SIGNING_CERT_UNKNOWN',
      inputs: { 'certificate-alias': 'emulator-certificate' },
      words: /belongs to the keypair "emulator-keypair"/,
      arrange: () => keypairWith({}),
    },
    {
      code: 'SIGNING_CERT_UNKNOWN',
      inputs: { 'keypair-alias': '', 'certificate-alias': 'emulator-certificat' },
      words: /Visible certificates: "emulator-certificate"/,
      arrange: () => undefined,
    },
    {
      code: 'SIGNING_CERT_EXPIRED',
      words: /expired 9 days ago.*Renew it/,
      arrange: () => keypairWith({ notAfter: new Date(Date.now() - 9 * DAY) }),
    },
    {
      code: 'SIGNING_CERT_EXPIRING',
      inputs: { 'signing-fail-within': '20d' },
      words: /expires in 1[01] days.*signing-fail-within/,
      arrange: () => keypairWith({ notAfter: new Date(Date.now() + 11 * DAY) }),
    },
    {
      code: 'SIGNING_CERT_REVOKED',
      words: /has the status REVOKED/,
      arrange: () => keypairWith({ status: 'REVOKED' }),
    },
    {
      code: 'SIGNING_REFUSED',
      words:
        /User is not multi-factor authenticated.*The two factors are the API key and the client certificate/,
      arrange: () => {
        const error = { code: 'access_denied', message: 'User is not multi-factor authenticated' }
        scene.emulator.faults.add({ path: /^\/signingmanager/, times: 9, answer: { status: 403, error } })
      },
    },
    {
      code: 'SIGNING_UNAVAILABLE',
      words: /does not include Software Trust or KeyLocker/,
      arrange: () => {
        scene.emulator.softwareTrust.settings.absent = { status: 404, body: 'html' }
      },
    },
    {
      code: 'SERVER_ERROR',
      words: /Could not verify what later steps sign with/,
      arrange: () => {
        scene.emulator.faults.add({ path: /^\/signingmanager/, times: 9, answer: { status: 503 } })
      },
    },
    {
      code: 'TIMEOUT',
      inputs: { timeout: '1s', retries: '0' },
      words: /Could not verify what later steps sign with/,
      arrange: () => {
        scene.emulator.faults.add({ path: /^\/signingmanager/, times: 9, hold: 'before-work' })
      },
    },
  ])('$code: $words', async ({ code, inputs = {}, words, arrange }) => {
    await arrange()
    const scenario = scene.scenario({ 'keypair-alias': 'mine', ...inputs })
    const main = await scenario.main()
    expect(main.exitCode).toBe(1)
    const error = errorOf(main)
    expect(error.code).toBe(code)
    expect(`${error.what} ${error.why} ${error.fix}`).toMatch(words)
    await scenario.post()
    scenario.expectNothingLeft()
    expectOnlyReading()
  })
})

test('warns about a code-signing certificate that expires soon, in log and summary', async () => {
  const { softwareTrust } = scene.emulator
  const keypair = await softwareTrust.addKeypair({ alias: 'mine' })
  await softwareTrust.addCertificate(keypair, { notAfter: new Date(Date.now() + 11 * DAY) })
  const main = await scene.scenario({ 'keypair-alias': 'mine' }).main()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringMatching(/expires in 1[01] days/)])
  expect(main.summary).toContain('⚠️ expires soon')
})

test('tells the API key of one user from the certificate of another, and refuses them with an explanation', async () => {
  const other = scene.emulator.addUser({ friendlyName: 'Somebody else' })
  const inputs = {
    ...(await modeInputs('stored')),
    'api-key': other.apiKey,
    'keypair-alias': 'emulator-keypair',
  }
  const main = await scene.scenario(inputs).main()
  expect(errorOf(main).code).toBe('SIGNING_REFUSED')
  expect(errorOf(main).why).toMatch(/API key most likely belongs to another user/)
  expect(warningsOf(main)).toContainEqual(expect.stringContaining('USERS_DIFFER'))
})

test.each<[string, string, Inputs]>([
  ['INPUT_MISSING', 'an alias without a key', { mode: 'stored', p12: 'AAAA', 'api-key': '' }],
  ['INPUT_CONFLICT', 'an alias without the mTLS check', { verify: 'false' }],
])('%s: %s, before it does anything', async (code, _what, inputs) => {
  const main = await scene.scenario({ 'keypair-alias': 'x', ...inputs }).main()
  expect(errorOf(main).code).toBe(code)
  expect(scene.emulator.requests).toEqual([])
})

test.each([0, 1, 2])(
  'killed during requests to Software Trust (after %i): nothing stays enabled',
  async skip => {
    const { softwareTrust, faults } = scene.emulator
    softwareTrust.settings.keypairCertificates = 'absent'
    softwareTrust.settings.keypairUsers = 'absent'
    const fault = faults.add({ path: /^\/signingmanager/, skip, hold: 'before-work' })
    await softwareTrust.addCertificate(
      await softwareTrust.addKeypair({ alias: 'mine', users: [scene.emulator.user] }),
    )
    const scenario = scene.scenario({ 'keypair-alias': 'mine' })
    const main = await scenario.main({
      onStart: child => void fault.reached.then(() => child.kill('SIGKILL')),
    })
    expect(main.signal).toBe('SIGKILL')
    fault.release()
    await scenario.post()
    scenario.expectNothingLeft()
  },
)

/** The summary's text, with its character references decoded. */
function asRead(markdown: string): string {
  return markdown.replace(/&#(\d+);/g, (_, digits: string) => String.fromCharCode(Number(digits)))
}

function pemBodies(pem: string): string[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g)].map(([, body = '']) =>
    body.replace(/\s/g, ''),
  )
}
