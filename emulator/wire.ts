import { isoSeconds } from './clock.ts'
import type { Settings } from './settings.ts'
import type { CertificateRecord } from './store.ts'
import { primaryAccountId, type ServiceUser } from './users.ts'

/** The list's entries, and the answer to enable/disable: everything but the certificates. */
export function recordOnTheWire(record: CertificateRecord, settings: Settings): Record<string, unknown> {
  return {
    id: record.id,
    user_id: record.userId,
    name: record.name,
    common_name: record.commonName,
    ...recordDetails(record, settings),
  }
}

/** The answer to a request for a certificate: the only time the API hands the certificate out. */
export function issuedOnTheWire(
  record: CertificateRecord,
  caCert: string,
  settings: Settings,
): Record<string, unknown> {
  return {
    id: record.id,
    user_id: record.userId,
    name: record.name,
    common_name: record.commonName,
    x509_cert: record.certificatePem,
    ca_cert: caCert,
    ...recordDetails(record, settings),
  }
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

export function userOnTheWire(user: ServiceUser): Record<string, unknown> {
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
  }
}
