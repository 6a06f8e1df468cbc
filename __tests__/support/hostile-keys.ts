/** Keys whose numbers keep OpenSSL busy for minutes: random ones of the right size, since nothing computes with them. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { bag, certBag, keyBag, pkcs8, safeContentsBag } from './p12-builder.ts'
import { testChain, testKey } from './p12-certificates.ts'
import { bits, explicit, int, nul, octet, oid, seq, set, tlv, utf8 } from './p12-der.ts'

/** A positive INTEGER of this many bits, odd. */
function number(size: number): Buffer {
  const bytes = randomBytes(size / 8)
  bytes[0] = 0x80 | (bytes[0] ?? 0)
  bytes[bytes.length - 1] = 1 | (bytes.at(-1) ?? 0)
  return tlv(0x02, Buffer.from([0]), bytes)
}

const RSA = seq(oid('1.2.840.113549.1.1.1'), nul())
const dsa = (size: number) => seq(oid('1.2.840.10040.4.1'), seq(number(size), number(256), number(size)))
const dh = (size: number) => seq(oid('1.2.840.113549.1.3.1'), seq(number(size), number(size - 8)))
const dhx = (size: number) =>
  seq(oid('1.2.840.10046.2.1'), seq(number(size), number(size - 8), number(size - 16)))
