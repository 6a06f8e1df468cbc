import { X509Certificate } from 'node:crypto'
import { expect, jest, test } from '@jest/globals'
import { ActionError } from '../../../src/errors.ts'
import {
  certificatePem,
  describeCertificate,
  normalizeSerial,
  orderChain,
  parsePemCertificates,
} from '../../../src/x509/certificate.ts'
import { testCertificate, testChain, testKey } from '../../support/p12-certificates.ts'

const CN = '2.5.4.3'
const O = '2.5.4.10'
const C = '2.5.4.6'

test('describes a certificate in the forms that the outputs promise', () => {
  const facts = describeCertificate(
    testCertificate({
      key: testKey('p256'),
      subject: [
        [C, 'US'],
        [O, 'Example, Inc.'],
        [CN, 'Signing "Service"'],
      ],
      serial: 0x00_0a_bcn,
      notBefore: new Date('2026-01-02T03:04:05Z'),
      notAfter: new Date('2051-01-02T23:59:59Z'),
    }),
  )
  expect(facts).toEqual({
    serialNumber: 'ABC',
    publicKey: expect.stringMatching(/^MFkw/),
    fingerprintSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    subject: 'CN=Signing \\"Service\\",O=Example\\, Inc.,C=US',
    issuer: 'CN=Signing \\"Service\\",O=Example\\, Inc.,C=US',
    notBefore: new Date('2026-01-02T03:04:05Z'),
    notAfter: new Date('2051-01-02T23:59:59Z'),
  })
})

test.each([
  ['non-ASCII', [[CN, 'Lučić 署名']], 'CN=Lučić 署名'],
  ['a line break', [[CN, 'a\nO=forged']], 'CN=a\\0AO=forged'],
  ['spaces and a plus', [[CN, ' a + b ']], 'CN=\\ a \\+ b\\20'],
  [
    'a multi-valued RDN',
    [
      [O, 'x'],
      [
        [CN, 'a'],
        ['2.5.4.11', 'b'],
      ],
    ],
    'CN=a+OU=b,O=x',
  ],
  [
    'two CNs',
    [
      [CN, 'first'],
      [CN, 'last'],
    ],
    'CN=last,CN=first',
  ],
  [
    'an attribute without a name',
    [
      [CN, 'a'],
      ['1.2.3.4', 'b'],
    ],
    '1.2.3.4=b,CN=a',
  ],
  ['no CN', [[O, 'x']], 'O=x'],
  ['nothing', [], ''],
] as const)('reads a subject with %s', (_what, subject, text) => {
  const facts = describeCertificate(testCertificate({ key: testKey('p256'), subject: subject as never }))
  expect(facts.subject).toBe(text)
})

test.each([
  ['0x0A:bc', 'ABC'],
  ['00:0a:bc', 'ABC'],
  [' 0a bc\n', 'ABC'],
  ['6403F2A8B1234567890ABCDEF', '6403F2A8B1234567890ABCDEF'],
  ['0', '0'],
  ['000', '0'],
])('the serial number %j is %s', (text, serial) => {
  expect(normalizeSerial(text)).toBe(serial)
})

test('writes PEM and reads it back, also with text around it and with CRLF', () => {
  const { certificate, intermediate } = testChain('p256')
  const pem = `subject=x\n${certificatePem(certificate)}\nissuer\n${certificatePem(intermediate)}`
  for (const text of [pem, pem.replaceAll('\n', '\r\n')]) {
    const read = parsePemCertificates(text)
    expect(read.map(one => one.fingerprint256)).toEqual([
      certificate.fingerprint256,
      intermediate.fingerprint256,
    ])
  }
  expect(certificatePem(certificate)).toBe(certificate.toString())
  expect(parsePemCertificates('no certificate here')).toEqual([])
})

test.each([
  ['cut off', (pem: string) => pem.slice(0, -40)],
  ['changed', (pem: string) => pem.replace(/\n..../, '\nAAAA')],
  ['with foreign characters', (pem: string) => pem.replace(/\n..../, '\n!!!!')],
  ['empty', () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
])('refuses a PEM block that is %s', (_what, spoil) => {
  const spoilt = spoil(certificatePem(testChain('p256').certificate))
  expect(() => parsePemCertificates(spoilt)).toThrow(ActionError)
})

test('a chain goes from the issuer up, without the leaf and repetitions, and unrelated ones last', () => {
  const { certificate, intermediate, root } = testChain('p256')
  const stranger = testCertificate({ key: testKey('p256', 'stranger'), subject: [[CN, 'Stranger']] })
  const ordered = orderChain(certificate, [stranger, root, certificate, intermediate, root])
  expect(ordered.map(one => one.subject)).toEqual(['CN=Test Issuing CA', 'CN=Test Root', 'CN=Stranger'])
})

test('a certificate of the same name with another key is not an issuer', () => {
  const { certificate } = testChain('p256')
  const impostor = testCertificate({
    key: testKey('p256', 'impostor'),
    subject: [[CN, 'Test Issuing CA']],
    ca: true,
  })
  const stranger = testCertificate({ key: testKey('p256', 'stranger'), subject: [[CN, 'Stranger']] })
  expect(orderChain(certificate, [stranger, impostor])).toEqual([stranger, impostor])
})

test("a crowd of CAs with the issuer's name costs a hundred signature checks, not one each", () => {
  const { certificate, root } = testChain('p256')
  const key = testKey('p256', 'impostor')
  const crowd = Array.from({ length: 150 }, (_, serial) =>
    testCertificate({ key, subject: [[CN, 'Test Issuing CA']], ca: true, serial: BigInt(serial + 10) }),
  )
  const verify = jest.spyOn(X509Certificate.prototype, 'verify')
  expect(orderChain(certificate, [...crowd, root])).toEqual([...crowd, root])
  expect(verify).toHaveBeenCalledTimes(100)
  verify.mockRestore()
})
