// With `fallback: issue`, whatever makes a stored P12 unusable leads to a certificate issued for this job; problems
// with the API key, the network, other inputs or the preflight fail as usual, and then nothing is requested.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { DAY, type Emulator, startEmulator } from '../../emulator/index.ts'
import { escapeMarkdown, prose } from '../../src/action/markdown.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { certBag, mac, pbes2, pfx, plainSafe, shroudedKeyBag } from '../support/p12-builder.ts'
import { testOn } from '../support/platform.ts'
import { type StepResult, withoutInputs } from '../support/runner.ts'
import { errorOf, type Inputs, type Scenario, useScene } from '../support/scene.ts'
import { PASSWORD, type StoredOptions, storedP12 } from '../support/stored.ts'

const scene = useScene()
let other: Emulator
beforeAll(async () => {
  other = await startEmulator()
})
afterAll(() => other.close())

const FALLBACK = 'The stored P12 cannot be used, so this step issues a certificate for this job instead.'
const WITH_FALLBACK = { mode: 'stored', 'p12-password': PASSWORD, fallback: 'issue' }
const inDays = (days: number) => new Date(Date.now() + days * DAY)

async function p12(options: StoredOptions = {}, emulator = scene.emulator): Promise<Inputs> {
  return { p12: (await storedP12(emulator, { name: 'stored', ...options })).base64 }
}

type Parts = { key: Buffer; otherKey: Buffer; certificate: Buffer }

/** A P12 made of the wrong parts. */
async function built(choose: (parts: Parts) => Buffer[]): Promise<Inputs> {
  const options = { keyType: 'ec-p256', registered: false } as const
  const [own, another] = [await scene.emulator.mint(options), await scene.emulator.mint(options)]
  const protection = pbes2({ password: Buffer.from(PASSWORD) })
  const key = (pem = '') => shroudedKeyBag(createPrivateKey(pem), protection)
  const parts = {
    key: key(own.privateKeyPem),
    otherKey: key(another.privateKeyPem),
    certificate: certBag(new X509Certificate(own.certificatePem)),
  }
  const der = pfx([plainSafe(...choose(parts))], mac({ password: PASSWORD }))
  return { p12: der.toString('base64') }
}

function file(content: string | Buffer): Inputs {
  const path = scene.scenario().job.commandFile('stored.p12')
  writeFileSync(path, content)
  return { 'p12-file': path }
}

async function cut(count: (length: number) => number): Promise<Inputs> {
  const { p12: base64 = '' } = await p12({ registered: false })
  return { p12: base64.slice(0, count(base64.length)) }
}

type Dead = [what: string, code: string, fix: RegExp, inputs: () => Promise<Inputs> | Inputs]

