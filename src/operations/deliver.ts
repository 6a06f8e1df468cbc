import type { KeyObject, X509Certificate } from 'node:crypto'
import type { PrivateDirectory } from '../files.ts'
import type { Identity } from '../net/endpoint.ts'
import { certificatePem } from '../x509/certificate.ts'
import type { DeliveredFiles } from './request.ts'

export interface Material {
  p12: Buffer
  certificate: X509Certificate
  chain: X509Certificate[]
  /** Undefined when no plaintext key shall be on disk. */
  privateKey: KeyObject | undefined
}

/** Writes what the signing steps need into the private directory. */
export function writeMaterial(directory: PrivateDirectory, material: Material): DeliveredFiles {
  const { p12, certificate, chain, privateKey } = material
  directory.create()
  return {
    p12: directory.write('client.p12', p12),
    certificate: directory.write('client.crt', certificatePem(certificate)),
    chain: chain.length === 0 ? '' : directory.write('ca.crt', chain.map(certificatePem).join('')),
    key: privateKey === undefined ? '' : directory.write('client.key', privateKeyPem(privateKey)),
  }
}

/** PKCS#8, unencrypted. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** What the proof over mTLS shows: the certificate with its chain, and its key. */
export function pemIdentity(
  keyPem: string,
  certificate: X509Certificate,
  chain: X509Certificate[],
): Identity {
  return { key: keyPem, cert: [certificate, ...chain].map(certificatePem).join('') }
}
