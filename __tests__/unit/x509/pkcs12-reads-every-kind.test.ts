import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { bmpForms, byteForms } from '../../../src/x509/pkcs12/password.ts'
import { readP12Text } from '../../../src/x509/pkcs12/text.ts'
import { decodePkcs12, type Pkcs12, type Reader } from '../../../src/x509/pkcs12.ts'
import {
  type Attributes,
  bag,
  certBag,
  crlBag,
  encryptedSafe,
  keyBag,
  type MacMaker,
  mac,
  type Protection,
  pbes1,
  pbes2,
  pbes2Rc2,
  pbes2Scrypt,
  pbmac1,
  pfx,
  pkcs8,
  pkcs12Pbe,
  plainSafe,
  safeContentsBag,
  secretBag,
  shroudedKeyBag,
} from '../../support/p12-builder.ts'
import {
  extendedKeyUsage,
  type KeyKind,
  type Name,
  testCertificate,
  testChain,
  testKey,
} from '../../support/p12-certificates.ts'
import {
  bits,
  bmp,
  chopped,
  explicit,
  indefinite,
  int,
  octet,
  oid,
  seq,
  set,
  tlv,
} from '../../support/p12-der.ts'
import { PUBLIC_VECTORS } from '../../support/p12-public-vectors.ts'

const PASSWORD = 'correct horse'
const UTF8 = Buffer.from(PASSWORD)
const { key, certificate, intermediate, root } = testChain('rsa')

/** The usual layout: certificates in one safe, the key in the other. */
function build(protection: Protection, makeMac?: MacMaker, attributes?: Attributes): Buffer {
  return pfx(
    [
      encryptedSafe(protection, certBag(certificate, attributes)),
      plainSafe(shroudedKeyBag(key, protection, attributes)),
    ],
    makeMac,
  )
}

function expectPair(
  opened: Pkcs12,
  expectedKey: KeyObject = key,
  fingerprint = certificate.fingerprint256,
): void {
  expect(opened.certificate.fingerprint256).toBe(fingerprint)
  expect(createPublicKey(opened.privateKey).equals(createPublicKey(expectedKey))).toBe(true)
}

const MAC = mac({ password: PASSWORD })

// --- protections -----------------------------------------------------------------------------------------------

/** What stops this reader. */
function obstacles({ portability }: Pkcs12, reader: Reader): string[] {
  const all = [...portability.mendable, ...portability.lasting]
  return all.filter(({ readers }) => readers.includes(reader)).map(({ what }) => what)
}

const LEGACY = /RC2|RC4|DES/

test.each([
  ['3des', true],
  ['2des', true],
  ['rc2-128', false],
  ['rc2-40', false],
] as const)('PKCS#12 encryption with %s', async (cipher, openssl3) => {
  const opened = await decodePkcs12(build(pkcs12Pbe(PASSWORD, cipher), MAC), PASSWORD)
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(openssl3)
  expect(obstacles(opened, 'openssl3')).toEqual(openssl3 ? [] : [expect.stringMatching(LEGACY)])
})

test.each(['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des-ede3-cbc', 'camellia-256-cbc'])(
  'PBES2 with %s',
  async cipher => {
    const opened = await decodePkcs12(build(pbes2({ password: UTF8, cipher }), MAC), PASSWORD)
    expectPair(opened)
    expect(obstacles(opened, 'openssl3')).toEqual([])
    expect(opened.portability.openssl3).toBe(true)
  },
)

test.each([40, 64, 128] as const)('PBES2 with RC2 of %i bits', async bits => {
  const opened = await decodePkcs12(build(pbes2Rc2(UTF8, bits), MAC), PASSWORD)
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toEqual([expect.stringMatching(LEGACY)])
})

test.each(['md5-des', 'sha1-des', 'md5-rc2', 'sha1-rc2'])('PBES1 with %s', async scheme => {
  const opened = await decodePkcs12(build(pbes1(UTF8, scheme), MAC), PASSWORD)
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toEqual([expect.stringMatching(LEGACY)])
})

