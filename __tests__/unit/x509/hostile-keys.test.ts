import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { describeCertificate, readCertificate } from '../../../src/x509/certificate.ts'
import { checkPrivateKey } from '../../../src/x509/key-limits.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import {
  certificateText,
  GOOD_BAGS,
  goodSpki,
  HOSTILE_CERTIFICATES,
  HOSTILE_KEYS,
  nested,
  otherSpki,
  ownKey,
  rawKeyBag,
  unsigned,
} from '../../support/hostile-keys.ts'
import {
  certBag,
  keyBag,
  mac,
  pbes2,
  pfx,
  pkcs12Pbe,
  plainSafe,
  shroudedKeyBag,
} from '../../support/p12-builder.ts'
import { testCertificate, testChain, testKey } from '../../support/p12-certificates.ts'
import { nul, octet, oid, seq, set, tlv, utf8 } from '../../support/p12-der.ts'

const PASSWORD = 'correct horse'
const MAC = mac({ password: PASSWORD })
const PBES2 = pbes2({ password: Buffer.from(PASSWORD) })

async function refusal(file: Buffer): Promise<{ code: string; message: string; seconds: number }> {
  const { user, system } = process.cpuUsage()
  const error = await decodePkcs12(file, PASSWORD).then(
    () => ({ code: 'opened', message: '' }),
    (reason: unknown) => reason as { code: string; message: string },
  )
  const after = process.cpuUsage({ user, system })
  return { code: error.code, message: error.message, seconds: (after.user + after.system) / 1e6 }
}

test.each(HOSTILE_KEYS)(
  '%s: refused before OpenSSL sees it, wherever it is',
  async (_name, key, code, words) => {
    const places = [
      pfx([plainSafe(rawKeyBag(key))]),
      pfx([plainSafe(rawKeyBag(key), ...GOOD_BAGS)], MAC),
      pfx([plainSafe(...GOOD_BAGS, rawKeyBag(key))], MAC),
      pfx([plainSafe(...GOOD_BAGS, nested(rawKeyBag(key)))]),
      pfx([plainSafe(...GOOD_BAGS, shroudedKeyBag(key, PBES2))], MAC),
    ]
    for (const file of places) {
      const { message, seconds, ...error } = await refusal(file)
      expect(error.code).toBe(code)
      expect(message).toMatch(words)
      expect(seconds).toBeLessThan(1)
    }
  },
)

test.each(HOSTILE_CERTIFICATES)(
  'a certificate of %s: refused before OpenSSL sees it',
  async (_name, der, code, words) => {
    for (const bags of [
      [certBag(der)],
      [certBag(Buffer.from(certificateText(der)))],
      Array.from({ length: 3 }, () => certBag(der)),
    ]) {
      const { message, seconds, ...error } = await refusal(pfx([plainSafe(...GOOD_BAGS, ...bags)], MAC))
      expect(error.code).toBe(code)
      expect(message).toMatch(words)
      expect(seconds).toBeLessThan(1)
    }
  },
)

test('does not mistake PEM inside a certificate for it', () => {
  const [, hostile] = HOSTILE_CERTIFICATES.find(([name]) => name === 'RSA of 65,536 bits') ?? []
  const pem = `\n${certificateText(hostile as Buffer)}`
  const der = unsigned({ spki: goodSpki(), extensions: [seq(oid('1.2.3.4'), octet(Buffer.from(pem)))] })
  expect(readCertificate(der).raw).toEqual(der)
})

test('accepts keys that TLS presents', () => {
  const kinds = ['rsa', 'rsa-pss', 'p256', 'p384', 'p521', 'brainpool', 'ed25519'] as const
  const keys = [...kinds.map(kind => testKey(kind)), generateKeyPairSync('ed448').privateKey]
  for (const key of keys) {
    const der = key.export({ format: 'der', type: 'pkcs8' })
    expect(() => checkPrivateKey(der)).not.toThrow()
  }
  for (const kind of kinds.filter(name => name !== 'rsa-pss')) {
    const certificate = testCertificate({ key: testKey(kind) })
    expect(readCertificate(certificate.raw)).toBeInstanceOf(X509Certificate)
  }
})

