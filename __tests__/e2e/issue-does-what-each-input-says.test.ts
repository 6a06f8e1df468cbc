import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { connect, createSecureContext, type TLSSocket } from 'node:tls'
import { expect, test } from '@jest/globals'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import type { StepResult } from '../support/runner.ts'
import { errorOf, useScene, warningsOf } from '../support/scene.ts'

/** The mTLS host learns of each change a moment after the account service has made it. */
const scene = useScene({ settings: { delays: { issue: 150, enable: 150, disable: 150 } } })

test.each([
  ['nightly build', /^nightly build-1234567890-1-[a-z0-9]{10}$/],
  ['team/app@v1.2 (release)', /^team-app-v1-2 -release-1234567890-1-[a-z0-9]{10}$/],
  ['Überbau', /^berbau-1234567890-1-[a-z0-9]{10}$/],
  ['日本語', /^1234567890-1-[a-z0-9]{10}$/],
  ['x'.repeat(200), /^x{40}-1234567890-1-[a-z0-9]{10}$/],
  ['"; rm -rf / #', /^rm -rf-1234567890-1-[a-z0-9]{10}$/],
])('name %j becomes a nickname that DigiCert accepts', async (name, expected) => {
  const main = await scene.scenario({ name }).main()
  expect(main.exitCode).toBe(0)
  const nickname = scene.emulator.certificates[0]?.name ?? ''
  expect(nickname).toMatch(expected)
  expect(nickname.length).toBeLessThanOrEqual(64)
})

test('without a name, the nickname contains run id and attempt however long the repository name is', async () => {
  const GITHUB_REPOSITORY = `${'organisation-'.repeat(3)}/${'repository-'.repeat(8)}`
  await scene.scenario({}, { GITHUB_REPOSITORY }).main()
  expect(scene.emulator.certificates[0]?.name).toMatch(/^organisation-.*-1234567890-1-[a-z0-9]+$/)
})

test.each([
  ['CN=Signing Service,O=Example Inc,C=US', 'C=US, O=Example Inc, CN=Signing Service'],
  ['/C=US/O=Example Inc/CN=Signing Service', 'C=US, O=Example Inc, CN=Signing Service'],
  ['CN=Doe\\, John,OU=Büro,L=Genève,ST=GE,C=ch', 'C=CH, ST=GE, L=Genève, OU=Büro, CN=Doe\\, John'],
])('subject %j is what it requests', async (subject, asked) => {
  const main = await scene.scenario({ subject }).main()
  expect(main.exitCode).toBe(0)
  expect(request().subject).toBe(asked)
})

test('the subject output is RFC 4514, most specific first, whatever the notation of the input', async () => {
  const { outputs } = await scene.scenario({ subject: '/C=US/O=Example Inc/CN=Signing Service' }).main()
  expect(outputs.subject).toBe('CN=Signing Service,O=Example Inc,C=US')
})

test.each([
  ['12h', 43_200],
  ['1d12h', 129_600],
  ['90m', 5_400],
  ['397d', 34_300_800],
])('validity %s is sent as exp, to the second', async (validity, seconds) => {
  const before = Date.now()
  const main = await scene.scenario({ validity }).main()
  expect(main.exitCode).toBe(0)
  const { exp = '' } = JSON.parse(scene.emulator.requests[0]?.body ?? '{}') as { exp?: string }
  const asked = (Date.parse(exp) - before) / 1000
  expect(asked).toBeGreaterThan(seconds - 2)
  expect(asked).toBeLessThan(seconds + 5)
  expect(main.annotations).toEqual([])
})

test.each(['2048', '3072', '4096'])('key-size %s', async bits => {
  await scene.scenario({ 'key-size': bits }).main()
  const { publicKey } = new X509Certificate(scene.emulator.certificates[0]?.certificatePem ?? '')
  expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(Number(bits))
})

test.each([
  ['Tr0ub4dor&3 "quoted" $HOME `x` %PATH%', 'Tr0ub4dor&3 "quoted" $HOME `x` %PATH%'],
  ['pässwörd-日本', 'pässwörd-日本'],
  [' spaces around ', ' spaces around '],
])('p12-password %j is used as is', async (given, password) => {
  const main = await scene.scenario({ 'p12-password': given }).main()
  expect(main.exitCode).toBe(0)
  expect(main.annotations).toEqual([])
  expect(main.outputs['p12-password']).toBe(password)
  expect(main.env.SM_CLIENT_CERT_PASSWORD).toBe(password)
  expect(opens(main)).toBe(true)
})

test('p12-password with an emoji is used as is, with a warning about who cannot read the P12', async () => {
  const password = 'pässwörd-日本-🔑'
  const main = await scene.scenario({ 'p12-password': password }).main()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringContaining('Go programs such as smctl cannot read')])
  expect(main.outputs['p12-password']).toBe(password)
  expect(opens(main)).toBe(true)
})

test('p12-password with a stray line break is used without it, with a warning', async () => {
  const main = await scene.scenario({ 'p12-password': 'correct horse\n' }).main()
  expect(main.outputs['p12-password']).toBe('correct horse')
  expect(warningsOf(main)).toEqual([expect.stringContaining('line break')])
  expect(opens(main)).toBe(true)
})