test.each(['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256'])(
  'PBES2 with PBKDF2-HMAC-%s, key length given or not',
  async prf => {
    for (const keyLength of [true, false]) {
      expectPair(await decodePkcs12(build(pbes2({ password: UTF8, prf, keyLength }), MAC), PASSWORD))
    }
  },
)

test('PBES2 with scrypt, which OpenSSL accepts as long as it needs little memory', async () => {
  const little = await decodePkcs12(build(pbes2Scrypt(UTF8, 1024), MAC), PASSWORD)
  expectPair(little)
  expect(little.portability.openssl3).toBe(true)
  const much = await decodePkcs12(build(pbes2Scrypt(UTF8, 65536), MAC), PASSWORD)
  expectPair(much)
  expect(much.portability.openssl3).toBe(false)
})

test.each(['md5', 'sha1', 'sha256', 'sha384', 'sha512'])('a MAC with %s', async digest => {
  const opened = await decodePkcs12(
    build(pbes2({ password: UTF8 }), mac({ password: PASSWORD, digest })),
    PASSWORD,
  )
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(true)
  expect(opened.algorithms).toContain(`integrity: MAC ${digest}, 10 iterations`)
})

test('a MAC without an iteration count has one iteration', async () => {
  const file = build(pbes2({ password: UTF8 }), mac({ password: PASSWORD, omitIterations: true }))
  expectPair(await decodePkcs12(file, PASSWORD))
})

test.each([
  ['sha256', 32],
  ['sha512', 64],
  ['sha1', 20],
])('PBMAC1 with HMAC-%s, which OpenSSL 3.0 does not know', async (digest, keyLength) => {
  const opened = await decodePkcs12(
    build(pbes2({ password: UTF8 }), pbmac1(UTF8, digest, keyLength)),
    PASSWORD,
  )
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toEqual(['PBMAC1'])
  expect(obstacles(opened, 'go')).toEqual([])
})

test('no MAC, which curl refuses', async () => {
  const opened = await decodePkcs12(build(pbes2({ password: UTF8 })), PASSWORD)
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toEqual(['no MAC'])
  expect(obstacles(opened, 'go')).toEqual(['no MAC'])
})

test('nothing encrypted, only a MAC; or not even that', async () => {
  const safe = plainSafe(keyBag(key), certBag(certificate))
  expectPair(await decodePkcs12(pfx([safe], MAC), PASSWORD))
  expectPair(await decodePkcs12(pfx([safe]), ''))
})

test('600,000 iterations, as NSS and GnuTLS write, do not take a second per derivation', async () => {
  const protection = pbes2({ password: UTF8, iterations: 600_000 })
  const opened = await decodePkcs12(
    build(protection, mac({ password: PASSWORD, digest: 'sha1', iterations: 120_000 })),
    PASSWORD,
  )
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(true)
})

test('checks many MAC iterations even where OpenSSL cannot read the rest', async () => {
  const file = build(pkcs12Pbe(PASSWORD, 'rc2-40'), mac({ password: PASSWORD, iterations: 120_000 }))
  expectPair(await decodePkcs12(file, PASSWORD))
  await expect(decodePkcs12(file, 'wrong')).rejects.toMatchObject({ code: 'P12_PASSWORD' })
})

// --- passwords -------------------------------------------------------------------------------------------------

const ACCENTS = 'pässwörd'
const GREEK = 'σύνθημα 🔑'

test.each([ACCENTS, GREEK])(
  'the password %s as OpenSSL takes it: UTF-8 in PBES2, BMPString in the MAC',
  async password => {
    const file = build(pbes2({ password: Buffer.from(password) }), mac({ password }))
    const opened = await decodePkcs12(file, password)
    expectPair(opened)
    expect(opened.portability.openssl3).toBe(true)
  },
)

