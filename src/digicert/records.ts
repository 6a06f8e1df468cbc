import { clean } from '../text.ts'
import { invalidResponse, type ServerError } from './errors.ts'
import { asObject, identifier, isObject, type JsonObject, readJson, text } from './json.ts'

/** A client authentication certificate as the API lists it. Only `id` is certain; dates are as the server wrote them. */
export interface CertificateRecord {
  id: string
  name: string
  userId: string
  serialNumber: string
  /** Undefined when the server does not say. */
  enabled: boolean | undefined
  startDate: Date | undefined
  endDate: Date | undefined
  /** Base64 of SubjectPublicKeyInfo, or whatever the server writes; empty when it does not say. */
  publicKey: string
  /** PEM, or base64 of DER, and possibly not alone; of a listed one only where it is needed to know its key. */
  certificate: string
  /** The issuing CA certificates, likewise; possibly empty. */
  caCertificates: string
}

/** What a response to `PUT …/enable` says the certificate is now; undefined when it does not say. */
export function readEnabled(body: string): boolean | undefined {
  try {
    const value = readJson(body)
    return isObject(value) && typeof value.enabled === 'boolean' ? value.enabled : undefined
  } catch {
    return undefined
  }
}

/** Who the API says is calling. */
export interface User {
  id: string
  /** `friendly_name`, or the e-mail address of a person. */
  name: string
  /** `ACTIVE` for one that may work; empty when the server does not say. */
  status: string
  permissions: string[]
}

/** False only when the server says that the user may not work. */
export function isActive({ status }: User): boolean {
  return status === '' || status.toUpperCase() === 'ACTIVE'
}

/** @throws ActionError RESPONSE_INVALID when it is not a certificate record */
export function parseCertificateRecord(value: unknown): CertificateRecord {
  const record = asObject(value, 'a certificate record')
  const id = identifier(record, 'id')
  // The id goes into a URL path: anything but these characters is not an id.
  if (!/^\w[\w.-]{0,99}$/.test(id)) throw invalidResponse('a certificate record without a usable id')
  return {
    id,
    name: text(record, 'name'),
    userId: identifier(record, 'user_id'),
    serialNumber: text(record, 'serial_number'),
    enabled: typeof record.enabled === 'boolean' ? record.enabled : undefined,
    startDate: date(record, 'start_date'),
    endDate: date(record, 'end_date'),
    publicKey: limited(lines(record, 'public_key')),
    certificate: lines(record, 'x509_cert'),
    caCertificates: lines(record, 'ca_cert'),
  }
}

/** @throws ActionError RESPONSE_INVALID when it is not a user */
export function parseUser(value: unknown): User {
  const user = asObject(value, 'a user')
  const id = identifier(user, 'id')
  if (id === '') throw invalidResponse('a user without an id')
  const applications = Array.isArray(user.applications) ? user.applications : []
  const permissions = applications.flatMap(application => {
    const list: unknown = isObject(application) ? application.permissions : []
    return Array.isArray(list)
      ? list.filter(item => typeof item === 'string').map(item => clean(item, 100))
      : []
  })
  return {
    id,
    name: text(user, 'friendly_name') || text(user, 'email'),
    status: text(user, 'status'),
    permissions,
  }
}

/**
 * Reads DigiCert's error shapes, `{"errors":[…]}` and `{"error":{…}}`, and the flat one of Spring beneath it,
 * `{"timestamp","status","error":"text","path"}`; empty strings for anything else.
 */
export function parseServerError(value: unknown): ServerError {
  if (!isObject(value)) return { code: '', message: '' }
  const first: unknown = Array.isArray(value.errors) ? value.errors[0] : value.error
  if (isObject(first)) return { code: clean(first.code ?? first.status, 60), message: clean(first.message) }
  const words = clean(first)
  const message = clean(value.message)
  // Spring's own message is more than the status's name beside it; a word like access_denied is not a message.
  if (!CODE_WORD.test(words)) return { code: clean(value.code, 60), message: message || words }
  return { code: words.slice(0, 60), message }
}

/** Several words joined by underscores, as in all of DigiCert's codes. */
const CODE_WORD = /^[a-z]+(_[a-z]+)+$/i

/**
 * An entry of the list. In a list of thousands nobody needs the certificates themselves, which are most of what an entry
 * weighs.
 * @throws ActionError RESPONSE_INVALID when it is not a certificate record
 */
export function parseListedRecord(value: unknown): CertificateRecord {
  const record = parseCertificateRecord(value)
  const certificate = KEY.test(record.publicKey) ? '' : limited(record.certificate)
  return { ...record, certificate, caCertificates: '' }
}

/** How a public key begins: as base64 of a DER sequence, as PEM, or as base64 of PEM. */
const KEY = /^\s*(M|-----BEGIN|LS0t)/
/** The largest keys have 16,384 bits; with its issuers, a certificate takes some 10 kB. */
const LONGEST = 20_000

function limited(text: string): string {
  return text.length <= LONGEST ? text : ''
}

/** A text, or a list of them one below the other. */
function lines(object: JsonObject, key: string): string {
  return [object[key]]
    .flat()
    .filter(value => typeof value === 'string')
    .join('\n')
}

/** ISO 8601 takes 35 characters with nanoseconds and an offset. */
const LONGEST_DATE = 60

function date(object: JsonObject, key: string): Date | undefined {
  const value = object[key]
  const parsed = typeof value === 'string' && value.length <= LONGEST_DATE ? new Date(value) : undefined
  return parsed === undefined || Number.isNaN(parsed.getTime()) ? undefined : parsed
}