test('a p12-password too short to be masked is used, with a warning', async () => {
  const main = await scene.scenario({ 'p12-password': 'abc' }).main()
  expect(main.exitCode).toBe(0)
  expect(warningsOf(main)).toEqual([expect.stringContaining('too short')])
  expect(main.log).not.toContain('abc ')
})

test.each(['auto', 'modern', 'legacy'])('p12-encryption %s loads in Node', async encryption => {
  const main = await scene.scenario({ 'p12-encryption': encryption }).main()
  expect(opens(main)).toBe(true)
  const bytes = readFileSync(main.outputs['p12-file'] ?? '')
  const tripleDes = bytes.includes(Buffer.from('060a2a864886f70d010c0103', 'hex'))
  expect(tripleDes).toBe(encryption === 'legacy')
})

test('verify: false sends nothing to the mTLS host and says so', async () => {
  const main = await scene.scenario({ verify: 'false' }).main()
  expect(main.exitCode).toBe(0)
  expect(scene.emulator.requests.map(({ host }) => host)).toEqual(['api'])
  expect(main.summary).toContain('⚪ not verified (`verify: false`)')
  expect(main.outputs).toMatchObject({ 'user-id': scene.emulator.user.id, 'user-name': '' })
})

test('require-permissions passes when the user has all of them', async () => {
  const permissions = 'SIGN_SM_HASH,\n VIEW_SM_CERTIFICATE \n\n'
  const main = await scene.scenario({ 'require-permissions': permissions }).main()
  expect(main.exitCode).toBe(0)
  expect(main.summary).toContain('SIGN_SM_HASH')
})

test.each(['true', 'false'])('require-permissions names what is missing (verify: %s)', async verify => {
  const scenario = scene.scenario({ 'require-permissions': 'SIGN_SM_HASH, NO_SUCH, OTHER', verify })
  const main = await scenario.main()
  expect(main.exitCode).toBe(1)
  const error = errorOf(main)
  expect(error.code).toBe('PERMISSION_MISSING')
  expect(error.what).toMatch(
    /^The user "Example service user" lacks NO_SUCH, OTHER\. It has \w+(, \w+){5,9} and \d+ more\.$/,
  )
  await scenario.post()
  scenario.expectNothingLeft()
})

test('export-env: false sets outputs only', async () => {
  const main = await scene.scenario({ 'export-env': 'false' }).main()
  expect(main.env).toEqual({})
  expect(main.outputs['p12-file']).not.toBe('')
})

test('cleanup: false keeps the files, and the certificate is disabled anyway', async () => {
  const scenario = scene.scenario({ cleanup: 'false' })
  const { outputs } = await scenario.main()
  const post = await scenario.post()
  expect(existsSync(outputs['p12-file'] ?? '')).toBe(true)
  expect(scenario.enabled()).toEqual([])
  expect(post.log).toContain('cleanup: false')
})

test('disable-after-job: false keeps the certificate enabled, and the files are deleted', async () => {
  const scenario = scene.scenario({ 'disable-after-job': 'false' })
  const main = await scenario.main()
  expect(main.summary).toContain('stays enabled')
  const post = await scenario.post()
  expect(post.log).toContain('disable-after-job: false')
  expect(scenario.enabled()).toHaveLength(1)
  expect(scenario.files()).toEqual([])
})

test('summary: false writes no summary', async () => {
  const main = await scene.scenario({ summary: 'false' }).main()
  expect(main).toMatchObject({ exitCode: 0, summary: '' })
})

test('ca-certificates also accepts a path', async () => {
  const scenario = scene.scenario()
  const { writeFileSync } = await import('node:fs')
  const path = scenario.job.commandFile('ca')
  writeFileSync(path, `Some words before\n${scene.emulator.caPem}`)
  const main = await scene.scenario({ 'ca-certificates': path }).main()
  expect(main.exitCode).toBe(0)
})

test('clientauth-host overrides the derived name', async () => {
  const main = await scene.scenario({ 'clientauth-host': `${scene.emulator.clientauthUrl}/` }).main()
  expect(main.outputs['clientauth-url']).toBe(scene.emulator.clientauthUrl)
})

test('a pasted mTLS host is understood', async () => {
  const main = await scene.scenario({ host: `${scene.emulator.clientauthUrl}/` }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs['clientauth-url']).toBe(scene.emulator.clientauthUrl)
})

function request(): Pkcs10CertificateRequest {
  const { csr = '' } = JSON.parse(scene.emulator.requests[0]?.body ?? '{}') as { csr?: string }
  return new Pkcs10CertificateRequest(csr)
}

/** Node's own TLS reads the file, and finds the certificate in it. */
function opens({ outputs }: StepResult): boolean {
  const pfx = readFileSync(outputs['p12-file'] ?? '')
  const secureContext = createSecureContext({ pfx, passphrase: outputs['p12-password'] ?? '' })
  const socket: TLSSocket = connect({ port: 1, host: '127.0.0.1', secureContext }).on(
    'error',
    () => undefined,
  )
  const found = socket.getX509Certificate()?.fingerprint256
  socket.destroy()
  return found === new X509Certificate(readFileSync(outputs['cert-file'] ?? '')).fingerprint256
}
