import { createPrivateKey, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { writeKeyStore, writeTrustStore } from '../../emulator/pkcs12.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { cleanUpScratch, fingerprints, runOk, scratchFile, toolTest } from '../support/p12-tools.ts'

const PASSWORD = 'pässword'
let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ intermediate: true })
})
afterAll(() => emulator.close())
cleanUpScratch()

async function keyStore() {
  const { privateKeyPem = '', ...minted } = await emulator.mint({ keyType: 'ec-p256' })
  const der = await writeKeyStore({ ...minted, privateKeyPem, friendlyName: 'Émulateur' }, PASSWORD)
  return { der, privateKeyPem, ...minted }
}

test('the action reads key, certificate, chain and friendly name', async () => {
  const { der, privateKeyPem, certificatePem, chainPem } = await keyStore()
  const decoded = await decodePkcs12(der, PASSWORD)
  expect(decoded.privateKey.equals(createPrivateKey(privateKeyPem))).toBe(true)
  expect(decoded.certificate.raw).toEqual(new X509Certificate(certificatePem).raw)
  expect(decoded.chain.map(({ raw }) => raw)).toEqual(chainPem.map(pem => new X509Certificate(pem).raw))
  expect(decoded.friendlyName).toBe('Émulateur')
})

toolTest(['openssl'], 'OpenSSL 3 reads it without -legacy', async () => {
  const { der, certificatePem, chainPem } = await keyStore()
  const file = scratchFile('emulator.p12', der)
  const pem = await runOk('openssl', ['pkcs12', '-in', file, '-nokeys', '-passin', `pass:${PASSWORD}`])
  expect(fingerprints(pem)).toEqual(fingerprints([certificatePem, ...chainPem].join('')))
})

toolTest(['keytool'], 'Java accepts every certificate in a trust store as a trust anchor', async () => {
  const certificates = [emulator.caPem, emulator.clientCaPem]
  const file = scratchFile('trust.p12', await writeTrustStore(certificates, 'changeit'))
  const listed = await runOk('keytool', ['-list', '-keystore', file, '-storepass', 'changeit'])
  expect(listed.match(/trustedCertEntry/g)).toHaveLength(2)
  for (const fingerprint of fingerprints(certificates.join(''))) expect(listed).toContain(fingerprint)
})