const DEAD: Dead[] = [
  ['the secret is empty', 'INPUT_MISSING', /secrets\./, () => ({ p12: '' })],
  ['the secret is white space', 'INPUT_MISSING', /secrets\./, () => ({ p12: ' \n\t' })],
  ['there is no such file', 'FILE_READ', /path/, () => ({ 'p12-file': 'no/such/file.p12' })],
  ['the path is a directory', 'FILE_READ', /path/, () => ({ 'p12-file': '.' })],
  ['the file is empty', 'P12_ENCODING', /./, () => file('')],
  ['the file is something else', 'P12_ENCODING', /./, () => file('hello, world')],
  ['a path is in its place', 'P12_ENCODING', /p12-file/, () => ({ p12: './client.p12' })],
  ['it is not base64', 'P12_ENCODING', /base64/, () => ({ p12: '§$%&/()=?§$%&/()=?' })],
  ['its last character is missing', 'P12_ENCODING', /base64/, () => cut(() => 1001)],
  ['half of it is missing', 'P12_MALFORMED', /base64/, () => cut(length => Math.floor(length / 8) * 4)],
  [
    'it is a PEM certificate',
    'P12_ENCODING',
    /openssl pkcs12/,
    async () => ({ p12: (await scene.emulator.mint({ issuer: 'foreign' })).certificatePem }),
  ],
  [
    'it is a PEM certificate with its key',
    'P12_ENCODING',
    /openssl pkcs12/,
    async () => {
      const { certificatePem, privateKeyPem = '' } = await scene.emulator.mint({ issuer: 'foreign' })
      return { p12: certificatePem + privateKeyPem }
    },
  ],
  ['the password is wrong', 'P12_PASSWORD', /openssl/, () => p12({ password: 'another password' })],
  [
    'the password is missing',
    'P12_PASSWORD',
    /openssl/,
    async () => ({ ...(await p12()), 'p12-password': '' }),
  ],
  ['it has no key', 'P12_NO_KEY', /private key/, () => built(({ certificate }) => [certificate])],
  ['it has no certificate', 'P12_NO_CERTIFICATE', /certificate/, () => built(({ key }) => [key])],
  [
    'key and certificate do not belong together',
    'P12_KEY_MISMATCH',
    /requested with/,
    () => built(({ otherKey, certificate }) => [otherKey, certificate]),
  ],
  [
    'its version is unknown',
    'P12_UNSUPPORTED',
    /openssl/,
    async () => {
      const { der } = await storedP12(scene.emulator, { registered: false })
      const version = der.indexOf(Buffer.from('020103', 'hex'))
      der.writeUInt8(9, version + 2)
      return { p12: der.toString('base64') }
    },
  ],
  [
    'it would take hours to open',
    'P12_LIMIT',
    /openssl/,
    async () => {
      const minted = await scene.emulator.mint({ registered: false })
      const certificate = certBag(new X509Certificate(minted.certificatePem))
      const bags = Array.from({ length: 2_000 }, () => certificate)
      return file(pfx([plainSafe(...bags)], mac({ password: PASSWORD })))
    },
  ],
  ['it has expired', 'CERT_EXPIRED', /new one/, () => p12({ notAfter: inDays(-3) })],
  [
    'it expires within fail-within',
    'CERT_EXPIRING',
    /fail-within/,
    async () => ({ ...(await p12({ notAfter: inDays(5) })), 'fail-within': '7d' }),
  ],
  [
    'it is not yet valid',
    'CERT_NOT_YET_VALID',
    /clock/,
    () => p12({ notBefore: inDays(2), notAfter: inDays(20) }),
  ],
  ['it is disabled', 'CERT_DISABLED', /successor/, () => p12({ enabled: false })],
  ['it was deleted', 'CERT_UNKNOWN', /'host'/, () => p12({ registered: false })],
  ['it is of another CA', 'CERT_UNKNOWN', /'host'/, () => p12({ issuer: 'foreign' })],
  ['its CA only bears the name', 'CERT_UNKNOWN', /'host'/, () => p12({ issuer: 'impostor' })],
  ['it is of another environment', 'CERT_UNKNOWN', /'host'/, () => p12({}, other)],
  [
    'its CA is refused in the handshake',
    'CERT_UNKNOWN',
    /'host'/,
    () => {
      scene.emulator.settings.refuseCertificatesIn = 'handshake'
      return p12({ issuer: 'foreign' })
    },
  ],
  [
    'a server before DigiCert ONE refuses it',
    'CERT_UNKNOWN',
    /'host'/,
    () => {
      scene.emulator.settings.refuseCertificatesIn = 'nginx'
      return p12({ issuer: 'foreign' })
    },
  ],
  ['its key is too weak to be presented', 'TLS_FAILED', /2048 bits/, () => p12({ keyType: 'rsa-1024' })],
]

test.each(DEAD)('%s (%s): issues a certificate for this job', async (_what, code, fix, inputs) => {
  const scenario = scene.scenario({ ...WITH_FALLBACK, ...(await inputs()) })
  const before = scenario.enabled()
  const main = await scenario.main()
  expect(main.exitCode).toBe(0)
  await expectIssued(main)
  expectSaid(main, code, fix)
  await expectUndone(scenario, before)
})

