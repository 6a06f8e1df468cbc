import type { Authority } from './ca.ts'
import { isoSeconds } from './clock.ts'
import type { Settings } from './settings.ts'
import type { CertificateRecord } from './store.ts'
import { primaryAccountId, type ServiceUser } from './users.ts'

/** The list's entries, and the response to enable/disable: everything except the certificates. */
export function recordOnTheWire(record: CertificateRecord, settings: Settings): Record<string, unknown> {
  return {
    id: record.id,
    user_id: record.userId,
    name: record.name,
    common_name: record.commonName,
    ...recordDetails(record, settings),
  }
}

/** The response to a request for a certificate: the only time that the API returns the certificate. */
export function issuedOnTheWire(
  record: CertificateRecord,
  authority: Authority,
  settings: Settings,
): Record<string, unknown> {
  const { certificatePem: leaf } = record
  const { certificatePem: issuer, chainPem: chain } = authority
  const held = { leaf: [leaf], 'leaf-first': [leaf, ...chain], 'ca-first': [...chain, leaf] }
  return {
    id: record.id,
    user_id: record.userId,
    name: record.name,
    common_name: record.commonName,
    x509_cert: certificatesOnTheWire(held[settings.x509Cert], settings),
    ca_cert: certificatesOnTheWire(settings.caCert === 'chain' ? chain : [issuer], settings),
    ...recordDetails(record, settings),
  }
}

function certificatesOnTheWire(pems: readonly string[], { certificateForm }: Settings): string {
  const pem = pems.join('')
  if (certificateForm === 'pem') return pem
  if (certificateForm === 'crlf') return pem.replaceAll('\n', '\r\n')
  return pems.map(one => one.replace(/-----[^-]+-----|\s/g, '')).join('\n')
}

function recordDetails(record: CertificateRecord, settings: Settings): Record<string, unknown> {
  return {
    end_date: isoSeconds(record.endDate),
    start_date: isoSeconds(record.startDate),
    enabled: record.enabled,
    serial_number: serialOnTheWire(record.serialNumber, settings.serialFormat),
    public_key: record.publicKey,
    ...settings.extraFields,
  }
}

function serialOnTheWire(serial: string, format: Settings['serialFormat']): string {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`
  if (format === 'lower') return serial.toLowerCase()
  if (format === 'padded') return `00${even}`
  if (format === 'colons') return even.match(/../g)?.join(':') ?? ''
  return serial
}

export function userOnTheWire(user: ServiceUser, settings: Settings): Record<string, unknown> {
  return {
    id: user.id,
    email: user.email,
    status: user.status,
    access_scope: 'account',
    primary_account_id: primaryAccountId(user),
    created_at: isoSeconds(user.createdAt),
    created_by: '8f7f8b1f-63c1-4580-af7d-ea4cd890e8f7',
    user_type: user.userType,
    friendly_name: user.friendlyName,
    description: user.description,
    locale: 'en_US',
    applications: user.applications,
    accounts: user.accounts,
    ...settings.extraFields,
  }
}