test('hundreds of keys are refused, and many keys with many certificates cost little', async () => {
  const many = (count: number) => Array.from({ length: count }, () => rawKeyBag(ownKey()))
  expect(await refusal(pfx([plainSafe(...many(101), ...GOOD_BAGS)], MAC))).toMatchObject({
    code: 'P12_LIMIT',
  })
  const others = Array.from({ length: 800 }, () => certBag(unsigned({ spki: otherSpki() })))
  const { code, seconds } = await refusal(pfx([plainSafe(...many(99), ...others, ...GOOD_BAGS)], MAC))
  expect(code).toBe('opened')
  expect(seconds).toBeLessThan(5)
})

// --- text ----------------------------------------------------------------------------------------------------------

const HUGE_OID = tlv(0x06, Buffer.alloc(900_000, 0x81).fill(1, 899_999))
const HUGE_OID_OF_MANY = tlv(0x06, Buffer.alloc(900_000, 1))

test.each([
  [
    'of the MAC',
    (huge: Buffer) => pfx([], () => seq(seq(seq(huge), octet(Buffer.alloc(20))), octet(Buffer.alloc(8)))),
  ],
  [
    'of a key',
    (huge: Buffer) =>
      pfx(
        [
          plainSafe(
            rawKeyBag(seq(tlv(2, Buffer.from([0])), seq(huge), octet(Buffer.alloc(4)))),
            ...GOOD_BAGS,
          ),
        ],
        MAC,
      ),
  ],
  [
    'of an encryption',
    (huge: Buffer) =>
      pfx(
        [
          plainSafe(
            shroudedKeyBag(ownKey(), () => ({ algorithm: seq(huge, nul()), ciphertext: Buffer.alloc(8) })),
          ),
        ],
        MAC,
      ),
  ],
])('cuts an OID of 900 kB %s where it is read', async (_where, build) => {
  for (const huge of [HUGE_OID, HUGE_OID_OF_MANY]) {
    const { code, message, seconds } = await refusal(build(huge))
    expect(code).toBe('P12_UNSUPPORTED')
    expect(message).toContain('…')
    expect(message.length).toBeLessThan(300)
    expect(seconds).toBeLessThan(1)
  }
})

test('cuts subject, issuer, serial number and friendlyName where they are read', async () => {
  const subject = seq(set(seq(oid('2.5.4.3'), utf8('A'.repeat(100_000)))))
  const der = unsigned({ spki: goodSpki(), subject })
  const facts = describeCertificate(readCertificate(der))
  for (const text of [facts.subject, facts.issuer]) {
    expect(text).toMatch(/^CN=A+…$/)
    expect(text.length).toBe(1000)
  }
  const file = pfx(
    [plainSafe(keyBag(testChain('rsa').key), certBag(der, { friendlyName: 'Z'.repeat(100_000) }))],
    MAC,
  )
  expect((await decodePkcs12(file, PASSWORD)).friendlyName?.length).toBe(1000)
  const long = testCertificate({ key: testKey('rsa'), serial: 2n ** 16_000n })
  expect(describeCertificate(long).serialNumber.length).toBe(1000)
})

// --- what derivations may cost, whatever is tried ------------------------------------------------------------------

test('no password, however many forms it has, makes a file cost more than the limit', async () => {
  const algorithm = seq(
    oid('1.2.840.113549.1.5.10'),
    seq(octet(Buffer.alloc(8, 1)), tlv(0x02, Buffer.from('07a120', 'hex'))), // 500,000
  )
  const closed = () => ({ algorithm, ciphertext: Buffer.alloc(24, 3) })
  const file = pfx([plainSafe(...Array.from({ length: 16 }, () => shroudedKeyBag(ownKey(), closed)))])
  const before = process.cpuUsage()
  await expect(decodePkcs12(file, 'sa\u0308cret\u2003\n')).rejects.toMatchObject({
    code: 'P12_PASSWORD',
    message: expect.stringContaining('too much work to try it in more encodings'),
  })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(10)
}, 60_000)

test('RC2 over a large part takes linear time', async () => {
  const zeros = pfx([plainSafe(shroudedKeyBag(Buffer.alloc(400_000), pkcs12Pbe(PASSWORD, 'rc2-40')))])
  const { code, seconds } = await refusal(zeros)
  expect(code).toBe('P12_PASSWORD')
  expect(seconds).toBeLessThan(3)
}, 120_000)