/** Later steps get the new certificate, and everything says so. */
async function expectIssued(main: StepResult): Promise<void> {
  expect(main.outputs).toMatchObject({
    mode: 'issue',
    'certificate-id': expect.stringMatching(/./),
    name: expect.stringMatching(/^octo-org-hello-world-1234567890-1-/),
    expiring: 'false',
  })
  expect(main.state).toMatchObject({ mode: 'issue', 'certificate-id': main.outputs['certificate-id'] })
  const issued = scene.emulator.certificates.find(({ id }) => id === main.outputs['certificate-id'])
  expect(issued).toMatchObject({ enabled: true, serialNumber: main.outputs['serial-number'] })
  const opened = await decodePkcs12(
    readFileSync(main.outputs['p12-file'] ?? ''),
    main.outputs['p12-password'] ?? '',
  )
  expect(opened.certificate.serialNumber).toBe(main.outputs['serial-number'])
  expect(main.env).toMatchObject({
    SM_CLIENT_CERT_FILE: main.outputs['p12-file'],
    SM_CLIENT_CERT_PASSWORD: main.outputs['p12-password'],
    SM_API_KEY: scene.emulator.apiKey,
  })
}

/** One warning, and the same words at the top of the summary. */
function expectSaid(main: StepResult, code: string, fix: RegExp): void {
  expect(main.annotations.filter(({ level }) => level === 'error')).toEqual([])
  const about = main.annotations.filter(({ message }) => message.startsWith(FALLBACK))
  expect(about).toEqual([
    expect.objectContaining({ level: 'warning', title: `DigiCert ONE client certificate: ${code}` }),
  ])
  const [, ...lines] = (about[0]?.message ?? '').split('\n')
  const help = lines.pop()
  const [fixed = '', ...rest] = lines.reverse()
  const [why = '', ...what] = rest[0]?.startsWith('Likely cause: ') ? rest : ['', ...rest]
  expect(help).toBe(`See docs/troubleshooting.md#${code.toLowerCase()}`)
  expect(fixed).toMatch(/^Fix: ./)
  expect(fixed).toMatch(fix)
  expect(what.join()).not.toBe('')
  expect(main.summary.startsWith(`### ⚠️ Stored P12 not used: ${code}\n\n${FALLBACK}\n\n`)).toBe(true)
  for (const part of what) expect(main.summary).toContain(escapeMarkdown(part))
  for (const part of [why.slice('Likely cause: '.length), fixed.slice('Fix: '.length)])
    expect(main.summary).toContain(prose(part))
  expect(main.summary).toContain('### 🔐 Client certificate issued')
  expect(main.summary).toContain('the certificate is disabled, the files are deleted')
}

/** The post step disables what was issued, and leaves the stored one unchanged. */
async function expectUndone(scenario: Scenario, before: { id: string }[]): Promise<void> {
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scenario.files()).toEqual([])
  expect(scenario.enabled().map(({ id }) => id)).toEqual(before.map(({ id }) => id))
}

const posts = () => scene.emulator.requests.filter(({ method }) => method !== 'GET')

interface Alive {
  code: string
  words: RegExp
  inputs: () => Promise<Inputs> | Inputs
  env?: Record<string, string>
}

const expired = () => p12({ notAfter: inDays(-3) })
const answerAll = (host: 'api' | 'clientauth', status: number) =>
  scene.emulator.faults.add({ host, times: 99, answer: { status, retryAfter: 0 } })

