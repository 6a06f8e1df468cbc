/** Keys and certificates that tests build by hand, odd ones too. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { bits, explicit, int, nul, octet, oid, seq, set, tlv, utf8 } from './p12-der.ts'

export type KeyKind = 'rsa' | 'rsa-pss' | 'p256' | 'p384' | 'p521' | 'brainpool' | 'ed25519'

const made = new Map<string, KeyObject>()

/** A private key; the same one for the same name, since generating RSA keys takes a while. */
export function testKey(kind: KeyKind, name = 'leaf'): KeyObject {
  const id = `${kind} ${name}`
  const key = made.get(id) ?? makeKey(kind)
  made.set(id, key)
  return key
}

function makeKey(kind: KeyKind): KeyObject {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  if (kind === 'rsa-pss') return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey
  const namedCurve = { p256: 'P-256', p384: 'P-384', p521: 'P-521', brainpool: 'brainpoolP256r1' }[kind]
  return generateKeyPairSync('ec', { namedCurve }).privateKey
}

/** Attribute types and values, in certificate order; an inner list is a multi-valued RDN. */
export type Name = ([string, string] | [string, string][])[]

export interface CertificateOptions {
  key: KeyObject
  subject?: Name
  issuer?: { key: KeyObject; subject: Name }
  ca?: boolean
  /** Extensions besides the basic constraints. */
  extensions?: Buffer[]
  serial?: bigint
  notBefore?: Date
  notAfter?: Date
}

const DAY = 86_400_000

export function testCertificate(options: CertificateOptions): X509Certificate {
  const subject = options.subject ?? [['2.5.4.3', 'Signing Service']]
  const issuer = options.issuer ?? { key: options.key, subject }
  const algorithm = signatureAlgorithm(issuer.key)
  const info = seq(
    explicit(0, int(2)),
    int(options.serial ?? 0x1234n),
    algorithm,
    name(issuer.subject),
    seq(
      time(options.notBefore ?? new Date(Date.now() - DAY)),
      time(options.notAfter ?? new Date(Date.now() + 90 * DAY)),
    ),
    name(subject),
    createPublicKey(options.key).export({ format: 'der', type: 'spki' }),
    explicit(3, seq(basicConstraints(options.ca ?? false), ...(options.extensions ?? []))),
  )
  const digest = issuer.key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return new X509Certificate(seq(info, algorithm, bits(sign(digest, info, issuer.key))))
}

const chains = new Map<KeyKind, ReturnType<typeof makeChain>>()

/** A leaf with its key, its issuing CA, and that CA's root; the same ones for the same kind of key. */
export function testChain(kind: KeyKind = 'rsa'): ReturnType<typeof makeChain> {
  const chain = chains.get(kind) ?? makeChain(kind)
  chains.set(kind, chain)
  return chain
}

function makeChain(kind: KeyKind) {
  const issuerKind = kind === 'rsa-pss' ? 'rsa' : kind
  const root = { key: testKey(issuerKind, 'root'), subject: [['2.5.4.3', 'Test Root']] as Name }
  const intermediate = {
    key: testKey(issuerKind, 'intermediate'),
    subject: [['2.5.4.3', 'Test Issuing CA']] as Name,
  }
  const key = testKey(kind)
  return {
    key,
    certificate: testCertificate({ key, issuer: intermediate }),
    intermediate: testCertificate({ ...intermediate, issuer: root, ca: true, serial: 2n }),
    root: testCertificate({ ...root, ca: true, serial: 1n }),
  }
}

function signatureAlgorithm(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return seq(oid('1.3.101.112'))
  if (key.asymmetricKeyType === 'ec') return seq(oid('1.2.840.10045.4.3.2'))
  return seq(oid('1.2.840.113549.1.1.11'), nul())
}

function name(rdns: Name): Buffer {
  return seq(
    ...rdns.map(rdn => {
      const attributes = (Array.isArray(rdn[0]) ? rdn : [rdn]) as [string, string][]
      return set(...attributes.map(([type, value]) => seq(oid(type), utf8(value))))
    }),
  )
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2)))
    : tlv(0x18, Buffer.from(digits))
}

function basicConstraints(ca: boolean): Buffer {
  const value = ca ? seq(tlv(0x01, Buffer.from([0xff]))) : seq()
  return seq(oid('2.5.29.19'), tlv(0x01, Buffer.from([0xff])), octet(value))
}

/** What a certificate is for, by OIDs: `1.3.6.1.5.5.7.3.2` for clients, `.1` for servers. */
export const extendedKeyUsage = (...purposes: string[]): Buffer =>
  seq(oid('2.5.29.37'), octet(seq(...purposes.map(oid))))