test.each([
  [
    'node-forge: a byte for each character',
    pbes2({ password: Buffer.from(ACCENTS, 'latin1') }),
    mac({ password: ACCENTS }),
  ],
  [
    'old NSS: the BMPString in PBES2',
    pbes2({ password: Buffer.from(`${ACCENTS}\0`, 'utf16le').swap16() }),
    mac({ password: ACCENTS }),
  ],
  [
    'OpenSSL 1.0: each byte of UTF-8 widened',
    pkcs12Pbe(Buffer.from(ACCENTS).toString('latin1'), '3des'),
    mac({ password: Buffer.from(ACCENTS).toString('latin1') }),
  ],
])('a non-ASCII password as written by %s', async (_writer, protection, makeMac) => {
  const opened = await decodePkcs12(build(protection, makeMac), ACCENTS)
  expectPair(opened)
  expect(opened.password).toBe(ACCENTS)
  expect(obstacles(opened, 'openssl3')).toEqual(['the password in an unusual encoding'])
})

describe.each([
  ['accents as letters of their own', 'pa\u0308sswo\u0308rd', 'pässwörd'],
  ['a space of another kind', 'pä\u00a0ss', 'pä ss'],
  ['both, and a character beyond the BMP', 'o\u0308\u3000\u{1f511}', 'ö \u{1f511}'],
])('a password that GnuTLS normalizes: %s', (_what, password, normalized) => {
  // It encrypts under the normalized text, and computes the MAC under the text as is, cut to that length.
  const makeMac = mac({ password: password.slice(0, normalized.length) })

  test.each([
    ['in PBES2', pbes2({ password: Buffer.from(normalized) })],
    ['in 3DES', pkcs12Pbe(normalized, '3des')],
  ])('%s', async (_how, protection) => {
    const opened = await decodePkcs12(build(protection, makeMac), password)
    expectPair(opened)
    expect(opened.password).toBe(password)
  })
})

test.each([ACCENTS, GREEK])('the password %s in 3DES', async password => {
  const opened = await decodePkcs12(build(pkcs12Pbe(password, '3des'), mac({ password })), password)
  expectPair(opened)
  expect(opened.password).toBe(password)
})

test('the BMPString in PBES2 for an ASCII password too', async () => {
  const file = build(pbes2({ password: Buffer.from(`${PASSWORD}\0`, 'utf16le').swap16() }), MAC)
  const opened = await decodePkcs12(file, PASSWORD)
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(false)
})

test.each([
  ['two zero bytes', '', ''],
  ['none at all', null, null],
])('an empty password as %s', async (_what, forMac, forKey) => {
  const opened = await decodePkcs12(build(pkcs12Pbe(forKey, '3des'), mac({ password: forMac })), '')
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(true)
})

test('an empty password in both encodings, which OpenSSL does not expect', async () => {
  const opened = await decodePkcs12(build(pkcs12Pbe('', '3des'), mac({ password: null })), '')
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(false)
})

test('an empty password in PBES2', async () => {
  const opened = await decodePkcs12(build(pbes2({ password: Buffer.alloc(0) }), mac({ password: '' })), '')
  expectPair(opened)
  expect(opened.portability.openssl3).toBe(true)
})

test.each(['\n', '\r\n', '\n\n'])(
  'a stray %j after the password is dropped, and reported by .password',
  async end => {
    expect((await decodePkcs12(build(pbes2({ password: UTF8 }), MAC), PASSWORD + end)).password).toBe(
      PASSWORD,
    )
    expect((await decodePkcs12(build(pbes2({ password: UTF8 })), PASSWORD + end)).password).toBe(PASSWORD)
  },
)

test('a password that really ends in a line break keeps it', async () => {
  const password = 'line\n'
  const file = build(pbes2({ password: Buffer.from(password) }), mac({ password }))
  expect((await decodePkcs12(file, password)).password).toBe(password)
})

// --- keys and certificates -------------------------------------------------------------------------------------

test.each<KeyKind>(['p256', 'p384', 'p521', 'ed25519'])('a key of kind %s', async kind => {
  const chain = testChain(kind)
  const protection = pbes2({ password: UTF8 })
  const safes = [
    encryptedSafe(protection, certBag(chain.certificate), certBag(chain.intermediate)),
    plainSafe(shroudedKeyBag(chain.key, protection)),
  ]
  const opened = await decodePkcs12(pfx(safes, MAC), PASSWORD)
  expectPair(opened, chain.key, chain.certificate.fingerprint256)
  expect(opened.chain.map(one => one.subject)).toEqual(['CN=Test Issuing CA'])
})

