import { expect, test } from '@jest/globals'
import { ActionError } from '../../../src/errors.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import {
  bag,
  certBag,
  dataContent,
  encryptedSafe,
  keyBag,
  mac,
  macData,
  pbes2,
  pbes2Algorithm,
  pbkdf2Algorithm,
  pbmac1,
  pfx,
  pkcs12Pbe,
  plainSafe,
  safeContentsBag,
  shroudedKeyBag,
} from '../../support/p12-builder.ts'
import { testChain, testKey } from '../../support/p12-certificates.ts'
import { explicit, indefinite, int, nul, octet, oid, seq, tlv } from '../../support/p12-der.ts'

const PASSWORD = 'correct horse'
const { key, certificate, intermediate } = testChain('rsa')
const MAC = mac({ password: PASSWORD })
const PBES2 = pbes2({ password: Buffer.from(PASSWORD) })
const GOOD = pfx([encryptedSafe(PBES2, certBag(certificate)), plainSafe(shroudedKeyBag(key, PBES2))], MAC)

async function refusal(file: Buffer, password = PASSWORD): Promise<ActionError> {
  const error = await decodePkcs12(file, password).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ActionError)) throw new Error(`not an ActionError: ${error}`)
  expect(error.why).not.toBe('')
  expect(error.fix).not.toBe('')
  expect(`${error.message} ${error.why} ${error.fix}`).not.toContain(PASSWORD)
  return error
}

// --- the password ----------------------------------------------------------------------------------------------

test('a wrong password: both causes, what to try, and no trace of the password', async () => {
  const error = await refusal(GOOD, 'hunter2hunter2')
  expect(error.code).toBe('P12_PASSWORD')
  expect(error.message).toBe('Could not open the P12: the password is wrong or the file is damaged.')
  expect(error.why).toContain('another P12')
  expect(error.fix).toContain('openssl pkcs12 -info')
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2')
})

test('says when a password is missing', async () => {
  expect((await refusal(GOOD, '')).message).toContain('no password was given')
})

test('a wrong password without a MAC to check, whichever encryption', async () => {
  for (const protection of [PBES2, pkcs12Pbe(PASSWORD, '3des'), pkcs12Pbe(PASSWORD, 'rc2-40')]) {
    const encrypted = pfx([encryptedSafe(protection, certBag(certificate), keyBag(key))])
    expect((await refusal(encrypted, 'wrong')).code).toBe('P12_PASSWORD')
    const keyOnly = pfx([plainSafe(certBag(certificate), shroudedKeyBag(key, protection))])
    expect((await refusal(keyOnly, 'wrong')).code).toBe('P12_PASSWORD')
  }
})

test('a key with a password of its own', async () => {
  const own = pbes2({ password: Buffer.from('another') })
  const error = await refusal(
    pfx([encryptedSafe(PBES2, certBag(certificate)), plainSafe(shroudedKeyBag(key, own))], MAC),
  )
  expect(error.code).toBe('P12_PASSWORD')
  expect(error.why).toContain('password of its own')
})

test('a changed byte anywhere under the MAC looks like a wrong password', async () => {
  const file = Buffer.from(GOOD)
  const at = 400
  file.writeUInt8(file.readUInt8(at) ^ 1, at)
  const error = await refusal(file)
  expect(error.code).toBe('P12_PASSWORD')
  expect(error.message).toContain('or the file is damaged')
})

// --- what is missing -------------------------------------------------------------------------------------------

test('certificates without a key', async () => {
  expect((await refusal(pfx([encryptedSafe(PBES2, certBag(certificate))], MAC))).code).toBe('P12_NO_KEY')
  expect((await refusal(pfx([], MAC))).code).toBe('P12_NO_KEY')
})

test('a key without certificates', async () => {
  expect((await refusal(pfx([plainSafe(shroudedKeyBag(key, PBES2))], MAC))).code).toBe('P12_NO_CERTIFICATE')
})

