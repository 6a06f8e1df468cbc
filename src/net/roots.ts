import { X509Certificate } from 'node:crypto'
import { requireTrustFiles } from '../files.ts'
import { caCertificates } from './ca-lists.ts'
import { isInForce } from './objections.ts'

/** `ca-certificates`, which add trust and take none away. */
export interface Given {
  usable: string[]
  /** Outside their dates: they vouch for nothing, and must not hide a renewed certificate of the same CA. */
  outdated: string[]
}

/** @param given certificates in PEM */
export function sortGiven(given: string[]): Given {
  const isUsable = (pem: string) => isInForce(new X509Certificate(pem))
  return { usable: given.filter(isUsable), outdated: given.filter(pem => !isUsable(pem)) }
}

/**
 * Node's trust anchors, with those of `NODE_EXTRA_CA_CERTS`, and the operating system's.
 * @throws ActionError FILE_READ for what the environment names in place of the system's files
 */
export function knownRoots(): string[] {
  requireTrustFiles(process.env)
  return [...caCertificates('default'), ...caCertificates('system')]
}
