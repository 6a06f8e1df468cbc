// Other people's software with what the action hands over: jsign signs a Windows program with the exported variables and nothing
// else, over real TLS and mTLS, and osslsigncode verifies the signature. The Java that runs jsign trusts the
// emulator's CA through a truststore made here, and finds clientauth.localhost through a hosts file made here; against
// DigiCert ONE it needs neither.
import { readFileSync } from 'node:fs'
import { expect, jest } from '@jest/globals'
import { JSIGN } from '../support/jsign.ts'
import {
  cleanUpScratch,
  type Outcome,
  run,
  runOk,
  scratch,
  scratchFile,
  type Tool,
  toolTest,
} from '../support/p12-tools.ts'
import { errorOf, type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, type StoredOptions, storedP12 } from '../support/stored.ts'
import { exitingProgram } from '../support/windows-program.ts'

const scene = useScene()
cleanUpScratch()
// Java starts slowly while others use the processor.
jest.setTimeout(180_000)

const SIGNING: Tool[] = ['jsign', 'java', 'keytool', 'osslsigncode']
const REFUSED = 'access_denied: User is not multi-factor authenticated.'

/** SM_HOST and the rest, as a step after the action finds them. */
type Variables = Record<string, string>

const storedInputs = async (stored: StoredOptions): Promise<Inputs> => {
  const { base64 } = await storedP12(scene.emulator, { keyType: 'rsa-2048', ...stored })
  return { mode: 'stored', p12: base64, 'p12-password': PASSWORD }
}

/** Java's options for an emulator; the truststore is made once. */
async function javaOptions(): Promise<string[]> {
  const truststore = scratch('truststore.p12')
  const ca = scratchFile('server-ca.pem', scene.emulator.caPem)
  const store = ['-keystore', truststore, '-storepass', 'changeit', '-noprompt']
  await runOk('keytool', ['-importcert', '-file', ca, '-alias', 'emulator', ...store])
  const hosts = scratchFile('hosts', `127.0.0.1 ${scene.emulator.clientauthHost}\n`)
  return [
    '-XX:TieredStopAtLevel=1', // no time is spent on optimizing what runs once
    `-Djavax.net.ssl.trustStore=${truststore}`,
    '-Djavax.net.ssl.trustStorePassword=changeit',
    `-Djdk.net.hosts.file=${hosts}`,
  ]
}
let options: Promise<string[]> | undefined

/** As in README and examples. */
async function jsign(
  variables: Variables,
  program: string,
  alias = 'emulator-certificate',
): Promise<Outcome> {
  options ??= javaOptions()
  const { SM_API_KEY, SM_CLIENT_CERT_FILE, SM_CLIENT_CERT_PASSWORD, SM_HOST = '' } = variables
  const STOREPASS = `${SM_API_KEY}|${SM_CLIENT_CERT_FILE}|${SM_CLIENT_CERT_PASSWORD}`
  const args = [
    ...['-jar', JSIGN.jar, '--storetype', 'DIGICERTONE', '--keystore', SM_HOST],
    ...['--storepass', 'env:STOREPASS', '--alias', alias, program],
  ]
  return run('java', [...(await options), ...args], '', { STOREPASS })
}

/** With Debian's osslsigncode, against the root of the emulator's code-signing CA. */
async function verify(program: string): Promise<Outcome> {
  const { certificate } = await scene.emulator.keypair()
  const root = scratchFile('root.pem', certificate.chainPem.at(-1) ?? '')
  return run('osslsigncode', ['verify', '-CAfile', root, '-in', program])
}

async function expectToSign(variables: Variables, alias?: string): Promise<void> {
  const program = scratchFile('app.exe', exitingProgram(0))
  expect(await jsign(variables, program, alias)).toMatchObject({ status: 0 })
  expect(await verify(program)).toMatchObject({
    status: 0,
    text: expect.stringContaining('Signature verification: ok'),
  })
  const signing = scene.emulator.requests.filter(({ path }) => path.endsWith('/sign'))
  expect(signing).toMatchObject([{ host: 'clientauth', hasApiKey: true, verdict: 'accepted', status: 200 }])
}

