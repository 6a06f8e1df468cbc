import { CertificateRefused } from '../digicert/clientauth.ts'
import type { Identity } from '../digicert/endpoint.ts'
import { hostOf } from '../digicert/hosts.ts'
import type { User } from '../digicert/records.ts'
import { ActionError, hasCode } from '../errors.ts'
import type { CertificateFacts } from '../x509/certificate.ts'
import { diagnose } from './diagnose.ts'
import type { Ports } from './request.ts'

export interface Proof {
  /** Undefined when nothing was asked. */
  user: User | undefined
  verified: boolean
}

/**
 * Shows that DigiCert ONE accepts the certificate and that its user may do what the later steps need.
 * @throws ActionError CERT_*, USER_INACTIVE, PERMISSION_MISSING
 */
export async function prove(
  identity: Identity,
  facts: CertificateFacts,
  wanted: { verify: boolean; requirePermissions: string[] },
  ports: Pick<Ports, 'digicert' | 'clock' | 'log'>,
): Promise<Proof> {
  const user = wanted.verify
    ? await verifyOverMtls(identity, facts, ports)
    : await askApi(wanted.requirePermissions, ports)
  if (user !== undefined) requireAll(wanted.requirePermissions, user)
  return { user, verified: wanted.verify }
}

async function verifyOverMtls(
  identity: Identity,
  facts: CertificateFacts,
  ports: Pick<Ports, 'digicert' | 'clock' | 'log'>,
): Promise<User> {
  try {
    const user = await ports.digicert.verify(identity)
    ports.log.info(
      `Proven over mTLS at ${hostOf(ports.digicert.hosts.clientauth)}: it authenticates "${user.name || user.id}".`,
    )
    return user
  } catch (error) {
    throw isRefusal(error) ? await diagnose(error, facts, ports) : error
  }
}

/** True for every way in which the clientauth host does not accept a certificate. */
export function isRefusal(error: unknown): error is Error {
  return error instanceof CertificateRefused || hasCode(error, 'CERT_REFUSED')
}

/** Without mTLS the API key's own user is the one to look at. */
async function askApi(
  permissions: string[],
  { digicert }: Pick<Ports, 'digicert'>,
): Promise<User | undefined> {
  return permissions.length > 0 ? await digicert.currentUser() : undefined
}

function requireAll(permissions: string[], user: User): void {
  const missing = permissions.filter(permission => !user.permissions.includes(permission))
  if (missing.length === 0) return
  throw new ActionError('PERMISSION_MISSING', {
    what: `The user "${user.name}" lacks ${missing.join(', ')}.`,
    why: 'The role of the service user does not include it, or the name of the permission is misspelled.',
    fix: "In DigiCert ONE, add it to the service user's role, or correct 'require-permissions'.",
  })
}