test('certificates in any order, repeated, in several safes, without attributes', async () => {
  const safes = [
    plainSafe(certBag(root), certBag(intermediate)),
    plainSafe(keyBag(key)),
    plainSafe(certBag(certificate), certBag(root), certBag(certificate)),
  ]
  const opened = await decodePkcs12(pfx(safes, MAC), PASSWORD)
  expectPair(opened)
  expect(opened.chain.map(one => one.subject)).toEqual(['CN=Test Issuing CA', 'CN=Test Root'])
})

test('of several keys, the one that has a certificate, wherever it is', async () => {
  const other = testKey('rsa', 'other')
  const last = await decodePkcs12(
    pfx([plainSafe(keyBag(other), certBag(certificate), keyBag(key))], MAC),
    PASSWORD,
  )
  expectPair(last)
  expect(obstacles(last, 'openssl3')).toEqual([expect.stringContaining('the first private key in it')])
  expect(obstacles(last, 'go')).toEqual(['several private keys'])
  const first = await decodePkcs12(
    pfx([plainSafe(keyBag(key), keyBag(other), certBag(certificate))], MAC),
    PASSWORD,
  )
  expectPair(first)
  expect(first.portability.openssl3).toBe(true)
})

test('of several pairs, the one that lasts longest, and a leaf before its CA', async () => {
  const renewed = testCertificate({
    key,
    notAfter: new Date(Date.now() + 300 * 86_400_000),
    subject: [['2.5.4.3', 'Renewed']],
  })
  const opened = await decodePkcs12(
    pfx([plainSafe(keyBag(key), certBag(certificate), certBag(renewed))], MAC),
    PASSWORD,
  )
  expectPair(opened, key, renewed.fingerprint256)
  expect(opened.portability.openssl3).toBe(false)
  const caKey = testKey('rsa', 'intermediate')
  const withCa = pfx(
    [plainSafe(keyBag(caKey), certBag(intermediate), keyBag(key), certBag(certificate))],
    MAC,
  )
  expectPair(await decodePkcs12(withCa, PASSWORD))
})

test('misleading localKeyIDs do not matter; the friendly name comes from the leaf', async () => {
  const id = Buffer.from([1])
  const safe = plainSafe(
    keyBag(key, { localKeyId: id, friendlyName: 'the key' }),
    certBag(intermediate, { localKeyId: id, friendlyName: 'the CA' }),
    certBag(certificate, { localKeyId: Buffer.from([2]), friendlyName: 'Signing ✓' }),
  )
  const opened = await decodePkcs12(pfx([safe], MAC), PASSWORD)
  expectPair(opened)
  expect(opened.friendlyName).toBe('Signing ✓')
})

test.each([
  ['a BOOLEAN', set(tlv(0x01, Buffer.from([0xff])))],
  ['an empty set', set()],
  ['an empty name', set(bmp(''))],
  ['not a set', octet(Buffer.from('x'))],
])('ignores a friendly name that is %s', async (_what, value) => {
  const raw = seq(oid('1.2.840.113549.1.9.20'), value)
  const opened = await decodePkcs12(
    pfx([plainSafe(keyBag(key, { raw }), certBag(certificate, { raw }))], MAC),
    PASSWORD,
  )
  expectPair(opened)
  expect(opened).not.toHaveProperty('friendlyName')
})

test('a friendly name loses the NUL that Windows adds, and half a megabyte of them takes no time', async () => {
  const named = (friendlyName: string): Buffer =>
    pfx([plainSafe(keyBag(key), certBag(certificate, { friendlyName }))], MAC)
  expect((await decodePkcs12(named('Signing\0'), PASSWORD)).friendlyName).toBe('Signing')
  const before = process.cpuUsage()
  expectPair(await decodePkcs12(named(`${'\0'.repeat(250_000)}x`), PASSWORD))
  // Processor time, which does not depend on what else the machine does.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(10)
})