const ALIVE: [string, Alive][] = [
  [
    'fallback: none, and it has expired',
    {
      code: 'CERT_EXPIRED',
      words: /3 days ago/,
      inputs: async () => ({ ...(await expired()), fallback: 'none' }),
    },
  ],
  [
    'fallback left out, and it is disabled',
    {
      code: 'CERT_DISABLED',
      words: /is disabled/,
      inputs: async () => ({ ...(await p12({ enabled: false })), fallback: '' }),
    },
  ],
  [
    'fallback: none, and the secret is empty',
    { code: 'INPUT_MISSING', words: /'p12' is empty/, inputs: () => ({ p12: '', fallback: 'none' }) },
  ],
  [
    'nobody listens on the host',
    {
      code: 'CONNECTION_FAILED',
      words: /refused the connection/,
      inputs: async () => ({
        ...(await p12()),
        host: 'https://localhost:9',
        'clientauth-host': 'https://localhost:9',
        retries: '0',
      }),
    },
  ],
  [
    'the host does not respond in time',
    {
      code: 'TIMEOUT',
      words: /did not respond within 1 s/,
      inputs: async () => {
        scene.emulator.faults.add({ host: 'clientauth', times: 9, delayBefore: 2_000 })
        return { ...(await p12()), timeout: '1s', retries: '0' }
      },
    },
  ],
  [
    'the mTLS host responds with 503',
    {
      code: 'SERVER_ERROR',
      words: /503/,
      inputs: () => {
        answerAll('clientauth', 503)
        return p12()
      },
    },
  ],
  [
    'the mTLS host responds with 429',
    {
      code: 'RATE_LIMITED',
      words: /429/,
      inputs: () => {
        answerAll('clientauth', 429)
        return p12()
      },
    },
  ],
  [
    'the mTLS host responds with a web page',
    {
      code: 'WRONG_HOST',
      words: /./,
      inputs: () => {
        scene.emulator.faults.add({ host: 'clientauth', times: 9, answer: { status: 200, html: true } })
        return p12()
      },
    },
  ],
  [
    "the server's TLS certificate is not trusted",
    {
      code: 'TLS_UNTRUSTED',
      words: /not trusted/,
      inputs: async () => ({ ...(await p12()), 'ca-certificates': '' }),
    },
  ],
  [
    'the proxy is not there',
    {
      code: 'PROXY_REFUSED',
      words: /The proxy opened no connection/,
      inputs: () => p12(),
      env: { HTTPS_PROXY: 'http://localhost:9' },
    },
  ],
  [
    'the API key is wrong',
    {
      code: 'API_KEY_INVALID',
      words: /401/,
      inputs: async () => ({ ...(await p12()), 'api-key': 'wrong-key-0123456789' }),
    },
  ],
  [
    'the certificate is disabled, and the API key is wrong as well',
    {
      code: 'API_KEY_INVALID',
      words: /API key as well/,
      inputs: async () => ({ ...(await p12({ enabled: false })), 'api-key': 'wrong-key-0123456789' }),
    },
  ],
  [
    'certificate and API key are of another environment',
    {
      code: 'API_KEY_INVALID',
      words: /API key as well/,
      inputs: async () => ({ ...(await p12({}, other)), 'api-key': other.apiKey }),
    },
  ],
  [
    'the API responds with 403 to the key',
    {
      code: 'USER_INACTIVE',
      words: /service user/,
      inputs: () => {
        answerAll('api', 403)
        return p12({ enabled: false })
      },
    },
  ],
  [
    'why it is refused cannot be found out',
    {
      code: 'CERT_REFUSED',
      words: /Looking for the reason failed: .*503/,
      inputs: () => {
        answerAll('api', 503)
        return p12({ enabled: false })
      },
    },
  ],
  [
    'it is refused, though the API calls it enabled',
    {
      code: 'CERT_REFUSED',
      words: /enabled and within its dates/,
      inputs: () => {
        answerAll('clientauth', 403)
        return p12()
      },
    },
  ],
  [
    'the user lacks a permission',
    {
      code: 'PERMISSION_MISSING',
      words: /MANAGE_EVERYTHING/,
      inputs: async () => ({ ...(await p12()), 'require-permissions': 'MANAGE_EVERYTHING' }),
    },
  ],
  [
    'the preflight finds no such keypair',
    {
      code: 'KEYPAIR_UNKNOWN',
      words: /no-such-keypair/,
      inputs: async () => ({ ...(await p12()), 'keypair-alias': 'no-such-keypair' }),
    },
  ],
  [
    'another input is wrong, and the secret is empty',
    {
      code: 'INPUT_INVALID',
      words: /'warn-within' is not a duration/,
      inputs: () => ({ p12: '', 'warn-within': 'soon' }),
    },
  ],
  [
    'an input for the new certificate is wrong',
    {
      code: 'INPUT_INVALID',
      words: /'validity' is longer than 397 days/,
      inputs: async () => ({ ...(await p12()), validity: '398d' }),
    },
  ],
  [
    'the file of ca-certificates is missing, and it has expired',
    {
      code: 'FILE_READ',
      words: /'ca-certificates'/,
      inputs: async () => ({ ...(await expired()), 'ca-certificates': './no-such-ca.pem' }),
    },
  ],
  [
    'two P12s are given',
    {
      code: 'INPUT_CONFLICT',
      words: /Both/,
      inputs: async () => ({ ...(await p12()), 'p12-file': 'a.p12' }),
    },
  ],
  [
    'there is no API key, as in a pull request from a fork',
    {
      code: 'INPUT_MISSING',
      words: /'api-key' is empty, and 'fallback: issue' needs it\..*fork/s,
      inputs: () => ({ p12: '', 'api-key': '' }),
    },
  ],
  [
    'there is no API key, and it is fine',
    {
      code: 'INPUT_MISSING',
      words: /'api-key' is empty, and 'fallback: issue' needs it/,
      inputs: async () => ({ ...(await p12()), 'api-key': '' }),
    },
  ],
  [
    'mode is issue',
    {
      code: 'INPUT_CONFLICT',
      words: /'fallback' is issue.*mode: stored/s,
      inputs: () => ({ mode: 'issue', 'p12-password': '' }),
    },
  ],
  [
    'fallback is something else',
    {
      code: 'INPUT_INVALID',
      words: /'fallback' must be none or issue/,
      inputs: async () => ({ ...(await expired()), fallback: 'always' }),
    },
  ],
]