async function expectNotToSign(variables: Variables, words: string, alias?: string): Promise<void> {
  const program = scratchFile('app.exe', exitingProgram(0))
  const outcome = await jsign(variables, program, alias)
  expect(outcome.status).not.toBe(0)
  expect(outcome.text).toContain(words)
  expect(readFileSync(program)).toEqual(exitingProgram(0))
}

toolTest(SIGNING, 'jsign signs in a job with an issued certificate, but not after the job', async () => {
  const scenario = scene.scenario({ 'require-permissions': 'SIGN_SM_HASH' })
  const main = await scenario.main()
  await expectToSign(main.env)
  // A copy that somebody made during the job.
  const copy = scratchFile('copy.p12', readFileSync(main.env.SM_CLIENT_CERT_FILE ?? ''))
  await scenario.post()
  await expectNotToSign({ ...main.env, SM_CLIENT_CERT_FILE: copy }, REFUSED)
})

toolTest(SIGNING, 'jsign signs with a stored P12 from old Windows (RC2), which is rewritten', async () => {
  const main = await scene.scenario(await storedInputs({ encryption: 'rc2' })).main()
  expect(main.annotations).toMatchObject([{ level: 'notice', message: expect.stringContaining('AES-256') }])
  await expectToSign(main.env)
})

toolTest(SIGNING, 'jsign signs with a stored P12 in 3DES, which is used as is', async () => {
  const main = await scene.scenario(await storedInputs({ encryption: 'legacy' })).main()
  expect(main.annotations).toEqual([])
  await expectToSign(main.env)
})

toolTest(
  SIGNING,
  'a disabled certificate fails here with a clear message, before jsign fails with an unclear one',
  async () => {
    const inputs = await storedInputs({ enabled: false, name: 'release-2025' })
    const main = await scene.scenario(inputs).main()
    expect(errorOf(main)).toMatchObject({
      code: 'CERT_DISABLED',
      what: expect.stringMatching(/"release-2025".* is disabled/),
    })
    expect(main.env).toEqual({})

    const unproven = await scene.scenario({ ...inputs, verify: 'false' }).main()
    await expectNotToSign(unproven.env, REFUSED)
  },
)

toolTest(SIGNING, 'a user who may not sign fails here, before jsign does', async () => {
  const { apiKey } = scene.emulator.addUser({ permissions: ['VIEW_SM_CERTIFICATE'] })
  const main = await scene.scenario({ 'api-key': apiKey, 'require-permissions': 'SIGN_SM_HASH' }).main()
  expect(errorOf(main).code).toBe('PERMISSION_MISSING')

  const unasked = await scene.scenario({ 'api-key': apiKey }).main()
  await expectNotToSign(unasked.env, 'SIGN_SM_HASH')
})

for (const keyType of ['ec-p256', 'ec-p384', 'rsa-4096'] as const) {
  toolTest(SIGNING, `jsign signs with a keypair of ${keyType} next to others`, async () => {
    const { softwareTrust } = scene.emulator
    const keypair = await softwareTrust.addKeypair({ keyType, users: [scene.emulator.user] })
    await softwareTrust.addCertificate(keypair, { alias: 'old', status: 'EXPIRED' })
    await softwareTrust.addCertificate(keypair, { alias: 'release' })
    const main = await scene.scenario().main()
    await expectToSign(main.env, 'release')
  })
}

toolTest(SIGNING, "jsign does not sign with somebody else's keypair, nor with an unknown alias", async () => {
  const { softwareTrust } = scene.emulator
  const keypair = await softwareTrust.addKeypair({ alias: 'theirs', users: [scene.emulator.addUser()] })
  await softwareTrust.addCertificate(keypair, { alias: 'release' })
  const main = await scene.scenario().main()
  await expectNotToSign(main.env, 'access_denied: User does not have access to keypair theirs.', 'release')
  await expectNotToSign(main.env, "'Release'", 'Release')
})

