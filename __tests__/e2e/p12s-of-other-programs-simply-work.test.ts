import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, jest, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { LATER } from '../support/later.ts'
import { FOREIGN } from '../support/p12-foreign.ts'
import { expectReadBy, takes, WITH_CHAIN } from '../support/p12-readers.ts'
import { cleanUpScratch, type PemFiles, pemFiles, toolTest } from '../support/p12-tools.ts'
import { FILE_VECTORS, readVector } from '../support/p12-vectors.ts'
import { Job, type StepResult } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'

cleanUpScratch()
// 600,000 iterations and more, each time that one of five programs opens what was exported.
jest.setTimeout(600_000)

const scene = useScene({ intermediate: true })
const ENCRYPTIONS = ['auto', 'modern', 'legacy'] as const

async function mintedFiles(): Promise<{ files: PemFiles; certificate: X509Certificate }> {
  const minted = await scene.emulator.mint({ keyType: 'rsa-2048' })
  const certificate = new X509Certificate(minted.certificatePem)
  const chain = minted.chainPem.map(pem => new X509Certificate(pem))
  return { files: pemFiles(createPrivateKey(minted.privateKeyPem ?? ''), certificate, chain), certificate }
}

function exported(main: StepResult): { path: string; password: string; fingerprint: string } {
  return {
    path: main.outputs['p12-file'] ?? '',
    password: main.outputs['p12-password'] ?? '',
    fingerprint: main.outputs['fingerprint-sha256'] ?? '',
  }
}

const known = new Set<string>()

/** What we write differs only by encryption and password: all programs read the first; OpenSSL, curl and Go read each one. */
function isKnown(encryption: string, password: string): boolean {
  const id = `${encryption} ${password}`
  return known.has(id) || !known.add(id)
}

const fingerprintOf = ({ fingerprint256 }: X509Certificate): string =>
  fingerprint256.replaceAll(':', '').toLowerCase()

for (const { title, tools, password, asIs, write } of FOREIGN) {
  toolTest(tools, `${title}: verified, exported in each encryption, and read`, async () => {
    const { files, certificate } = await mintedFiles()
    const written = readFileSync(await write(files))
    const inputs = { mode: 'stored', p12: written.toString('base64'), 'p12-password': password }
    for (const encryption of ENCRYPTIONS) {
      const main = await scene.scenario({ ...inputs, 'p12-encryption': encryption }).main()
      const warnings = takes('DecodeChain', password) ? [] : ['warning']
      const notices = encryption === 'auto' && !asIs ? ['notice'] : []
      expect(main.annotations.map(({ level }) => level)).toEqual([...warnings, ...notices])
      expect(main.outputs).toMatchObject({
        'fingerprint-sha256': fingerprintOf(certificate),
        'user-id': scene.emulator.user.id,
        'p12-password': password,
      })
      const kept = readFileSync(exported(main).path).equals(written)
      expect(kept).toBe(encryption === 'auto' && asIs)
      await expectReadBy(
        kept || isKnown(encryption, password) ? ['openssl', 'curl', 'DecodeChain'] : WITH_CHAIN,
        exported(main),
      )
    }
  })
}

/** The test's server does not accept Ed448, and curl refuses an RSA key of 1024 bits. */
const CURL_CANNOT = new Set(['ed448', 'openssl-blake2-mac'])

/** Without the search for secrets: these are public, and one password is a word in the subject. */
function runStored(inputs: Record<string, string>, env: Record<string, string>): Promise<StepResult> {
  return new Job().use().main({ inputs: { ...scene.inputs(), ...inputs }, env })
}

test.each(FILE_VECTORS)('$file: exports it while its certificate is valid', async vector => {
  const { file, password } = vector
  const opened = await decodePkcs12(readVector(file), password)
  const { validFromDate, validToDate } = opened.certificate
  const p12 = readVector(file).toString('base64')
  const inputs = { mode: 'stored', p12, 'p12-password': password, verify: 'false', 'warn-within': '0d' }
  const validNow = validFromDate.getTime() < Date.now() && Date.now() < validToDate.getTime()
  const ahead = validNow ? 0 : (validFromDate.getTime() + validToDate.getTime()) / 2 - Date.now()
  const env = { ...LATER, CLOCK_AHEAD_MS: String(Math.round(ahead)) }
  const main = await runStored(inputs, env)
  expect({ ...main.outputs, exitCode: main.exitCode }).toMatchObject({
    exitCode: 0,
    'fingerprint-sha256': fingerprintOf(opened.certificate),
  })
  const kept = readFileSync(exported(main).path).equals(opened.der)
  expect(kept).toBe(vector.asIs ?? true)
  await expectReadBy(CURL_CANNOT.has(file) ? ['openssl'] : ['openssl', 'curl'], exported(main))
  const afterwards = { ...env, CLOCK_AHEAD_MS: String(validToDate.getTime() + DAY - Date.now()) }
  const late = await runStored(inputs, afterwards)
  expect(errorOf(late).code).toBe('CERT_EXPIRED')
})

test.each(['rfc9879-a4', 'rfc9879-a5', 'rfc9879-a6'])('refuses %s', async file => {
  const p12 = readVector(file).toString('base64')
  const main = await scene.scenario({ mode: 'stored', p12, 'p12-password': '1234' }).main()
  expect(errorOf(main).code).toMatch(/^P12_(PASSWORD|MALFORMED)$/)
  expect(scene.emulator.requests).toEqual([])
})
