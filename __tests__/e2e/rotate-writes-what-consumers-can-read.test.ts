import { describe, expect, test } from '@jest/globals'
import { startGithub } from '../../emulator/github/index.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { expectSuccess, OWN, PASSWORD_SECRET, SECRET, useRotation } from '../support/rotation.ts'
import { errorOf, warningsOf } from '../support/scene.ts'

const rotation = useRotation()

async function stored(password: string) {
  return decodePkcs12(Buffer.from(rotation.github.secret(OWN, SECRET)?.value ?? '', 'base64'), password)
}

describe('the password stays', () => {
  test.each([
    ['plain', 'correct horse battery staple'],
    ['outside ASCII', 'pässwörd – 密码'],
    ['empty', ''],
  ])('%s', async (_what, password) => {
    await rotation.store([OWN], { password })
    expectSuccess(await rotation.run({ 'p12-password': password }))
    const opened = await stored(password)
    expect(opened.friendlyName).toBe('DigiCert Client Auth Certificate')
    expect(opened.portability).toMatchObject({ openssl3: true, go: true, mendable: [] })
    expect(opened.chain).toEqual([])
    expect((await rotation.held(OWN)).name).toContain('-replaces-')
  })

  test('without the stray line break of its secret, with a warning', async () => {
    await rotation.store()
    const password = rotation.github.secret(OWN, PASSWORD_SECRET)?.value ?? ''
    const result = await rotation.run({ 'p12-password': `${password}\n` })
    expectSuccess(result)
    expect(warningsOf(result).join()).toContain('ends in a line break')
    await expect(stored(password)).resolves.toMatchObject({ password })
  })
})

describe('the protection stays', () => {
  test.each([
    ['modern', 'modern', {}, 'PBES2'],
    ['legacy', 'legacy', {}, '3DES'],
    ['rc2', 'legacy, which every reader of RC2 can read', {}, '3DES'],
    ['legacy', 'modern on request', { 'p12-encryption': 'modern' }, 'PBES2'],
  ] as const)('%s becomes %s', async (encryption, _what, inputs, expected) => {
    const { minted } = await rotation.store([OWN], { encryption })
    expectSuccess(await rotation.run(inputs))
    const opened = await stored(rotation.github.secret(OWN, PASSWORD_SECRET)?.value ?? '')
    expect(opened.algorithms.join()).toContain(expected)
    expect(opened.certificate.serialNumber).not.toBe(minted.record?.serialNumber)
  })
})

test('a server that rounds dates up: a log line, no notice, and the old one disabled after the grace period', async () => {
  Object.assign(rotation.digicert.settings, { roundStartDates: true, roundEndDates: true })
  const { minted } = await rotation.store()
  const first = await rotation.run()
  expectSuccess(first)
  expect(first.annotations).toEqual([])
  expect(first.log).toMatch(/expire on \S+ 23:59 UTC, later than requested/)
  rotation.later(8)
  const after = await rotation.run()
  expectSuccess(after)
  expect(rotation.writes()).toHaveLength(1)
  expect(after.outputs['disabled-certificate-ids']).toBe(minted.record?.id)
})

test.each(['colons', 'lower', 'padded'] as const)(
  'serial numbers written as %s, in pages',
  async serialFormat => {
    Object.assign(rotation.digicert.settings, { serialFormat, paging: { style: 'link', size: 2 } })
    rotation.digicert.seed(5)
    const { minted } = await rotation.store()
    expectSuccess(await rotation.run())
    rotation.later(8)
    expect((await rotation.run()).outputs['disabled-certificate-ids']).toBe(minted.record?.id)
  },
)

describe('GitHub Enterprise Server', () => {
  test.each([true, false])('below /api/v3, TLS: %s', async tls => {
    const server = await startGithub({ basePath: '/api/v3', tls, clock: rotation.digicert.clock })
    try {
      server.addRepository(OWN)
      const { base64 } = await rotation.store()
      const result = await rotation.run(
        { 'github-token': server.token, 'ca-certificates': rotation.digicert.caPem + server.caPem },
        { env: { GITHUB_API_URL: server.apiUrl } },
      )
      expectSuccess(result)
      expect(server.secret(OWN, SECRET)?.value).not.toBe(base64)
      expect(rotation.github.requests).toEqual([])
    } finally {
      await server.close()
    }
  })

  test('TLS_UNTRUSTED: a certificate from an unknown CA', async () => {
    await rotation.store()
    const result = await rotation.run({ 'ca-certificates': rotation.digicert.caPem, retries: '0' })
    expect(errorOf(result).code).toBe('TLS_UNTRUSTED')
    expect(rotation.enabled()).toHaveLength(1)
  })
})

test('the summary shows old and new, the grace period, every target and what happens next', async () => {
  await rotation.store([OWN], { name: 'made | by <b>hand</b> ::error::' })
  const { summary, log, raw } = await rotation.run()
  expect(summary).toContain('🔄 Client certificate rotated')
  expect(summary).toMatch(
    /```mermaid[\s\S]+gantt[\s\S]+section 🟢 in use: [\s\S]+section 🟠 replaced: [\s\S]+section ⏳ grace period\n.* :crit, /u,
  )
  expect(summary).toContain('| <code>octo-org/hello.world</code> | 🔄 written |')
  expect(summary).toMatch(/is disabled by the first run after \d{4}-/)
  expect(summary).toMatch(/replaced by the first run after \*\*\d{4}-/)
  expect(summary).not.toContain('<b>')
  expect(log).toContain('made | by')
  expect(raw).not.toMatch(/^::error::/m)
})
