import { isActive, type User } from '../digicert/records.ts'
import { SoftwareTrust } from '../digicert/software-trust.ts'
import { ActionError, hasCode } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import { clean } from '../text.ts'
import { diagnose } from './diagnose.ts'
import { type EffectPorts, judge } from './effect.ts'
import type { Held } from './held.ts'
import { closest, nearest } from './nearest.ts'
import { preflight } from './preflight/preflight.ts'
import type { Signing, SigningRequest } from './preflight/types.ts'

export interface Proof {
  /** Undefined when nothing was requested. */
  user: User | undefined
  verified: boolean
  /** Undefined when no check of what later steps sign with was requested. */
  signing: Signing | undefined
}

/** What to verify besides the certificate. */
export interface Wanted {
  verify: boolean
  requirePermissions: string[]
  /** `unknown` when the API key was not used yet, although later steps will use it. */
  apiKey: 'used' | 'unknown' | 'none'
  /** What later steps sign with, when that is to be verified as well. */
  signing?: SigningRequest | undefined
}

/**
 * Verifies that DigiCert ONE accepts the certificate, and the API key that later steps use with it, and that the user
 * may do what they need; with `signing`, that later steps can sign.
 * @throws ActionError CERT_*, API_KEY_INVALID, PERMISSION_MISSING, KEYPAIR_*, SIGNING_*
 */
export async function prove(held: Held, wanted: Wanted, ports: EffectPorts): Promise<Proof> {
  const { requirePermissions, verify } = wanted
  if (!verify) {
    const user = requirePermissions.length > 0 ? await ports.digicert.currentUser() : undefined
    if (user !== undefined) requireAll(requirePermissions, user)
    return { user, verified: false, signing: undefined }
  }
  const [user, keyUser] = await Promise.all([
    verifyOverMtls(held, ports),
    wanted.apiKey === 'unknown' ? askWithKey(ports) : undefined,
  ])
  if (keyUser instanceof ActionError) refuseKey(keyUser, ports)
  else if (keyUser !== undefined) compare(keyUser, user, ports)
  warnUnlessActive(user, ports)
  requireAll(requirePermissions, user)
  return { user, verified: true, signing: await verifySigning(held, user, wanted, ports) }
}

/** On the connection over which the certificate was accepted. */
async function verifySigning(
  { identity, isNew }: Held,
  user: User,
  { signing }: Wanted,
  { digicert, clock, log }: EffectPorts,
): Promise<Signing | undefined> {
  if (signing === undefined) return undefined
  const trust = new SoftwareTrust(digicert.signingAccess(identity))
  return await preflight(signing, { user, isNew }, { trust, clock, log })
}

async function verifyOverMtls(held: Held, ports: EffectPorts): Promise<User> {
  const verdict = await judge(held, ports)
  if (!verdict.accepted) throw await diagnose(verdict, held, ports)
  const { user } = verdict
  ports.log.info(
    `Verified over mTLS: ${hostOf(ports.digicert.hosts.clientauth)} accepts the certificate as user "${user.name || user.id}".`,
  )
  return user
}

/** @returns the user of the API key, or why it could not be found out: what that means is decided after the mTLS check */
async function askWithKey({ digicert }: EffectPorts): Promise<User | ActionError> {
  try {
    return await digicert.userOfKey()
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}

/** Only a refused key fails the step: signing does not need the API host, which may be down or out of reach. */
function refuseKey(error: ActionError, { log }: EffectPorts): void {
  if (hasCode(error, 'API_KEY_INVALID')) throw error
  log.warning(
    `The API key could not be verified: ${error.message} The certificate was accepted; if the key is wrong, signing fails.`,
  )
}

function compare(keyUser: User, user: User, { log }: EffectPorts): void {
  if (keyUser.id === user.id) return
  log.warning(
    `The API key belongs to the user "${keyUser.name || keyUser.id}" and the certificate to the user "${user.name || user.id}" (USERS_DIFFER). Software Trust signs only when both belong to one user. Use the API key and the certificate of the same user.`,
  )
}

function warnUnlessActive(user: User, { log, digicert }: EffectPorts): void {
  if (isActive(user)) return
  const { name, id, status } = user
  log.warning(
    `${hostOf(digicert.hosts.clientauth)} accepts the certificate, but says that its user "${name || id}" has the status ${status} (USER_INACTIVE). Signing may be refused. Activate the user in DigiCert ONE.`,
  )
}

function requireAll(permissions: string[], user: User): void {
  const missing = permissions.filter(permission => !user.permissions.includes(permission))
  if (missing.length === 0) return
  const { permissions: held } = user
  const alike = missing.flatMap(wanted => suggestionFor(wanted, held))
  throw new ActionError('PERMISSION_MISSING', {
    what: `The user "${user.name || user.id}" lacks ${missing.join(', ')}. ${describeHeld(missing, held)}${alike.join('')}`,
    why:
      alike.length > 0
        ? 'The name of the permission is misspelled, or the role of the user does not include it.'
        : 'The role of the user does not include it, or the name of the permission is misspelled.',
    fix: "In DigiCert ONE, add it to the user's role, or correct 'require-permissions'.",
  })
}

/** An administrator has some hundred permissions. */
const MOST_NAMED = 10

/** What the user has, the most like what is missing first. */
function describeHeld(missing: string[], held: string[]): string {
  const each = Math.ceil(MOST_NAMED / missing.length)
  const named = [...new Set(missing.flatMap(wanted => nearest(wanted, held, each)))].slice(0, MOST_NAMED)
  if (named.length === 0) return 'DigiCert ONE lists no permissions of this user.'
  const more = new Set(held).size - named.length
  return `It has ${named.map(shortened).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/** A name that differs by a typo. */
function suggestionFor(wanted: string, held: string[]): string[] {
  const found = closest(wanted, held)
  return found !== undefined ? [` Did you mean ${shortened(found)}?`] : []
}

const shortened = (permission: string): string => clean(permission, 60)
