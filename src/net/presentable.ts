import { createSecureContext } from 'node:tls'
import { TLS } from './tls.ts'

/**
 * The certificates (PEM) that this OpenSSL is ready to present. For one in the chain whose key is too small, or whose
 * signature is too weak, it would refuse the whole handshake.
 */
export function presentable(certificates: string[]): string[] {
  return certificates.filter(isPresentable)
}

function isPresentable(cert: string): boolean {
  try {
    // No trust anchors: reading Node's own takes far longer than the rest.
    createSecureContext({ ...TLS, ca: [], cert })
    return true
  } catch {
    return false
  }
}