test('ignores invalid attributes', async () => {
  const raw = Buffer.concat([seq(), int(5)])
  expectPair(
    await decodePkcs12(pfx([plainSafe(keyBag(key, { raw }), certBag(certificate, { raw }))], MAC), PASSWORD),
  )
})

test('skips CRLs, secrets, unknown bags and certificates of unknown kinds', async () => {
  const sdsi = bag(
    '1.2.840.113549.1.12.10.1.3',
    seq(oid('1.2.840.113549.1.9.22.2'), explicit(0, octet(Buffer.from('sdsi')))),
  )
  const unknown = bag('1.2.3.4.5', octet(Buffer.from('?')))
  const safe = plainSafe(crlBag(), secretBag(), sdsi, unknown, certBag(certificate), keyBag(key))
  expectPair(await decodePkcs12(pfx([safe], MAC), PASSWORD))
})

test('skips a CA that OpenSSL cannot read, and rewrites the file without it', async () => {
  const [first, ...rest] = [...root.raw]
  const unreadable = [
    Buffer.from('no certificate'),
    Buffer.alloc(0),
    Buffer.from([first ?? 0, 0x03, ...rest]),
  ]
  for (const extra of [...unreadable, intermediate.raw.subarray(0, -20)]) {
    const bags = [certBag(extra), certBag(certificate), keyBag(key), certBag(intermediate)]
    const opened = await decodePkcs12(pfx([plainSafe(...bags)], MAC), PASSWORD)
    expectPair(opened)
    expect(opened.chain.map(one => one.subject)).toEqual([intermediate.subject])
    expect(obstacles(opened, 'openssl3')).toEqual(['a certificate that cannot be read'])
  }
})

test('bags inside SafeContents bags', async () => {
  const nested = safeContentsBag(safeContentsBag(certBag(certificate), certBag(intermediate)), keyBag(key))
  expectPair(await decodePkcs12(pfx([plainSafe(nested)], MAC), PASSWORD))
})

test('a PKCS#8 key with attributes, or with its public key (RFC 5958)', async () => {
  const ed = testChain('ed25519')
  const plain = pkcs8(ed.key)
  const body = plain.subarray(2)
  const attributes = explicit(0, seq(oid('2.5.29.15'), set(bits(Buffer.from([0x10])))))
  const publicKey = createPublicKey(ed.key).export({ format: 'der', type: 'spki' }).subarray(-32)
  const version2 = Buffer.concat([int(1), body.subarray(3), tlv(0x81, Buffer.from([0]), publicKey)])
  for (const info of [seq(body, attributes), seq(version2)]) {
    const shrouded = shroudedKeyBag(info, pbes2({ password: UTF8 }))
    const opened = await decodePkcs12(pfx([plainSafe(shrouded, certBag(ed.certificate))], MAC), PASSWORD)
    expectPair(opened, ed.key, ed.certificate.fingerprint256)
  }
})

// --- encodings -------------------------------------------------------------------------------------------------

test.each([1, 7, 1000])('BER: indefinite lengths, octet strings in pieces of %i', async size => {
  const protection = pkcs12Pbe(PASSWORD, '3des')
  const { algorithm, ciphertext } = protection(seq(certBag(certificate)))
  const info = indefinite(0x30, oid('1.2.840.113549.1.7.1'), algorithm, chopped(ciphertext, size, 0xa0))
  const encrypted = indefinite(
    0x30,
    oid('1.2.840.113549.1.7.6'),
    indefinite(0xa0, indefinite(0x30, int(0), info)),
  )
  const data = (content: Buffer) =>
    indefinite(0x30, oid('1.2.840.113549.1.7.1'), indefinite(0xa0, chopped(content, size)))
  const plain = data(indefinite(0x30, shroudedKeyBag(key, protection)))
  const authenticatedSafe = indefinite(0x30, encrypted, plain)
  const file = indefinite(0x30, int(3), data(authenticatedSafe), MAC(authenticatedSafe))
  const opened = await decodePkcs12(Buffer.concat([file, Buffer.from('\n')]), PASSWORD)
  expectPair(opened)
  expect(opened.der.equals(file)).toBe(true)
})

