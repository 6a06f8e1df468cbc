import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { certBag, encryptedSafe, mac, pbes2, pfx, plainSafe, shroudedKeyBag } from '../support/p12-builder.ts'
import { errorOf, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, type Stored, storedP12 } from '../support/stored.ts'

const scene = useScene({ intermediate: true })
const STORED = { mode: 'stored', 'p12-password': PASSWORD }

test('is verified, written as is, and described', async () => {
  const { der, base64, minted } = await storedP12(scene.emulator, { keyType: 'rsa-2048' })
  const scenario = scene.scenario({ ...STORED, p12: base64 })
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({
    'certificate-id': '',
    'serial-number': minted.serialNumber,
    subject: 'C=US,O=Example Inc,CN=Minted certificate',
    'days-remaining': '364',
    expiring: 'false',
    'p12-password': PASSWORD,
    'user-id': scene.emulator.user.id,
  })
  expect(readFileSync(main.outputs['p12-file'] ?? '')).toEqual(der)
  expect(main.env.SM_API_KEY).toBe(scene.emulator.apiKey)
  expect(main.summary).toContain('364 days left')
  expect(scene.emulator.requests.map(({ host }) => host).sort()).toEqual(['api', 'clientauth'])
  await scenario.post()
  expect(scenario.files()).toEqual([])
  expect(minted.record?.enabled).toBe(true)
})

test('needs no API key, and exports none without one', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, 'api-key': '', p12: base64 }).main()
  expect(main.exitCode).toBe(0)
  expect(main.env).not.toHaveProperty('SM_API_KEY')
})

const SHAPES: [string, (stored: Stored) => string][] = [
  ['wrapped at 76', ({ base64 }) => base64.replace(/.{76}/g, '$&\n')],
  ['with CRLF and a line break at its end', ({ base64 }) => `${base64.replace(/.{64}/g, '$&\r\n')}\r\n`],
  ['with spaces for line breaks', ({ base64 }) => base64.replace(/.{64}/g, '$& ')],
  ['base64url without padding', ({ der }) => der.toString('base64url')],
  ['a data: URL', ({ base64 }) => `data:application/x-pkcs12;base64,${base64}`],
  [
    'certutil armor',
    ({ base64 }) =>
      `-----BEGIN CERTIFICATE-----\r\n${base64.replace(/.{64}/g, '$&\r\n')}\r\n-----END CERTIFICATE-----\r\n`,
  ],
  ['encoded twice', ({ base64 }) => Buffer.from(base64).toString('base64')],
  [
    'encoded twice, wrapped both times',
    ({ base64 }) =>
      Buffer.from(`${base64.replace(/.{76}/g, '$&\n')}\n`)
        .toString('base64')
        .replace(/.{76}/g, '$&\n'),
  ],
  ['in quotes', ({ base64 }) => `"${base64}"`],
]

test.each(SHAPES)('as text %s', async (_name, shape) => {
  const stored = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, p12: shape(stored) }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(readFileSync(main.outputs['p12-file'] ?? '')).toEqual(stored.der)
})

test.each([
  ['bytes', ({ der }: Stored) => der],
  ['base64 text', ({ base64 }: Stored) => `${base64}\n`],
  ['bytes with a line break after them', ({ der }: Stored) => Buffer.concat([der, Buffer.from('\n')])],
])('as a file of %s', async (_name, content) => {
  const stored = await storedP12(scene.emulator)
  const scenario = scene.scenario()
  const path = scenario.job.commandFile('stored.p12')
  writeFileSync(path, content(stored))
  const main = await scene.scenario({ ...STORED, 'p12-file': path }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(readFileSync(main.outputs['p12-file'] ?? '')).toEqual(stored.der)
  expect(readFileSync(path).length).toBeGreaterThan(0)
})

test('with an EC key', async () => {
  const { base64 } = await storedP12(scene.emulator, { keyType: 'ec-p256' })
  const main = await scene.scenario({ ...STORED, p12: base64, 'write-key': 'true' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(readFileSync(main.outputs['key-file'] ?? '', 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
})

test('with RC2 is rewritten, with a notice', async () => {
  const { der, base64, minted } = await storedP12(scene.emulator, { encryption: 'rc2', keyType: 'rsa-2048' })
  const main = await scene.scenario({ ...STORED, p12: base64 }).main()
  expect(main.exitCode).toBe(0)
  expect(main.annotations.map(({ level, message }) => [level, message])).toEqual([
    ['notice', expect.stringMatching(/OpenSSL 3.*RC2/)],
  ])
  const written = readFileSync(main.outputs['p12-file'] ?? '')
  expect(written.equals(der)).toBe(false)
  expect(main.outputs['serial-number']).toBe(minted.serialNumber)
  const chain = readFileSync(main.outputs['chain-file'] ?? '', 'utf8').match(/BEGIN CERTIFICATE/g)
  expect(chain).toHaveLength(minted.chainPem.length)
  const issuer = new X509Certificate(readFileSync(main.outputs['chain-file'] ?? ''))
  expect(new X509Certificate(minted.certificatePem).checkIssued(issuer)).toBe(true)
})

test.each([
  ['a CA before the leaf', { first: true }, 'sha1', 'another certificate before that of the key'],
  ['a SHA-384 MAC', { first: false }, 'sha384', 'a MAC with SHA-384'],
])(
  'with %s, which OpenSSL, curl and Java read, is rewritten for Go programs',
  async (_what, { first }, digest, why) => {
    const { der, minted } = await storedP12(scene.emulator, { keyType: 'rsa-2048' })
    const opened = await decodePkcs12(der, PASSWORD)
    const protection = pbes2({ password: Buffer.from(PASSWORD) })
    const id = { localKeyId: Buffer.from([1]) }
    const leaf = certBag(opened.certificate, id)
    const issuers = opened.chain.map(issuer => certBag(issuer))
    const bags = first ? [...issuers, leaf] : [leaf, ...issuers]
    const p12 = pfx(
      [encryptedSafe(protection, ...bags), plainSafe(shroudedKeyBag(opened.privateKey, protection, id))],
      mac({ password: PASSWORD, digest }),
    )
    const main = await scene.scenario({ ...STORED, p12: p12.toString('base64') }).main()
    expect(main.exitCode).toBe(0)
    expect(main.annotations).toEqual([
      expect.objectContaining({
        level: 'notice',
        message: `Go programs such as smctl cannot read the stored P12 as is (${why}), so the exported P12 is rewritten with AES-256.`,
      }),
    ])
    const written = await decodePkcs12(readFileSync(main.outputs['p12-file'] ?? ''), PASSWORD)
    expect(written.portability).toMatchObject({ openssl3: true, java: true, go: true })
    expect(written.chain).toHaveLength(minted.chainPem.length)
  },
)

test('with a password that only Java programs cannot read: as is, and the log says so', async () => {
  const password = 'pässwörd'
  const { der, base64 } = await storedP12(scene.emulator, { password })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': password }).main()
  expect(main.annotations).toEqual([])
  expect(main.log).toContain('Java programs such as jsign cannot read the exported P12')
  expect(readFileSync(main.outputs['p12-file'] ?? '')).toEqual(der)
})

test('with a password that Go programs cannot read: as is, with a warning', async () => {
  const password = '日本語🔑'
  const { der, base64 } = await storedP12(scene.emulator, { password })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': password }).main()
  expect(main.annotations).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: expect.stringMatching(
        /^Java programs such as jsign and Go programs such as smctl cannot .*use a password of ASCII letters and digits/,
      ),
    }),
  ])
  expect(readFileSync(main.outputs['p12-file'] ?? '')).toEqual(der)
})

test.each(['legacy', 'modern'])('p12-encryption %s rewrites it without a notice', async encryption => {
  const { der, base64 } = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, p12: base64, 'p12-encryption': encryption }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(readFileSync(main.outputs['p12-file'] ?? '').equals(der)).toBe(false)
})

