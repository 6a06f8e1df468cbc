import { createHash } from 'node:crypto'
import { isoSeconds } from '../clock.ts'
import { spkiDer } from '../keys.ts'
import type { Account, ServiceUser } from '../users.ts'
import type { CodeSigningCertificate } from './certificate.ts'
import { isFor, type Keypair, type UserGroup } from './keypair.ts'
import type { SoftwareTrustSettings } from './settings.ts'

/** Who reads it, and how it is written for them. */
export interface Reader {
  user: ServiceUser
  account: Account
  settings: SoftwareTrustSettings
}

type Json = Record<string, unknown>

/** The name and size of the key; keys on a curve have the curve's name and no size. */
const CURVES: Record<string, string> = { prime256v1: 'P256', secp384r1: 'P384' }

export function keypairOnTheWire(keypair: Keypair, reader: Reader): Json {
  const { account, settings, user } = reader
  const { id, alias, publicKey, type, storage, status, certificates, groups, team } = keypair
  return {
    id,
    alias,
    ...algorithmOnTheWire(keypair),
    key_type: type,
    key_storage: storage,
    public_key: spkiDer(publicKey).toString('base64'),
    ...certificatesOnTheWire(keypair, reader),
    account: accountOnTheWire(account),
    ...accessOnTheWire(keypair, settings),
    key_status: status,
    ...(groups.length === 0 ? {} : { groups: groups.map(groupOnTheWire) }),
    ...(team === null ? {} : { team: groupOnTheWire(team) }),
    number_of_active_certificates: certificates.filter(one => one.status === 'ACTIVE').length,
    ...(settings.signableByMe === 'sent' ? { is_signable_by_me: isFor(keypair, user) } : {}),
    ...settings.extraFields,
  }
}

function algorithmOnTheWire({ publicKey: { asymmetricKeyDetails: details } }: Keypair): Json {
  const curve = CURVES[details?.namedCurve ?? '']
  return curve === undefined
    ? { key_alg: 'RSA', key_size: details?.modulusLength }
    : { key_alg: 'ECDSA', curve }
}

function certificatesOnTheWire(keypair: Keypair, reader: Reader): Json {
  const { keypairCertificates } = reader.settings
  if (keypairCertificates === 'absent') return {}
  return {
    certificates: keypair.certificates.map(certificate => {
      if (keypairCertificates === 'full') return certificateOnTheWire({ certificate, keypair }, reader)
      return { id: certificate.id, alias: certificate.alias }
    }),
  }
}

function accessOnTheWire({ users }: Keypair, { keypairUsers }: SoftwareTrustSettings): Json {
  if (users === null) return { limit_by_users: false }
  if (keypairUsers === 'absent') return { limit_by_users: true }
  const listed = keypairUsers === 'empty' ? [] : users
  return { limit_by_users: true, users: listed.map(({ id, friendlyName: name }) => ({ id, name })) }
}

function groupOnTheWire({ id, name }: UserGroup): Json {
  return { id, name, status: 'ACTIVE' }
}

/** A certificate and its keypair. */
export interface Certified {
  certificate: CodeSigningCertificate
  keypair: Keypair
}

export function certificateOnTheWire({ certificate, keypair }: Certified, reader: Reader): Json {
  const { pem, chainPem } = certificate
  const cert = derBase64(pem)
  return {
    id: certificate.id,
    alias: certificate.alias,
    cert,
    certificate_fingerprint: fingerprintOf(cert),
    certificate_status: certificate.status,
    account: accountOnTheWire(reader.account),
    keypair: { id: keypair.id, alias: keypair.alias, limit_by_users: keypair.users !== null },
    default_cert: certificate.isDefault,
    hierarchy: certificate.hierarchy,
    certificate_type: certificate.type,
    chain: chainPem.map((ca, index) => ({
      cert_type: index === chainPem.length - 1 ? 'root' : 'intermediate',
      blob: derBase64(ca),
    })),
    valid_from: isoSeconds(certificate.validFrom),
    valid_to: isoSeconds(certificate.validTo),
    ...reader.settings.extraFields,
  }
}

function fingerprintOf(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64')
}

function accountOnTheWire({ id, name }: Account): Json {
  return { id, name }
}

/** PEM without its armor is the DER in base64. */
function derBase64(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, '')
}