test('cuts off bytes after the P12', async () => {
  const file = build(pbes2({ password: UTF8 }), MAC)
  for (const tail of ['\n', '\r\n', '\0\0\0', 'anything']) {
    const opened = await decodePkcs12(Buffer.concat([file, Buffer.from(tail)]), PASSWORD)
    expect(opened.der.equals(file)).toBe(true)
  }
})

test.each(PUBLIC_VECTORS)('a published file: $title ($source)', async vector => {
  const opened = await decodePkcs12(readP12Text(vector.base64), vector.password)
  expect(opened.certificate.subject).toContain(`CN=${vector.commonName}`)
  expect(opened.friendlyName).toBe(vector.friendlyName)
  expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
})

// --- what other programs read in their own way -------------------------------------------------------------------

test('a count of 0 is 1, as OpenSSL and Go read it, in the MAC and in a scheme of PKCS#12', async () => {
  const none = (bytes: Buffer, at: number): Buffer =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from([0]), bytes.subarray(at + 1)])
  const withoutMac = build(pbes2({ password: UTF8 }), content => {
    const data = mac({ password: PASSWORD, iterations: 1 })(content)
    return none(data, data.length - 1)
  })
  const scheme: Protection = plaintext => {
    const { algorithm, ciphertext } = pkcs12Pbe(PASSWORD, '3des', 1)(plaintext)
    return { algorithm: none(algorithm, algorithm.length - 1), ciphertext }
  }
  for (const file of [withoutMac, build(scheme, MAC)]) {
    const opened = await decodePkcs12(file, PASSWORD)
    expectPair(opened)
    expect(obstacles(opened, 'java')).toContain('an iteration count of 0')
    expect(opened.portability.openssl3).toBe(true)
  }
})

test.each([
  ['aes-256-cbc', '2.16.840.1.101.3.4.1.2', 'AES-128-CBC with a key of 32 bytes'],
  ['aes-192-cbc', '2.16.840.1.101.3.4.1.42', 'AES-256-CBC with a key of 24 bytes'],
  ['camellia-256-cbc', '1.2.392.200011.61.1.1.1.2', 'Camellia-128-CBC with a key of 32 bytes'],
])('%s under the OID %s, as NSS before 3.31 wrote it', async (cipher, name, label) => {
  const utf16 = Buffer.from(`${PASSWORD}\0`, 'utf16le').swap16()
  const renamed: Protection = plaintext => {
    const { algorithm, ciphertext } = pbes2({ password: utf16, cipher, prf: 'sha1', keyLength: true })(
      plaintext,
    )
    const [right, wrong] = [oid(OIDS[cipher] ?? ''), oid(name)]
    const at = algorithm.indexOf(right)
    return {
      algorithm: Buffer.concat([algorithm.subarray(0, at), wrong, algorithm.subarray(at + right.length)]),
      ciphertext,
    }
  }
  const opened = await decodePkcs12(build(renamed, MAC), PASSWORD)
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toContain(`PBES2 ${label}`)
})

const OIDS: Record<string, string> = {
  'aes-192-cbc': '2.16.840.1.101.3.4.1.22',
  'aes-256-cbc': '2.16.840.1.101.3.4.1.42',
  'camellia-256-cbc': '1.2.392.200011.61.1.1.1.4',
}

test('SHA-1 and DES with the IV from the end of the digest, as NSS takes it', async () => {
  for (let round = 0; round < 20; round++) {
    const file = build(pbes1(UTF8, 'sha1-des', Buffer.from([round, 1, 2, 3, 4, 5, 6, 7])), MAC)
    expectPair(await decodePkcs12(file, PASSWORD))
  }
})

// --- the same password, written differently ------------------------------------------------------------------------

const COMPOSED = 'pässwörd'
const DECOMPOSED = 'pa\u0308sswo\u0308rd'