test.each(['', 'pässwörd', '日本語🔑', ' leading and trailing ', 'a|b&c<d>"e\'f%g$h`i'])(
  'with the password %j',
  async password => {
    const { base64 } = await storedP12(scene.emulator, { password, keyType: 'rsa-2048' })
    const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': password }).main()
    expect(main.exitCode).toBe(0)
    expect(main.outputs['p12-password']).toBe(password)
  },
)

test.each(['\n', '\r\n'])('with %j after the password, and a warning', async lineBreak => {
  const { base64 } = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, p12: base64, 'p12-password': PASSWORD + lineBreak }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs['p12-password']).toBe(PASSWORD)
  expect(main.env.SM_CLIENT_CERT_PASSWORD).toBe(PASSWORD)
  expect(warningsOf(main)).toEqual([expect.stringContaining('line break')])
})

test('a wrong password is named, and a damaged file is not ruled out', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, p12: base64, 'p12-password': 'wrong password' }).main()
  expect(errorOf(main)).toMatchObject({ code: 'P12_PASSWORD', what: expect.stringContaining('damaged') })
  const none = await scene.scenario({ ...STORED, p12: base64, 'p12-password': '' }).main()
  expect(errorOf(none)).toMatchObject({ code: 'P12_PASSWORD', what: expect.stringContaining('no password') })
})

test('verify: false makes no request', async () => {
  const { base64 } = await storedP12(scene.emulator)
  const main = await scene.scenario({ ...STORED, p12: base64, verify: 'false' }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs['user-id']).toBe('')
  expect(scene.emulator.requests).toEqual([])
})

test.each([
  [91, {}, 'fine'],
  [89, {}, 'warning'],
  [1, {}, 'warning'],
  [29, { 'fail-within': '30d' }, 'failing'],
  [31, { 'fail-within': '30d' }, 'warning'],
  [89, { 'warn-within': '60d' }, 'fine'],
] as const)('with %i days left and %j: %s', async (days, limits, expected) => {
  const notAfter = new Date(Date.now() + days * DAY + 60_000)
  const { base64 } = await storedP12(scene.emulator, { notAfter })
  const main = await scene.scenario({ ...STORED, ...limits, p12: base64 }).main()
  if (expected === 'failing') {
    expect(errorOf(main)).toMatchObject({
      code: 'CERT_EXPIRING',
      what: expect.stringContaining(`${days} day`),
    })
    return
  }
  expect(main.exitCode).toBe(0)
  expect(main.outputs).toMatchObject({
    'days-remaining': String(days),
    expiring: String(expected === 'warning'),
  })
  expect(warningsOf(main)).toEqual(expected === 'fine' ? [] : [expect.stringContaining(`${days} day`)])
})

test('an expired one fails without a request', async () => {
  const { base64 } = await storedP12(scene.emulator, { notAfter: new Date(Date.now() - 3 * DAY) })
  const main = await scene.scenario({ ...STORED, p12: base64 }).main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main)).toMatchObject({
    code: 'CERT_EXPIRED',
    what: expect.stringContaining('expired 3 days ago'),
  })
  expect(main.log).not.toContain('valid for expired')
  expect(scene.emulator.requests).toEqual([])
})
