import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto'
import { generateKeys } from '../keys.ts'
import type { ServiceUser } from '../users.ts'
import type { CodeSigningCertificate } from './certificate.ts'

export type SigningKeyType = 'ec-p256' | 'ec-p384' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096'

/** A keypair of Software Trust, with its certificates. Live: changing a field changes what the API says and permits. */
export interface Keypair {
  id: string
  /** the name that smctl uses */
  alias: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** `PRODUCTION` or `TEST` */
  type: string
  /** `HSM` or `DISK` */
  storage: string
  /** `key_status`: `ONLINE` signs, anything else does not */
  status: string
  /** the only users who may sign, unless a group or the team adds others; null: everybody in the account may */
  users: ServiceUser[] | null
  /** whose members may sign with a limited keypair as well */
  groups: UserGroup[]
  /** likewise */
  team: UserGroup | null
  certificates: CodeSigningCertificate[]
}

/** Only its id and name are on the wire. */
export interface UserGroup {
  id: string
  name: string
  members: ServiceUser[]
}

/** The properties of a keypair; omitted ones have the usual values. */
export interface KeypairOptions {
  /** default `keypair-<n>` */
  alias?: string
  /** default `ec-p256`, which is made in no time */
  keyType?: SigningKeyType
  /** default `PRODUCTION` */
  type?: string
  /** default `HSM` */
  storage?: string
  /** default `ONLINE` */
  status?: string
  /** default null */
  users?: ServiceUser[] | null
  groups?: UserGroup[]
  team?: UserGroup | null
}

export async function generateSigningKey(type: SigningKeyType): Promise<KeyObject> {
  return createPrivateKey((await generateKeys(type)).privateKeyPem)
}

export function createKeypair(
  privateKey: KeyObject,
  options: Omit<KeypairOptions, 'keyType'> & { alias: string },
): Keypair {
  return {
    id: randomUUID(),
    privateKey,
    publicKey: createPublicKey(privateKey),
    type: 'PRODUCTION',
    storage: 'HSM',
    status: 'ONLINE',
    users: null,
    groups: [],
    team: null,
    certificates: [],
    ...options,
  }
}

/** Whether this user may use the keypair. */
export function isFor(keypair: Keypair, user: ServiceUser): boolean {
  const { users, groups, team } = keypair
  if (users === null || users.includes(user)) return true
  return [...groups, ...(team === null ? [] : [team])].some(({ members }) => members.includes(user))
}
