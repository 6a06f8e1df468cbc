import { randomUUID, X509Certificate } from 'node:crypto'
import { type Authority, createAuthority } from './ca.ts'
import { DAY } from './clock.ts'
import { readSigningRequest } from './csr.ts'
import { generateKeys, type KeyType, type PublicKeyInput, spkiDer, toPublicKey } from './keys.ts'
import { checkNickname, decideValidity } from './rules.ts'
import type { CertificateRecord } from './store.ts'
import type { ServiceUser } from './users.ts'
import type { World } from './world.ts'

export interface IssueRequest {
  csr: string
  name: unknown
  exp: unknown
}

/** What the API does on POST: every rule applies. Throws a Refusal. */
export async function issueCertificate(
  world: World,
  user: ServiceUser,
  request: IssueRequest,
): Promise<CertificateRecord> {
  const name = checkNickname(world, user, request.name)
  const validity = decideValidity(world, user, request.exp)
  return world.store.whileReserved(user, name, async () => {
    const { subject, publicKey } = await readSigningRequest(request.csr, world.settings)
    const certificatePem = await world.authority.issue({
      ...validity,
      subject: world.settings.subject ?? subject,
      publicKey: spkiDer(publicKey),
      usage: 'client',
    })
    const record = describe(certificatePem, { name, userId: user.id, enabled: true })
    world.front.lag(record, 'absent', world.clock.now(), world.settings.delays.issue)
    world.store.certificates.push(record)
    return record
  })
}

/** The record of a certificate, read back from the certificate itself so that the two cannot disagree. */
function describe(
  certificatePem: string,
  fields: Pick<CertificateRecord, 'name' | 'userId' | 'enabled'>,
): CertificateRecord {
  const certificate = new X509Certificate(certificatePem)
  return {
    ...fields,
    id: randomUUID(),
    commonName: commonNameOf(certificate),
    certificatePem,
    startDate: new Date(certificate.validFrom),
    endDate: new Date(certificate.validTo),
    serialNumber: certificate.serialNumber.replace(/^0+(?=.)/, ''),
    publicKey: spkiDer(certificate.publicKey).toString('base64'),
    fingerprint256: certificate.fingerprint256,
  }
}

function commonNameOf(certificate: X509Certificate): string {
  const subject: unknown = certificate.toLegacyObject().subject
  const name = subject !== null && typeof subject === 'object' && 'CN' in subject ? subject.CN : ''
  return Array.isArray(name) ? String(name[0]) : String(name)
}

/**
 * `own`: this DigiCert ONE. `foreign`: some other CA. `impostor`: another CA with this one's name, so that only the
 * signature gives it away.
 */
export type MintIssuer = 'own' | 'foreign' | 'impostor'

/** A certificate made without HTTP and without rules: for stored P12s and for what the API would refuse to issue. */
export interface MintOptions {
  /** certify this key; without it, a key is generated and returned */
  publicKey?: PublicKeyInput
  /** of the generated key; default `rsa-2048` */
  keyType?: KeyType
  /** default `CN=Minted certificate, O=Example Inc, C=US` */
  subject?: string
  /** default: a day before now, or 30 days before an earlier notAfter */
  notBefore?: Date
  /** default: 365 days from now */
  notAfter?: Date
  /** hex; default random */
  serialNumber?: string
  /** default `own` */
  issuer?: MintIssuer
  /** whether the API knows it; default true for issuer `own`. Foreign ones never are */
  registered?: boolean
  /** nickname of the record; any text; default `minted <n>` */
  name?: string
  /** default true */
  enabled?: boolean
  /** owner of the record; default the emulator's first user */
  user?: ServiceUser
}

export interface Minted {
  certificatePem: string
  /** the issuer's certificate, as `ca_cert` has it */
  caPem: string
  /** issuer up to root */
  chainPem: readonly string[]
  /** PKCS#8; undefined when a public key was given */
  privateKeyPem: string | undefined
  /** upper-case hex without leading zeros */
  serialNumber: string
  /** undefined unless registered */
  record: CertificateRecord | undefined
}

export async function mintCertificate(
  world: World,
  owner: ServiceUser,
  options: MintOptions = {},
): Promise<Minted> {
  const { publicKey, privateKeyPem } = await keyToCertify(options)
  const issuer = await issuerFor(world, options.issuer ?? 'own')
  const certificatePem = await issuer.issue({
    ...mintDates(world.clock.now(), options),
    subject: options.subject ?? 'CN=Minted certificate, O=Example Inc, C=US',
    publicKey: spkiDer(publicKey),
    usage: 'client',
    ...(options.serialNumber === undefined ? {} : { serialNumber: options.serialNumber }),
  })
  const described = describe(certificatePem, {
    name: options.name ?? `minted ${world.store.certificates.length + 1}`,
    userId: owner.id,
    enabled: options.enabled ?? true,
  })
  const known = issuer === world.authority && options.registered !== false
  if (known) world.store.certificates.push(described)
  return {
    certificatePem,
    caPem: issuer.certificatePem,
    chainPem: issuer.chainPem,
    privateKeyPem,
    serialNumber: described.serialNumber,
    record: known ? described : undefined,
  }
}

async function keyToCertify({ publicKey, keyType = 'rsa-2048' }: MintOptions) {
  if (publicKey === undefined) return generateKeys(keyType)
  return { publicKey: toPublicKey(publicKey), privateKeyPem: undefined }
}

function mintDates(now: Date, options: MintOptions): { notBefore: Date; notAfter: Date } {
  const notAfter = options.notAfter ?? new Date(now.getTime() + 365 * DAY)
  const yesterday = new Date(now.getTime() - DAY)
  const earlier = new Date(notAfter.getTime() - 30 * DAY)
  return { notAfter, notBefore: options.notBefore ?? (yesterday < earlier ? yesterday : earlier) }
}

export const CLIENT_CA_NAME = 'Embedded DigiCert ONE Client CA'

async function issuerFor(world: World, issuer: MintIssuer): Promise<Authority> {
  if (issuer === 'own') return world.authority
  const commonName = issuer === 'foreign' ? 'Some other CA' : CLIENT_CA_NAME
  return createAuthority({ commonName, key: 'ec' })
}

/** A record only for the list, without a certificate, so ten thousand of them cost milliseconds. */
export type BulkRecord = Partial<Omit<CertificateRecord, 'certificatePem' | 'fingerprint256'>>

export function addRecords(
  world: World,
  owner: ServiceUser,
  count: number,
  describeRecord: (index: number) => BulkRecord,
): CertificateRecord[] {
  const now = world.clock.now().getTime()
  const added = Array.from(
    { length: count },
    (_, index): CertificateRecord => ({
      id: randomUUID(),
      userId: owner.id,
      name: `certificate ${index + 1}`,
      commonName: `Certificate ${index + 1}`,
      startDate: new Date(now),
      endDate: new Date(now + 365 * DAY),
      enabled: true,
      serialNumber: (0x4000000000000000n + BigInt(index)).toString(16).toUpperCase(),
      publicKey: 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA',
      ...describeRecord(index),
      certificatePem: '',
      fingerprint256: '',
    }),
  )
  world.store.certificates.push(...added)
  return added
}
