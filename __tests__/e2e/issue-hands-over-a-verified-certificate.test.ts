import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import { expect, test } from '@jest/globals'
import forge from 'node-forge'
import { testWithModes } from '../support/platform.ts'
import { readAction } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { readKey } from '../support/secrets.ts'

/** The mTLS host learns of each change a moment after the account service has made it. */
const HEARD_LATER = { issue: 150, enable: 150, disable: 150 }
const scene = useScene({ intermediate: true, settings: { delays: HEARD_LATER } })
const FRIENDLY_NAME = 'DigiCert Client Auth Certificate'

test('outputs, environment, files and summary show what was issued, and the post step undoes all of it', async () => {
  const { emulator } = scene
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main.log).not.toMatch(/error|warning/i)
  expect(main.exitCode).toBe(0)

  const [record] = emulator.certificates
  if (record === undefined) throw new Error('nothing was issued')
  const certificate = new X509Certificate(record.certificatePem)
  const { outputs } = main
  expect(Object.keys(outputs).sort()).toEqual(Object.keys(readAction().outputs).sort())
  expect(outputs).toMatchObject({
    'certificate-id': record.id,
    name: record.name,
    'serial-number': record.serialNumber,
    subject: `CN=${record.name}`,
    'fingerprint-sha256': certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    'not-before': iso(certificate.validFromDate),
    'not-after': iso(certificate.validToDate),
    'days-remaining': '0',
    expiring: 'false',
    'key-file': '',
    'user-id': emulator.user.id,
    'user-name': 'Example service user',
    'clientauth-url': emulator.clientauthUrl,
  })
  expect(record.name).toMatch(/^octo-org-hello-world-1234567890-1-[a-z0-9]{6,}$/)
  expect(outputs['p12-password']).toMatch(/^[A-Za-z0-9]{32,}$/)
  expect(main.env).toEqual({
    SM_HOST: emulator.clientauthUrl,
    SM_CLIENT_CERT_FILE: outputs['p12-file'],
    SM_CLIENT_CERT_PASSWORD: outputs['p12-password'],
    SM_API_KEY: emulator.apiKey,
  })
  for (const fact of [
    record.name,
    record.serialNumber,
    'Example service user',
    'verified over mTLS',
    'is disabled',
  ])
    expect(main.summary).toContain(fact)

  const post = await scenario.post()
  expect(post).toMatchObject({ exitCode: 0, annotations: [], outputs: {}, env: {}, summary: '' })
  expect(post.log).toContain(`Disabled "${record.name}" (id ${record.id})`)
  scenario.expectNothingLeft()
})

testWithModes('the files are private', async () => {
  const { outputs } = await scene.scenario().main()
  expect(statSync(dirname(outputs['p12-file'] ?? '')).mode & 0o777).toBe(0o700)
  for (const name of ['p12-file', 'cert-file', 'chain-file'])
    expect(statSync(outputs[name] ?? '').mode & 0o777).toBe(0o600)
})

test('the files are in one directory and match their names', async () => {
  const { outputs } = await scene.scenario().main()
  const folder = dirname(outputs['p12-file'] ?? '')
  for (const name of ['p12-file', 'cert-file', 'chain-file']) {
    const path = outputs[name] ?? ''
    expect(isAbsolute(path)).toBe(true)
    expect(dirname(path)).toBe(folder)
  }
  expect(basename(outputs['cert-file'] ?? '')).toBe('client.crt')
  expect(basename(outputs['chain-file'] ?? '')).toBe('ca.crt')
  const leaf = new X509Certificate(readFileSync(outputs['cert-file'] ?? ''))
  const issuer = new X509Certificate(readFileSync(outputs['chain-file'] ?? ''))
  expect(leaf.verify(issuer.publicKey)).toBe(true)
})

testWithModes("the files are private whatever the runner's umask", async () => {
  const before = process.umask(0)
  try {
    const { outputs } = await scene.scenario({ 'write-key': 'true' }).main()
    for (const name of ['p12-file', 'cert-file', 'chain-file', 'key-file'])
      expect(statSync(outputs[name] ?? '').mode & 0o777).toBe(0o600)
    expect(statSync(dirname(outputs['p12-file'] ?? '')).mode & 0o777).toBe(0o700)
  } finally {
    process.umask(before)
  }
})

test('the P12 contains only the key and its certificate, under the name that DigiCert tools show', async () => {
  const { outputs } = await scene.scenario().main()
  const bytes = readFileSync(outputs['p12-file'] ?? '')
  const password = outputs['p12-password'] ?? ''
  const pfx = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(bytes.toString('latin1')), password)
  const certType = forge.pki.oids.certBag as string
  const keyType = forge.pki.oids.pkcs8ShroudedKeyBag as string
  const named = pfx.getBags({ friendlyName: FRIENDLY_NAME }).friendlyName ?? []
  expect(named.map(({ type }) => type).sort()).toEqual([certType, keyType].sort())
  expect(pfx.getBags({ bagType: certType })[certType]).toHaveLength(1)
  const key = readKey(bytes, password)
  const leaf = new X509Certificate(readFileSync(outputs['cert-file'] ?? ''))
  expect(key !== undefined && leaf.checkPrivateKey(key)).toBe(true)
})

test('sends one POST, verifies once without the API key, and names the action in the User-Agent', async () => {
  const { requests, clientauthHost, settings } = scene.emulator
  settings.delays = { issue: 0, enable: 0, disable: 0 }
  await scene.scenario().main()
  expect(requests.map(({ method, host, status }) => [method, host, status])).toEqual([
    ['POST', 'api', 201],
    ['GET', 'clientauth', 200],
  ])
  expect(requests.map(({ hasApiKey }) => hasApiKey)).toEqual([true, false])
  for (const { userAgent } of requests)
    expect(userAgent).toMatch(/^digicert-client-certificate\/\d+\.\d+\.\d+/)
  expect(requests[1]?.headers.host).toContain(clientauthHost)
  const body: unknown = JSON.parse(requests[0]?.body ?? '')
  expect(body).toEqual({
    csr: expect.stringMatching(/^-----BEGIN CERTIFICATE REQUEST-----\n/),
    name: expect.any(String),
    exp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
})

test('writes the key only on request, and it matches the certificate', async () => {
  const { outputs } = await scene.scenario({ 'write-key': 'true' }).main()
  const key = createPrivateKey(readFileSync(outputs['key-file'] ?? ''))
  expect(new X509Certificate(readFileSync(outputs['cert-file'] ?? '')).checkPrivateKey(key)).toBe(true)
})

test('two uses in one job leave each other’s files and certificates alone', async () => {
  const first = scene.scenario()
  const second = scene.scenario({}, {}, first.job)
  const one = await first.main()
  const two = await second.main()
  expect(one.outputs['p12-file']).not.toBe(two.outputs['p12-file'])
  // Post steps run in reverse order.
  await second.post()
  expect(statSync(one.outputs['p12-file'] ?? '').isFile()).toBe(true)
  expect(scene.enabled().map(({ id }) => id)).toEqual([one.outputs['certificate-id']])
  await first.post()
  first.expectNothingLeft()
})

function iso(date: Date): string {
  return date.toISOString().replace('.000', '')
}
