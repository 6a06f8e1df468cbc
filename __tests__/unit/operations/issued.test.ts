import { createPublicKey, type X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { readIssued } from '../../../src/operations/issued.ts'
import { certificatePem } from '../../../src/x509/certificate.ts'
import { record } from '../../support/fake-digicert.ts'
import { HOSTILE_CERTIFICATES } from '../../support/hostile-keys.ts'
import { type KeyKind, type Name, testCertificate, testKey } from '../../support/p12-certificates.ts'

const name = (text: string): Name => [['2.5.4.3', text]]
const ROOT = { key: testKey('p256', 'root'), subject: name('Root') }
const ISSUING = { key: testKey('rsa', 'issuing'), subject: name('Issuing') }
const key = testKey('rsa')
const root = testCertificate({ ...ROOT, ca: true })
const issuing = testCertificate({ ...ISSUING, issuer: ROOT, ca: true })
const leaf = testCertificate({ key, issuer: ISSUING })

const pem = (...held: X509Certificate[]) => held.map(certificatePem).join('')
const crlf = (...held: X509Certificate[]) => pem(...held).replaceAll('\n', '\r\n')
const base64 = (...held: X509Certificate[]) => held.map(({ raw }) => raw.toString('base64')).join('\n')
const wrapped = (...held: X509Certificate[]) => pem(...held).replace(/-----[^-]+-----\n/g, '')
const joined = (...held: X509Certificate[]) => Buffer.concat(held.map(({ raw }) => raw)).toString('base64')
const commented = (...held: X509Certificate[]) =>
  held.map(one => `subject=${one.subject}\n${certificatePem(one)}`).join('\n')

const FORMS = { pem, crlf, base64, wrapped, joined, commented }
const HELD: [string, X509Certificate[], X509Certificate[]][] = [
  ['the certificate, and its issuers next to it', [leaf], [issuing, root]],
  ['the certificate and its issuers in one', [leaf, issuing, root], []],
  ['its issuer before it', [issuing, leaf], [root]],
  ['all of them, the root first', [root, issuing, leaf], [issuing, root]],
  ['the certificate twice', [leaf, leaf], [issuing, root]],
]

test.each(
  HELD.flatMap(([name, ...held]) =>
    Object.entries(FORMS).map(([form, write]) => [name, form, write, ...held] as const),
  ),
)('%s, as %s', (_name, _form, write, x509, ca) => {
  const answer = record('a', { certificate: write(...x509), caCertificates: write(...ca) })
  const { certificate, chain } = readIssued(answer, key)
  expect(certificate.fingerprint256).toBe(leaf.fingerprint256)
  expect(chain.map(({ subject }) => subject)).toEqual(['CN=Issuing', 'CN=Root'])
})

test('base64 padding never cuts it short, whatever its length', () => {
  const lengths = new Set<number>()
  for (let length = 1; length <= 3; length++) {
    const padded = testCertificate({ key: ISSUING.key, subject: name('x'.repeat(length)), ca: true })
    lengths.add(base64(padded).replace(/[^=]/g, '').length)
    const answer = record('a', { certificate: base64(padded, leaf), caCertificates: '' })
    expect(readIssued(answer, key).certificate.fingerprint256).toBe(leaf.fingerprint256)
  }
  expect(lengths).toEqual(new Set([0, 1, 2]))
})

test.each<KeyKind>(['rsa', 'p256', 'ed25519'])('certificates of %s keys, none of them ours', kind => {
  const foreign = testCertificate({ key: testKey(kind, 'foreign') })
  expect(createPublicKey(key).equals(foreign.publicKey)).toBe(false)
  expect(() => readIssued(record('a', { certificate: pem(foreign) }), key)).toThrow(
    expect.objectContaining({
      code: 'CERT_KEY_MISMATCH',
      message: 'The server issued a certificate for a different key than the one this step generated.',
    }),
  )
})

test.each([
  ['', 'no certificate in x509_cert'],
  [' \r\n', 'no certificate in x509_cert'],
  ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'cannot be read'],
  [pem(leaf).slice(0, 200), 'cannot be read'],
  [base64(leaf).slice(0, 200), 'cannot be read'],
  [`${base64(leaf)}AAAA`, 'cannot be read'],
  ['certificate', 'cannot be read'],
])('x509_cert %j: RESPONSE_INVALID', (certificate, words) => {
  expect(() => readIssued(record('a', { certificate, caCertificates: pem(issuing) }), key)).toThrow(
    expect.objectContaining({ code: 'RESPONSE_INVALID', message: expect.stringContaining(words) }),
  )
})

test.each(HOSTILE_CERTIFICATES)('a server that sends a certificate of %s', (_name, der, _code, words) => {
  const answer = record('a', { certificate: pem(leaf), caCertificates: der.toString('base64') })
  expect(() => readIssued(answer, key)).toThrow(
    expect.objectContaining({ code: 'RESPONSE_INVALID', message: expect.stringMatching(words) }),
  )
})
