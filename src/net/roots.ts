import { requireTrustFiles } from '../files.ts'
import { caCertificates } from './ca-lists.ts'

/**
 * Node's trust anchors, with those of `NODE_EXTRA_CA_CERTS`, and the operating system's.
 * @throws ActionError FILE_READ for what the environment names in place of the system's files
 */
export function knownRoots(): string[] {
  requireTrustFiles(process.env)
  return [...caCertificates('default'), ...caCertificates('system')]
}