test.each(ALIVE)('not a reason to issue: %s', async (_what, { code, words, inputs, env }) => {
  const given = { ...WITH_FALLBACK, ...(await inputs()) }
  const scenario = scene.scenario({ retries: '1', ...given }, env)
  const before = scenario.enabled()
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  const error = errorOf(main)
  expect(error.code).toBe(code)
  expect(Object.values(error).join('\n')).toMatch(words)
  expectNoFallback(main)
  expect(main.outputs).toEqual({})
  await expectUndone(scenario, before)
  expect(posts()).toEqual([])
})

function expectNoFallback(main: StepResult): void {
  expect(main.log).not.toContain(FALLBACK)
  expect(main.summary).not.toContain('Stored P12 not used')
  if (main.state.mode !== undefined) expect(main.state.mode).not.toBe('issue')
}

testOn('POSIX', 'there is no /dev/null')(
  "not a reason to issue: a device in place of the system's CAs, which is FILE_READ as well",
  async () => {
    const inputs = { ...WITH_FALLBACK, ...(await p12()), 'ca-certificates': '' }
    const main = await scene.scenario(inputs, { SSL_CERT_FILE: '/dev/null' }).main()
    expect(errorOf(main)).toMatchObject({ code: 'FILE_READ', what: expect.stringContaining('SSL_CERT_FILE') })
    expectNoFallback(main)
    expect(posts()).toEqual([])
  },
)