test("a key whose certificate is another key's, or only the CA", async () => {
  const other = testKey('rsa', 'other')
  expect((await refusal(pfx([plainSafe(keyBag(other), certBag(certificate))], MAC))).code).toBe(
    'P12_KEY_MISMATCH',
  )
  expect((await refusal(pfx([plainSafe(keyBag(key), certBag(intermediate))], MAC))).code).toBe(
    'P12_KEY_MISMATCH',
  )
  const ec = testKey('p256')
  expect((await refusal(pfx([plainSafe(keyBag(ec), certBag(certificate))], MAC))).code).toBe(
    'P12_KEY_MISMATCH',
  )
})

// --- what is not supported -------------------------------------------------------------------------------------

const DATA = '1.2.840.113549.1.7.1'

const PKCS1 = key.export({ format: 'der', type: 'pkcs1' })
const OTHER_FORMS: [string, Buffer][] = [
  ['PKCS#1', PKCS1],
  ['SEC 1', testKey('p256').export({ format: 'der', type: 'sec1' })],
  ['PEM', Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }))],
  [
    'encrypted PKCS#8',
    key.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'another' }),
  ],
]
const keyFile = (keyBag: Buffer): Buffer => pfx([plainSafe(keyBag, certBag(certificate))], MAC)

/** An encrypted safe that claims `algorithm`. */
function claimed(algorithm: Buffer): Buffer {
  const info = seq(oid(DATA), algorithm, tlv(0x80, Buffer.alloc(64)))
  return pfx([seq(oid('1.2.840.113549.1.7.6'), explicit(0, seq(int(0), info)))], MAC)
}

const IV = octet(Buffer.alloc(16))
const AES = seq(oid('2.16.840.1.101.3.4.1.42'), IV)
const SCRYPT = '1.3.6.1.4.1.11591.4.11'
const scrypt = (...numbers: number[]) => seq(oid(SCRYPT), seq(octet(Buffer.alloc(8)), ...numbers.map(int)))

test.each([
  [
    'public-key integrity',
    seq(int(3), seq(oid('1.2.840.113549.1.7.2'), explicit(0, seq()))),
    'public-key integrity',
  ],
  [
    'public-key privacy',
    pfx([seq(oid('1.2.840.113549.1.7.3'), explicit(0, seq()))], MAC),
    'public-key privacy',
  ],
  ['an unknown encryption', claimed(seq(oid('1.2.643.7.1.1.5.1'), seq())), '1.2.643.7.1.1.5.1'],
  [
    'an unknown cipher',
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha256'), seq(oid('1.2.643.2.2.21'), IV))),
    '1.2.643.2.2.21',
  ],
  ...[1, 21, 41].map((last, size): [string, Buffer, string] => [
    `AES-${128 + 64 * size} in ECB, which has no parameters`,
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha1'), seq(oid(`2.16.840.1.101.3.4.1.${last}`)))),
    `AES-${128 + 64 * size}-ECB`,
  ]),
  [
    'Camellia in ECB',
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha1'), seq(oid('0.3.4401.5.3.1.9.41'), nul()))),
    'Camellia-256-ECB',
  ],
  ['MD2 and DES', claimed(seq(oid('1.2.840.113549.1.5.1'), seq())), 'pbeWithMD2AndDES-CBC'],
  [
    'a key length that AES does not have',
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha256', 31), AES)),
    'AES-256-CBC with a key of 31 bytes',
  ],
  [
    'a key length that 3DES does not have',
    claimed(
      pbes2Algorithm(pbkdf2Algorithm(1, 'sha1', 16), seq(oid('1.2.840.113549.3.7'), octet(Buffer.alloc(8)))),
    ),
    '3DES-CBC with a key of 16 bytes',
  ],
  ['PFX version 0', pfx([], MAC, 0), 'version 0 of the PFX format'],
  ['PFX version 1', pfx([], MAC, 1), 'version 1 of the PFX format'],
  ['PFX version 4', pfx([], MAC, 4), 'version 4 of the PFX format'],
  ...OTHER_FORMS.flatMap(([form, bytes]): [string, Buffer, string][] => [
    [`a ${form} key, encrypted`, keyFile(shroudedKeyBag(bytes, PBES2)), `in the ${form} format`],
    [
      `a ${form} key, in 3DES`,
      keyFile(shroudedKeyBag(bytes, pkcs12Pbe(PASSWORD, '3des'))),
      `in the ${form} format`,
    ],
  ]),
  ['a bare PKCS#1 key', keyFile(bag('1.2.840.113549.1.12.10.1.1', PKCS1)), 'in the PKCS#1 format'],
  ['an unknown derivation', claimed(pbes2Algorithm(seq(oid('1.2.3.4'), seq()), AES)), '1.2.3.4'],
  [
    'an unknown PRF',
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, '1.2.643.7.1.1.4.1'), AES)),
    '1.2.643.7.1.1.4.1',
  ],
  [
    'a salt from elsewhere',
    claimed(pbes2Algorithm(seq(oid('1.2.840.113549.1.5.12'), seq(seq(oid('1.2.3')), int(1))), AES)),
    'a salt from elsewhere',
  ],
  [
    'an unknown MAC digest',
    pfx([], () => macData(seq(oid('1.2.643.7.1.1.2.2'), nul()), Buffer.alloc(32), 1)),
    '1.2.643.7.1.1.2.2',
  ],
  [
    'a key of an unknown kind',
    pfx(
      [
        plainSafe(
          shroudedKeyBag(seq(int(0), seq(oid('1.2.3.4')), octet(Buffer.alloc(8))), PBES2),
          certBag(certificate),
        ),
      ],
      MAC,
    ),
    'a private key of a kind',
  ],
])('names %s', async (_what, file, words) => {
  const error = await refusal(file)
  expect(error.code).toBe('P12_UNSUPPORTED')
  expect(error.message).toContain(words)
})