const NAMED = seq(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'))
/** RFC 3279 §2.3.5: its own field, curve and generator. */
const curve = (size: number) =>
  seq(
    int(1),
    seq(oid('1.2.840.10045.1.1'), number(size)),
    seq(octet(randomBytes(size / 8)), octet(randomBytes(size / 8))),
    octet(Buffer.concat([Buffer.from([4]), randomBytes(size / 4)])),
    number(size),
    int(1),
  )
const unnamed = (size: number) => seq(oid('1.2.840.10045.2.1'), curve(size))

const info = (algorithm: Buffer, key: Buffer) => seq(int(0), algorithm, octet(key))

interface RsaNumbers {
  modulus: number
  exponent?: Buffer
  secret?: Buffer
  prime?: Buffer
}

function rsa({ modulus, exponent, secret, prime }: RsaNumbers): Buffer {
  const half = () => number(modulus / 2)
  const numbers = [number(modulus), exponent ?? int(65537), secret ?? number(modulus - 8), prime ?? half()]
  return info(RSA, seq(int(0), ...numbers, half(), half(), half(), half()))
}

const ec = (scalar: Buffer, ...more: Buffer[]) => info(NAMED, seq(int(1), octet(scalar), ...more))

/** The key, and the code and message that refuse it. */
export const HOSTILE_KEYS: [string, Buffer, code: string, words: RegExp][] = [
  ['DSA', info(dsa(20_480), number(256)), 'P12_UNSUPPORTED', /a private key of the kind DSA/],
  ['DH', info(dh(20_480), number(20_480)), 'P12_UNSUPPORTED', /a private key of the kind DH/],
  ['X9.42 DH', info(dhx(20_480), number(20_480)), 'P12_UNSUPPORTED', /a private key of the kind DH/],
  [
    'X25519',
    info(seq(oid('1.3.101.110')), octet(Buffer.alloc(32, 1))),
    'P12_UNSUPPORTED',
    /of the kind X25519/,
  ],
  [
    'an algorithm nobody knows',
    info(seq(oid('1.2.3.4')), Buffer.alloc(8)),
    'P12_UNSUPPORTED',
    /OID 1\.2\.3\.4/,
  ],
  [
    'RSA of 65,536 bits',
    rsa({ modulus: 65_536 }),
    'P12_LIMIT',
    /a modulus of 65536 bits \(the limit is 16384 bits\)/,
  ],
  ['RSA of 16,400 bits', rsa({ modulus: 16_400 }), 'P12_LIMIT', /a modulus of 16400 bits/],
  [
    'RSA with a huge public exponent',
    rsa({ modulus: 2048, exponent: number(65_536) }),
    'P12_LIMIT',
    /a public exponent of 65536 bits/,
  ],
  [
    'RSA with a huge private exponent',
    rsa({ modulus: 2048, secret: number(800_000) }),
    'P12_LIMIT',
    /larger than its modulus allows/,
  ],
  [
    'RSA with a huge prime',
    rsa({ modulus: 2048, prime: number(800_000) }),
    'P12_LIMIT',
    /larger than its modulus allows/,
  ],
  [
    'EC on a curve of its own',
    info(unnamed(80_000), seq(int(1), octet(Buffer.alloc(32, 1)))),
    'P12_UNSUPPORTED',
    /an EC curve without a name/,
  ],
  [
    'EC with a second curve inside',
    ec(Buffer.alloc(32, 1), explicit(0, curve(80_000))),
    'P12_UNSUPPORTED',
    /an EC curve without a name/,
  ],
  ['EC with a huge scalar', ec(randomBytes(100_000)), 'P12_LIMIT', /of the kind EC with 800000 bits/],
]

const name = (text: string) => seq(set(seq(oid('2.5.4.3'), utf8(text))))

export interface CertificateParts {
  spki: Buffer
  subject?: Buffer
  extensions?: Buffer[]
}

/** A certificate that nobody signed; it claims to be self-issued. */
export function unsigned({
  spki,
  subject = name('Test Issuing CA'),
  extensions = [],
}: CertificateParts): Buffer {
  const signature = seq(oid('1.2.840.113549.1.1.11'), nul())
  const validity = seq(...['250101000000Z', '450101000000Z'].map(date => tlv(0x17, Buffer.from(date))))
  const tbs = [explicit(0, int(2)), int(5), signature, subject, validity, subject, spki]
  if (extensions.length > 0) tbs.push(explicit(3, seq(...extensions)))
  return seq(seq(...tbs), signature, bits(Buffer.alloc(256, 1)))
}

const rsaSpki = (modulus: number, exponent = int(65537)) => seq(RSA, bits(seq(number(modulus), exponent)))

/** The certificate, and the code and message that refuse its key. */
export const HOSTILE_CERTIFICATES: [string, Buffer, code: string, words: RegExp][] = [
  [
    'DSA',
    unsigned({ spki: seq(dsa(20_480), bits(number(20_480))) }),
    'P12_UNSUPPORTED',
    /a certificate key of the kind DSA/,
  ],
  ['DH', unsigned({ spki: seq(dh(20_480), bits(number(20_480))) }), 'P12_UNSUPPORTED', /of the kind DH/],
  ['RSA of 65,536 bits', unsigned({ spki: rsaSpki(65_536) }), 'P12_LIMIT', /a modulus of 65536 bits/],
  [
    'RSA by its other OID',
    unsigned({ spki: seq(seq(oid('2.5.8.1.1'), nul()), bits(seq(number(65_536), int(3)))) }),
    'P12_UNSUPPORTED',
    /OID 2\.5\.8\.1\.1/,
  ],
  [
    'RSA with a huge exponent',
    unsigned({ spki: rsaSpki(2048, number(2040)) }),
    'P12_LIMIT',
    /a public exponent of 2040 bits/,
  ],
  [
    'EC on a curve of its own',
    unsigned({ spki: seq(unnamed(80_000), bits(randomBytes(20_001))) }),
    'P12_UNSUPPORTED',
    /an EC curve without a name/,
  ],
]

export const certificateText = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`

const { key, certificate } = testChain('rsa')
/** A key and its certificate, which would be fine alone. */
export const GOOD_BAGS = [keyBag(key), certBag(certificate)]
export const rawKeyBag = (der: Buffer): Buffer => bag('1.2.840.113549.1.12.10.1.1', der)
export const nested = (...bags: Buffer[]): Buffer => safeContentsBag(safeContentsBag(...bags))
export const goodSpki = (): Buffer => createPublicKey(key).export({ format: 'der', type: 'spki' })
export const ownKey = (): Buffer => pkcs8(key)
export const otherSpki = (): Buffer =>
  createPublicKey(testKey('p256')).export({ format: 'der', type: 'spki' })