test.each([
  ['decomposed in the file', DECOMPOSED, COMPOSED],
  ['decomposed in the secret', COMPOSED, DECOMPOSED],
])('accents %s: in UTF-8, in 3DES, and as old NSS writes', async (_what, written, given) => {
  const utf16 = Buffer.from(`${written}\0`, 'utf16le').swap16()
  for (const protection of [
    pbes2({ password: Buffer.from(written) }),
    pkcs12Pbe(written, '3des'),
    pbes2({ password: utf16 }),
  ]) {
    const opened = await decodePkcs12(build(protection, mac({ password: written })), given)
    expectPair(opened)
    expect(opened.password).toBe(given)
    expect(obstacles(opened, 'openssl3')).toEqual(['the password in an unusual encoding'])
  }
})

test.each([
  ['pass€wort', 'pass\x80wort'],
  ['„Straße“ – Š', '\x84Straße\x93 \x96 \x8a'],
])('%s as OpenSSL gets it from a command line on Windows', async (password, bytes) => {
  for (const [protection, makeMac] of [
    [pbes2({ password: Buffer.from(bytes, 'latin1') }), mac({ password: bytes })],
    [pkcs12Pbe(bytes, '3des'), mac({ password: bytes })],
  ] as const) {
    for (const given of [password, password.normalize('NFD')]) {
      const opened = await decodePkcs12(build(protection, makeMac), given)
      expectPair(opened)
      expect(opened.password).toBe(given)
      expect(opened.portability.openssl3).toBe(false)
    }
  }
})

test.each(['\ufeff', 'ï»¿'])(
  'a byte order mark (%j) before the password is dropped, and reported by .password',
  async mark => {
    for (const makeMac of [MAC, undefined]) {
      const file = build(pbes2({ password: UTF8 }), makeMac)
      for (const end of ['', '\r\n'])
        expect((await decodePkcs12(file, `${mark}${PASSWORD}${end}`)).password).toBe(PASSWORD)
    }
    const marked = `${mark}${PASSWORD}`
    const file = build(pbes2({ password: Buffer.from(marked) }), mac({ password: marked }))
    expect((await decodePkcs12(file, marked)).password).toBe(marked)
  },
)

test('tries no form of a password twice', () => {
  for (const password of ['x', '', COMPOSED, DECOMPOSED, 'pass€', 'ä\u00a0ß', '日本語']) {
    for (const forms of [bmpForms(password), byteForms(password)]) {
      const all = forms.map(({ bytes }) => bytes.toString('hex'))
      expect(new Set(all).size).toBe(all.length)
      expect(forms[0]?.usual).toBe(true)
    }
  }
})

// --- a choice ----------------------------------------------------------------------------------------------------

const CLIENT = '1.3.6.1.5.5.7.3.2'
const SERVER = '1.3.6.1.5.5.7.3.1'
const NOW = new Date()
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000)

/** A certificate with its own key, and both as bags. */
function pair(name: string, from: number, to: number, ...purposes: string[]) {
  const own = testKey('p256', name)
  const made = testCertificate({
    key: own,
    subject: [['2.5.4.3', name]],
    notBefore: inDays(from),
    notAfter: inDays(to),
    extensions: purposes.length === 0 ? [] : [extendedKeyUsage(...purposes)],
  })
  return [keyBag(own), certBag(made, { friendlyName: name })]
}