test('uses a P12 that works, with the same requests as without a fallback, and keeps no API key', async () => {
  const given = await p12()
  const asked = () =>
    scene.emulator.requests.map(({ method, host, path }) => [method, host, path].join(' ')).sort()
  const plain = await scene.scenario({ ...WITH_FALLBACK, ...given, fallback: 'none' }).main()
  const without = asked()
  expect(plain.outputs.mode).toBe('stored')
  scene.emulator.requests.length = 0
  const main = await scene.scenario({ ...WITH_FALLBACK, ...given }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({ mode: 'stored', 'certificate-id': '' })
  expect(main.state).toMatchObject({ mode: 'stored', 'api-key': '' })
  expect(main.summary).not.toContain('⚠️')
  expect(asked()).toEqual(without)
})

test('issue mode reports that it issued', async () => {
  const main = await scene.scenario().main()
  expect(main.outputs.mode).toBe('issue')
  expect(main.summary).not.toContain('Stored P12')
})

describe('the issued certificate', () => {
  test.each([
    ['read', () => ({ p12: '' })],
    ['opened', expired],
    ['verified', () => p12({ enabled: false })],
  ])('follows its own inputs when the stored one could not be %s', async (_stage, inputs) => {
    const main = await scene
      .scenario({
        ...WITH_FALLBACK,
        ...(await inputs()),
        name: 'nightly',
        subject: 'CN=Fallback,O=Example Inc',
        validity: '2h',
        'key-size': '3072',
        'p12-encryption': 'legacy',
        'write-key': 'true',
      })
      .main()
    expect(main.outputs).toMatchObject({
      mode: 'issue',
      name: expect.stringMatching(/^nightly-1234567890-1-/),
      subject: 'CN=Fallback,O=Example Inc',
      'p12-password': PASSWORD,
    })
    const lasts = Date.parse(main.outputs['not-after'] ?? '') - Date.now()
    expect(Math.abs(lasts - 7_200_000)).toBeLessThan(120_000)
    const key = createPrivateKey(readFileSync(main.outputs['key-file'] ?? ''))
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(3072)
  })

  test('costs no more requests than in issue mode when the stored one needed none', async () => {
    for (const inputs of [{ p12: '' }, await expired()]) {
      scene.emulator.requests.length = 0
      await scene.scenario({ ...WITH_FALLBACK, ...inputs }).main()
      expect(scene.emulator.requests.map(({ method, host }) => `${method} ${host}`)).toEqual([
        'POST api',
        'GET clientauth',
      ])
    }
  })

  test('is what the preflight checks', async () => {
    const { alias } = await scene.emulator.keypair()
    const main = await scene
      .scenario({ ...WITH_FALLBACK, ...(await expired()), 'keypair-alias': alias })
      .main()
    expect(main.outputs).toMatchObject({ mode: 'issue', 'keypair-alias': alias })
    expect(main.env.SM_KEYPAIR_ALIAS).toBe(alias)
    expect(main.log).toContain(`Can sign with "${alias}"`)
  })

  test('is not verified with verify: false, either', async () => {
    const main = await scene.scenario({ ...WITH_FALLBACK, ...(await expired()), verify: 'false' }).main()
    expect(main.outputs).toMatchObject({ mode: 'issue', 'user-name': '' })
    expect(scene.emulator.requests.map(({ method, host }) => `${method} ${host}`)).toEqual(['POST api'])
  })

  test('stays enabled, with its files in place, when the inputs say so', async () => {
    const kept = { cleanup: 'false', 'disable-after-job': 'false' }
    const scenario = scene.scenario({ ...WITH_FALLBACK, ...(await expired()), ...kept })
    const main = await scenario.main()
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(scenario.enabled().map(({ id }) => id)).toContain(main.outputs['certificate-id'])
    expect(scenario.files()).not.toEqual([])
  })

  test('is disabled by a post step that has no inputs', async () => {
    const scenario = scene.scenario({ ...WITH_FALLBACK, ...(await p12({ enabled: false })) })
    expect((await scenario.main()).outputs.mode).toBe('issue')
    expect(await scenario.post({ env: withoutInputs() })).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
  })
})

describe('when issuing fails as well, the error reports both', () => {
  test.each<[string, Inputs, string, RegExp]>([
    ['the API key is wrong', { 'api-key': 'wrong-key-0123456789' }, 'API_KEY_INVALID', /POST .* with 401/],
    [
      'there is no such keypair',
      { 'keypair-alias': 'no-such-keypair' },
      'KEYPAIR_UNKNOWN',
      /no-such-keypair/,
    ],
    ['the API responds with 500', {}, 'SERVER_ERROR', /POST .* with 500/],
  ])('%s', async (_what, inputs, code, second) => {
    if (code === 'SERVER_ERROR')
      scene.emulator.faults.add({ method: 'POST', times: 99, answer: { status: 500 } })
    const scenario = scene.scenario({ ...WITH_FALLBACK, ...(await expired()), retries: '0', ...inputs })
    const before = scenario.enabled()
    const main = await scenario.main()
    const error = errorOf(main)
    expect(error.code).toBe(code)
    expect(error.what).toMatch(
      /^The stored P12 cannot be used \(CERT_EXPIRED\): The certificate .* expired 3 days ago.* Issuing a certificate for this job instead failed: ./,
    )
    expect(error.what.split(' instead failed: ')[1]).toMatch(second)
    expect(error.fix).toMatch(/. Or make the stored P12 usable: Issue a new one and replace the stored P12/)
    expect(main.summary).toContain(`### ❌ Client certificate: ${code}`)
    expect(main.outputs).toEqual({})
    expect(await scenario.postMuchLater()).toMatchObject({ exitCode: 0, annotations: [] })
    expect(scenario.files()).toEqual([])
    expect(scenario.enabled()).toEqual(before)
  })
})