// --- what is too much ------------------------------------------------------------------------------------------

const MOST = 2 ** 31 - 1
const HUGE = 2n ** 256n

const macOf = (iterations: number | bigint) =>
  pfx([], () => macData(seq(oid('1.3.14.3.2.26'), nul()), Buffer.alloc(20), iterations))
const pbeOf = (iterations: number | bigint) =>
  claimed(seq(oid('1.2.840.113549.1.12.1.3'), seq(octet(Buffer.alloc(8)), int(iterations))))
const pbkdf2Of = (iterations: number | bigint) =>
  claimed(pbes2Algorithm(pbkdf2Algorithm(iterations, 'sha256'), AES))

test.each([
  ['2^31-1 MAC iterations', macOf(MOST)],
  ['2^256 MAC iterations', macOf(HUGE)],
  ['2,000,001 MAC iterations', macOf(2_000_001)],
  ['2^31-1 iterations of a PKCS#12 scheme', pbeOf(MOST)],
  ['2^31-1 iterations of PBKDF2', pbkdf2Of(MOST)],
  ['2^256 iterations of PBKDF2', pbkdf2Of(HUGE)],
  ['scrypt with 1 GiB', claimed(pbes2Algorithm(scrypt(2 ** 20, 8, 1), AES))],
  ['scrypt with a huge block', claimed(pbes2Algorithm(scrypt(2, 2 ** 30, 1), AES))],
  ['scrypt with many passes', claimed(pbes2Algorithm(scrypt(2 ** 14, 8, 1000), AES))],
  [
    'a salt of 100 kB',
    claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha256', undefined, Buffer.alloc(100_000)), AES)),
  ],
  [
    'many derivations that add up',
    pfx([plainSafe(...Array.from({ length: 20 }, () => shroudedKeyBagOf(1_000_000)))], MAC),
  ],
  ['more than 1 MiB', Buffer.concat([GOOD, Buffer.alloc(1024 * 1024)])],
  ['thousands of entries', pfx([plainSafe(...Array.from({ length: 2000 }, () => tinyBag()))], MAC)],
  ['entries nested deeply', pfx([plainSafe(nestBags(10))], MAC)],
])('%s: refused at once', async (_what, file) => {
  const start = performance.now()
  expect((await refusal(file)).code).toBe('P12_LIMIT')
  expect(performance.now() - start).toBeLessThan(500)
})

test('refuses work that hides in an encrypted part too, however many iterations the MAC has', async () => {
  const hidden = encryptedSafe(pkcs12Pbe(PASSWORD, '3des', 1), shroudedKeyBagOf(MOST), certBag(certificate))
  const file = pfx([hidden], mac({ password: PASSWORD, iterations: 150_000 }))
  expect((await refusal(file)).code).toBe('P12_LIMIT')
})