test.each([
  [
    'not a server certificate of ten years',
    pair('client', -1, 90, CLIENT),
    pair('tomcat', -1, 3650, SERVER),
    'is not for client authentication',
  ],
  [
    'not one for mail alone',
    pair('client', -1, 90),
    pair('mail', -1, 900, '1.3.6.1.5.5.7.3.4'),
    'is not for client authentication',
  ],
  [
    'not a successor from tomorrow on',
    pair('client', -1, 5, CLIENT),
    pair('next', 1, 300, CLIENT),
    'is valid only from',
  ],
  ['not an expired one', pair('client', -1, 5), pair('old', -300, -2), 'expired on'],
  [
    'the one that lasts longest',
    pair('client', -1, 50, CLIENT, SERVER),
    pair('short', -1, 20, CLIENT),
    'expires earlier, on',
  ],
  [
    'an expired one for clients before a valid one for servers',
    pair('client', -9, -1, CLIENT),
    pair('web', -1, 90, SERVER),
    'is not for client authentication',
  ],
])('of several pairs, %s', async (_what, chosen, other, why) => {
  for (const bags of [
    [...chosen, ...other],
    [...other, ...chosen],
  ]) {
    const opened = await decodePkcs12(pfx([plainSafe(...bags)], MAC), PASSWORD, NOW)
    expect(opened.friendlyName).toBe('client')
    expect(opened.passedOver).toMatchObject([{ why: expect.stringContaining(why) }])
    const first = bags[0] === chosen[0]
    expect(opened.portability.mendable.some(({ misread }) => misread === true)).toBe(!first)
    expect(opened.portability.openssl3).toBe(first)
  }
})

test('of several certificates of one key, the valid one that lasts longest; repetitions are not a choice', async () => {
  const made = ([from, to]: [number, number]) =>
    certBag(
      testCertificate({ key, notBefore: inDays(from), notAfter: inDays(to), serial: BigInt(1000 + to) }),
    )
  const bags = [made([-9, 3]), made([1, 900]), made([-1, 30]), made([-1, 30])]
  const opened = await decodePkcs12(pfx([plainSafe(keyBag(key), ...bags)], MAC), PASSWORD, NOW)
  expect(BigInt(`0x${opened.certificate.serialNumber}`)).toBe(1030n)
  expect(opened.passedOver).toHaveLength(2)
  const alone = await decodePkcs12(
    pfx([plainSafe(keyBag(key), made([-1, 30]), made([-1, 30]))], MAC),
    PASSWORD,
    NOW,
  )
  expect(alone.passedOver).toEqual([])
})

test('the chain is only the path of the leaf, and the valid certificate of each issuer', async () => {
  const issuer = { key: testKey('rsa', 'intermediate'), subject: [['2.5.4.3', 'Test Issuing CA']] as Name }
  const top = { key: testKey('rsa', 'root'), subject: [['2.5.4.3', 'Test Root']] as Name }
  const twin = testCertificate({
    ...issuer,
    issuer: top,
    ca: true,
    notBefore: inDays(-9),
    notAfter: inDays(-1),
  })
  const stranger = testCertificate({
    key: testKey('p256', 'ca'),
    ca: true,
    subject: [['2.5.4.3', 'Stranger']],
  })
  const bags = [stranger, twin, root, certificate, intermediate].map(one => certBag(one))
  const opened = await decodePkcs12(pfx([plainSafe(keyBag(key), ...bags)], MAC), PASSWORD, NOW)
  expect(opened.chain.map(one => one.fingerprint256)).toEqual(
    [intermediate, root].map(one => one.fingerprint256),
  )
})

test('a rewritten P12 omits a CA that OpenSSL refuses to present, and says why', async () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const issuer = { key: weak, subject: [['2.5.4.3', 'Small']] as Name }
  const small = testCertificate({ key: weak, subject: issuer.subject, ca: true })
  const leaf = testCertificate({ key, issuer })
  const opened = await decodePkcs12(
    pfx([plainSafe(keyBag(key), certBag(leaf), certBag(small))], MAC),
    PASSWORD,
  )
  expect(opened.chain.map(one => one.subject)).toEqual(['CN=Small'])
  expect(opened.portableChain).toEqual([])
  expect(obstacles(opened, 'openssl3')).toContain('a CA certificate with an RSA key of 1024 bits')
})

test('reads a certificate as PEM in its bag, and does not pass it on', async () => {
  const bags = [keyBag(key), certBag(Buffer.from(certificate.toString()))]
  const opened = await decodePkcs12(pfx([plainSafe(...bags)], MAC), PASSWORD)
  expectPair(opened)
  expect(obstacles(opened, 'openssl3')).toEqual(['a certificate in another form than DER'])
})
