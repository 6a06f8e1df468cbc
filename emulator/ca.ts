// The polyfill must come first: @peculiar/x509 resolves its algorithms with tsyringe, which refuses to load without it.
import 'reflect-metadata'
import {
  createPublicKey,
  KeyObject,
  X509Certificate as NativeCertificate,
  randomBytes,
  sign,
  type webcrypto,
} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { OctetString } from 'asn1js'
import { GeneralName, GeneralSubtree, NameConstraints } from 'pkijs'
import { wholeSecond } from './clock.ts'
import { type Reissue, reissue } from './reissue.ts'

export type AuthorityKey = 'ec' | 'rsa'

export interface AuthorityOptions {
  commonName: string
  key: AuthorityKey
  /** the CA that signs this one's certificate; without it, the certificate is self-signed */
  parent?: Authority
  /** the only names that servers below it may have, including their subdomains, and loopback addresses */
  onlyFor?: readonly string[]
}

export type Usage = 'client' | 'server' | 'code-signing'

export interface LeafOptions {
  subject: x509.Name | string
  publicKey: Uint8Array
  notBefore: Date
  notAfter: Date
  usage: Usage
  /** hex; random when absent */
  serialNumber?: string
  dnsNames?: readonly string[]
  ipAddresses?: readonly string[]
}

export interface Authority {
  certificatePem: string
  /** this certificate, then those above it up to the root */
  chainPem: readonly string[]
  issue(leaf: LeafOptions): Promise<string>
  /** a certificate that it issued, once more with these changes; fast. Only if the CA has an EC key */
  reissue(patternDer: Buffer, changes: Reissue): string
  issued(certificate: NativeCertificate): boolean
}

const ALGORITHMS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
} as const

const PURPOSES: Record<Usage, string> = {
  client: x509.ExtendedKeyUsage.clientAuth,
  server: x509.ExtendedKeyUsage.serverAuth,
  'code-signing': x509.ExtendedKeyUsage.codeSigning,
}

// Wide, so that a test may set its clock to any year and the CA itself is still valid.
const CA_NOT_BEFORE = new Date('2000-01-01T00:00:00Z')
const CA_NOT_AFTER = new Date('2099-12-31T23:59:59Z')

interface Signer {
  name: x509.Name | string
  key: webcrypto.CryptoKey
  algorithm: (typeof ALGORITHMS)[AuthorityKey]
  publicKey: webcrypto.CryptoKey
}

const signers = new WeakMap<Authority, Signer>()

export async function createAuthority(options: AuthorityOptions): Promise<Authority> {
  const algorithm = ALGORITHMS[options.key]
  // Both algorithms return a pair, which the overloads cannot infer from the union of their parameter types.
  const keys = (await crypto.subtle.generateKey(algorithm as webcrypto.EcKeyGenParams, false, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const name = `CN=${options.commonName}, O=Embedded DigiCert ONE`
  const own: Signer = { name, key: keys.privateKey, publicKey: keys.publicKey, algorithm }
  const parent = options.parent === undefined ? own : signerOf(options.parent)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: name,
    issuer: parent.name,
    notBefore: CA_NOT_BEFORE,
    notAfter: CA_NOT_AFTER,
    publicKey: keys.publicKey,
    signingKey: parent.key,
    signingAlgorithm: parent.algorithm,
    extensions: [...(await authorityExtensions(own, parent)), ...nameConstraints(options.onlyFor)],
  })
  return assembleAuthority(certificate, own, options.parent)
}

function assembleAuthority(certificate: x509.X509Certificate, signer: Signer, parent?: Authority): Authority {
  const certificatePem = toPem(certificate.rawData)
  const native = new NativeCertificate(certificatePem)
  const key = KeyObject.from(signer.key)
  const authority: Authority = {
    certificatePem,
    chainPem: [certificatePem, ...(parent?.chainPem ?? [])],
    issue: leaf => issueLeaf(signer, leaf),
    reissue: (patternDer, changes) => toPem(reissue(patternDer, changes, tbs => sign('sha256', tbs, key))),
    issued: candidate => candidate.checkIssued(native) && candidate.verify(native.publicKey),
  }
  signers.set(authority, signer)
  return authority
}

function signerOf(authority: Authority): Signer {
  const signer = signers.get(authority)
  if (signer === undefined) throw new Error('this CA was not made by createAuthority')
  return signer
}

async function authorityExtensions(own: Signer, parent: Signer): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(own.publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(parent.publicKey),
  ]
}

const NAME_CONSTRAINTS = '2.5.29.30'
const DNS_NAME = 2
const IP_ADDRESS = 7
/** 127.0.0.1 and ::1, each followed by its mask (RFC 5280 §4.2.1.10) */
const LOOPBACK = ['7f000001ffffffff', `${'00'.repeat(15)}01${'ff'.repeat(16)}`]

/** Where a job trusts the CA, it vouches for the emulator and nothing else. */
function nameConstraints(names: readonly string[] | undefined): x509.Extension[] {
  if (names === undefined) return []
  const bases = [
    ...names.map(value => new GeneralName({ type: DNS_NAME, value })),
    ...LOOPBACK.map(
      hex =>
        new GeneralName({ type: IP_ADDRESS, value: new OctetString({ valueHex: Buffer.from(hex, 'hex') }) }),
    ),
  ]
  const constraints = new NameConstraints({
    permittedSubtrees: bases.map(base => new GeneralSubtree({ base })),
  })
  return [new x509.Extension(NAME_CONSTRAINTS, true, constraints.toSchema().toBER())]
}

/** A self-signed leaf with an EC key on P-256. */
export async function issueSelfSigned(leaf: LeafOptions, privateKey: KeyObject): Promise<string> {
  const algorithm = ALGORITHMS.ec
  const key = privateKey.toCryptoKey(algorithm, false, ['sign'])
  const publicKey = createPublicKey(privateKey).toCryptoKey(algorithm, true, ['verify'])
  return issueLeaf({ name: leaf.subject, key, publicKey, algorithm }, leaf)
}

async function issueLeaf(signer: Signer, leaf: LeafOptions): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: leaf.serialNumber ?? randomSerial(),
    subject: leaf.subject,
    issuer: signer.name,
    notBefore: wholeSecond(leaf.notBefore),
    notAfter: wholeSecond(leaf.notAfter),
    publicKey: leaf.publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: await leafExtensions(signer, leaf),
  })
  return toPem(certificate.rawData)
}

async function leafExtensions(signer: Signer, leaf: LeafOptions): Promise<x509.Extension[]> {
  const names = [
    ...(leaf.dnsNames ?? []).map(value => ({ type: 'dns' as const, value })),
    ...(leaf.ipAddresses ?? []).map(value => ({ type: 'ip' as const, value })),
  ]
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([PURPOSES[leaf.usage]]),
    await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ]
}

/** 128 random bits; the first byte keeps DER from adding or dropping one, so the hex is always 32 digits. */
export function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

function toPem(der: ArrayBuffer | Buffer): string {
  return `${x509.PemConverter.encode(new Uint8Array(der), 'CERTIFICATE').trim()}\n`
}