function shroudedKeyBagOf(iterations: number): Buffer {
  const algorithm = pbes2Algorithm(pbkdf2Algorithm(iterations, 'sha256'), AES)
  return shroudedKeyBag(key, () => ({ algorithm, ciphertext: Buffer.alloc(16) }))
}

function tinyBag(): Buffer {
  return seq(oid('1.2.3'), explicit(0, nul()))
}

function nestBags(depth: number): Buffer {
  return depth === 0 ? tinyBag() : safeContentsBag(nestBags(depth - 1))
}

// --- what is damaged -------------------------------------------------------------------------------------------

test('a leaf that OpenSSL cannot read: not "no certificate", and not "of another key"', async () => {
  const cut = certBag(certificate.raw.subarray(0, -20))
  for (const bags of [
    [keyBag(key), cut],
    [keyBag(key), cut, certBag(intermediate)],
  ]) {
    const error = await refusal(pfx([plainSafe(...bags)], MAC))
    expect(error.code).toBe('P12_MALFORMED')
    expect(error.message).toContain('a certificate in it cannot be read')
  }
})

function nestSequences(depth: number): Buffer {
  let der = seq()
  for (let level = 0; level < depth; level++) der = seq(der)
  return der
}

test.each([
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from([0x30])],
  ['text', Buffer.from('not a P12')],
  ['zeros', Buffer.alloc(1000)],
  ['a certificate', certificate.raw],
  ['an empty sequence', seq()],
  ['a length beyond the end', Buffer.from('3084ffffffff020103', 'hex')],
  ['a length of many bytes', Buffer.from('30ff020103', 'hex')],
  ['no end of contents', indefinite(0x30, int(3)).subarray(0, -2)],
  ['sequences ten thousand deep', nestSequences(10_000)],
  ['sequences ten thousand deep, inside', seq(int(3), dataContent(nestSequences(10_000)))],
  ['content of an unknown type', seq(int(3), seq(oid('1.2.3'), explicit(0, octet(seq()))))],
  ['content without content', seq(int(3), seq(oid(DATA)))],
  [
    'a MAC without a salt',
    seq(int(3), dataContent(seq()), seq(seq(seq(oid('1.3.14.3.2.26')), octet(Buffer.alloc(20))))),
  ],
  ['scrypt with N = 3', claimed(pbes2Algorithm(scrypt(3, 8, 1), AES))],
  ['scrypt with r = 0', claimed(pbes2Algorithm(scrypt(4, 0, 1), AES))],
  ['a key length of zero', claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha256', 0), AES))],
  ['a huge key length', claimed(pbes2Algorithm(pbkdf2Algorithm(1, 'sha256', 2 ** 31), AES))],
  [
    'an IV of the wrong length',
    claimed(
      pbes2Algorithm(
        pbkdf2Algorithm(1, 'sha256'),
        seq(oid('2.16.840.1.101.3.4.1.42'), octet(Buffer.alloc(8))),
      ),
    ),
  ],
  ['PBMAC1 without a key length', pfx([], pbmac1(Buffer.from(PASSWORD), 'sha256', 'none'))],
  ['PBMAC1 with a key of one byte', pfx([], pbmac1(Buffer.from(PASSWORD), 'sha256', 1))],
  ['a certificate that is none', pfx([plainSafe(keyBag(key), certBag(seq(int(1))))], MAC)],
])('calls %s damaged', async (_what, file) => {
  expect((await refusal(file)).code).toBe('P12_MALFORMED')
})

test('a truncated file says where it ends', async () => {
  const error = await refusal(GOOD.subarray(0, 1000))
  expect(error.code).toBe('P12_MALFORMED')
  expect(error.message).toBe(`The P12 is damaged: it is cut off after 1000 of ${GOOD.length} bytes.`)
})

test('a cut at any place is called damaged', async () => {
  for (let length = 0; length < GOOD.length; length += 37) {
    expect((await refusal(GOOD.subarray(0, length))).code).toBe('P12_MALFORMED')
  }
})
