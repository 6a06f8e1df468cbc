import { clean } from '../text.ts'
import { asObject, identifier, isObject, type JsonObject, text } from './json.ts'

/** A key that stays in DigiCert ONE and signs there. Only its alias is certain. */
export interface Keypair {
  id: string
  /** Exactly as the server wrote it: to compare with, not to print. */
  exactAlias: string
  alias: string
  /** Whether only some may sign with it; undefined when the server does not say. */
  limited: boolean | undefined
  /** Ids of the users who may; undefined when the server does not say, which an empty list is taken for. */
  users: string[] | undefined
  /** Teams or groups are named as well, so somebody who is not among the users may still sign. */
  byGroup: boolean
  /** The server says that the user of this request may sign with it. */
  signable: boolean
  /** What the server says of its certificates, possibly no more than an id each; undefined when it says nothing. */
  certificates: SigningCertificate[] | undefined
}

/** A code-signing certificate of a keypair. */
export interface SigningCertificate {
  id: string
  /** Exactly as the server wrote it: to compare with, not to print. */
  exactAlias: string
  alias: string
  /** `ACTIVE`, `REVOKED`, …; empty when the server does not say. */
  status: string
  /** `EV`, `OV`, …; empty when the server does not say. */
  type: string
  /** Undefined when the server does not say. */
  isDefault: boolean | undefined
  /** Base64 of DER, or PEM; empty when it did not come along. */
  certificate: string
  /** The issuing CA certificates, in the same form. */
  chain: string[]
  /** Undefined when the server does not say. */
  keypair: Pick<Keypair, 'id' | 'exactAlias' | 'alias' | 'limited'> | undefined
}

/** @throws ActionError RESPONSE_INVALID when it is not a keypair */
export function parseKeypair(value: unknown): Keypair {
  const keypair = asObject(value, 'a keypair')
  const { users, certificates } = keypair
  const ids = Array.isArray(users) ? users.map(userId) : []
  return {
    ...parseKeypairName(keypair),
    users: ids.length > 0 && ids.every(id => id !== '') ? ids : undefined,
    byGroup: Object.entries(keypair).some(([key, found]) => /team|group/i.test(key) && isFilled(found)),
    signable: keypair.is_signable_by_me === true,
    certificates: Array.isArray(certificates)
      ? certificates.filter(isObject).map(parseSigningCertificate)
      : undefined,
  }
}

/** @throws ActionError RESPONSE_INVALID when it is not a certificate */
export function parseSigningCertificate(value: unknown): SigningCertificate {
  const certificate = asObject(value, 'a code-signing certificate')
  const { default_cert: isDefault, keypair, chain, cert } = certificate
  return {
    id: identifier(certificate, 'id'),
    exactAlias: exact(certificate, 'alias'),
    alias: text(certificate, 'alias'),
    status: text(certificate, 'certificate_status'),
    type: clean(certificate.certificate_type, 30),
    isDefault: typeof isDefault === 'boolean' ? isDefault : undefined,
    certificate: typeof cert === 'string' ? cert : '',
    chain: Array.isArray(chain) ? chain.flatMap(chainBlob) : [],
    keypair: isObject(keypair) ? parseKeypairName(keypair) : undefined,
  }
}

function parseKeypairName(keypair: JsonObject) {
  const { limit_by_users: limited } = keypair
  return {
    id: identifier(keypair, 'id'),
    exactAlias: exact(keypair, 'alias'),
    alias: text(keypair, 'alias'),
    limited: typeof limited === 'boolean' ? limited : undefined,
  }
}

function exact(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function userId(user: unknown): string {
  return isObject(user) ? identifier(user, 'id') || identifier(user, 'user_id') : clean(user)
}

function chainBlob(entry: unknown): string[] {
  const blob = isObject(entry) ? entry.blob : entry
  return typeof blob === 'string' ? [blob] : []
}

/** False for what says that there is none: `[]`, `{}`, `null`, `false`, an empty text. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}