toolTest(SIGNING, 'osslsigncode accepts only a signature over this program, from this CA', async () => {
  const main = await scene.scenario().main()
  const program = scratchFile('app.exe', exitingProgram(0))
  expect((await verify(program)).status).not.toBe(0)
  await jsign(main.env, program)
  expect((await verify(program)).status).toBe(0)

  const changed = readFileSync(program)
  changed.writeUInt8(changed.readUInt8(0x200) ^ 1, 0x200)
  expect((await verify(scratchFile('changed.exe', changed))).status).not.toBe(0)

  const wrongRoot = scratchFile('wrong-root.pem', scene.emulator.clientCaPem)
  expect((await run('osslsigncode', ['verify', '-CAfile', wrongRoot, '-in', program])).status).not.toBe(0)
})

toolTest(
  SIGNING,
  "with a keypair alias, jsign signs with nothing but the step's outputs; with a wrong one, the step fails instead",
  async () => {
    const { alias } = await scene.emulator.keypair()
    const scenario = scene.scenario({ 'keypair-alias': alias, 'export-env': 'false' })
    const { outputs } = await scenario.main()
    const program = scratchFile('app.exe', exitingProgram(0))
    const variables = {
      SM_HOST: outputs['clientauth-url'] ?? '',
      SM_API_KEY: scene.emulator.apiKey,
      SM_CLIENT_CERT_FILE: outputs['p12-file'] ?? '',
      SM_CLIENT_CERT_PASSWORD: outputs['p12-password'] ?? '',
    }
    expect(await jsign(variables, program, outputs['signing-certificate-alias'])).toMatchObject({ status: 0 })
    expect(await verify(program)).toMatchObject({ status: 0 })
    // The certificate that the step named is the one that signed.
    const signature = scratch('app.p7')
    await runOk('osslsigncode', ['extract-signature', '-pem', '-in', program, '-out', signature])
    const certificates = await runOk('openssl', ['pkcs7', '-in', signature, '-print_certs'])
    const named = readFileSync(outputs['signing-certificate-file'] ?? '', 'utf8')
    expect(certificates.replace(/\s/g, '')).toContain(
      /-----BEGIN CERTIFICATE-----([^-]+)/.exec(named)?.[1]?.replace(/\s/g, ''),
    )
    await scenario.post()

    const wrong = scene.scenario({ 'keypair-alias': alias.toUpperCase() })
    expect(errorOf(await wrong.main())).toMatchObject({
      code: 'KEYPAIR_UNKNOWN',
      what: expect.stringContaining(`"${alias}" differs in case only`),
    })
    await wrong.post()
    wrong.expectNothingLeft()
  },
)

toolTest(['curl'], 'curl authenticates with the exported P12, issued or stored', async () => {
  const stored = [await storedInputs({ encryption: 'rc2' }), await storedInputs({ encryption: 'legacy' })]
  for (const given of [{}, ...stored]) {
    const { env } = await scene.scenario(given).main()
    const answer = await curl(env, '/account/api/v1/user/me')
    expect(JSON.parse(answer)).toMatchObject({ id: scene.emulator.user.id })
    const certificates = await curl(env, '/signingmanager/api/v1/certificates')
    expect(JSON.parse(certificates)).toMatchObject({ total: 1, items: [{ certificate_status: 'ACTIVE' }] })
  }
})

/** P12, password and API key go in by standard input, as the documentation has it for shared machines. */
async function curl(variables: Variables, path: string): Promise<string> {
  const { SM_HOST, SM_API_KEY, SM_CLIENT_CERT_FILE, SM_CLIENT_CERT_PASSWORD } = variables
  const config = [
    'silent',
    'fail-with-body',
    'noproxy = "*"',
    `cacert = "${scratchFile('ca.pem', scene.emulator.caPem)}"`,
    `cert = "${SM_CLIENT_CERT_FILE}:${SM_CLIENT_CERT_PASSWORD}"`,
    'cert-type = "P12"',
    `header = "x-api-key: ${SM_API_KEY}"`,
    `url = "${SM_HOST}${path}"`,
  ]
  return runOk('curl', ['--config', '-'], config.join('\n'))
}
