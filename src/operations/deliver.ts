import type { KeyObject, X509Certificate } from 'node:crypto'
import type { DigicertOne } from '../digicert/client.ts'
import type { PrivateDirectory } from '../files.ts'
import type { Identity } from '../net/endpoint.ts'
import { presentable } from '../net/presentable.ts'
import type { BasicPorts, Ledger, Mask } from '../ports.ts'
import { type CertificateFacts, certificatePem, isSelfSigned } from '../x509/certificate.ts'
import type { Signing, SigningRequest } from './preflight/types.ts'

/** What both modes of the root action need to know. */
export interface DeliveryRequest {
  encryption: 'auto' | 'modern' | 'legacy'
  writeKey: boolean
  verify: boolean
  /** All of these must be among the user's permissions. */
  requirePermissions: string[]
  /** What later steps sign with, when that is to be verified as well. */
  signing?: SigningRequest | undefined
}

export interface DeliveryPorts extends BasicPorts {
  digicert: DigicertOne
  ledger: Ledger
  mask: Mask
  directory: PrivateDirectory
}

export interface VerifiedUser {
  id: string
  name: string
}

/** A certificate that later steps can use. */
export interface Delivered {
  mode: 'issue' | 'stored'
  facts: CertificateFacts
  /** DigiCert's nickname, or the friendly name in a stored P12; may be empty. */
  name: string
  /** Empty for a stored certificate. */
  certificateId: string
  /** Undefined when no user was requested. */
  user: VerifiedUser | undefined
  /** True when the mTLS host accepted it. */
  verified: boolean
  permissions: string[]
  /** What later steps can sign with; undefined when that was not requested. */
  signing: Signing | undefined
  password: string
  files: DeliveredFiles
  clientauthUrl: string
  daysRemaining: number
  /** Expires within `warn-within`; always false for an issued one. */
  expiring: boolean
}

/** Absolute paths; empty for what was not written. */
export interface DeliveredFiles {
  p12: string
  certificate: string
  chain: string
  key: string
  signingCertificate: string
}

export interface Material {
  p12: Buffer
  certificate: X509Certificate
  chain: X509Certificate[]
  /** Undefined when no plaintext key may be on disk. */
  privateKey: KeyObject | undefined
  signing: Signing | undefined
}

/** Writes what the signing steps need into the private directory. */
export function writeMaterial(directory: PrivateDirectory, material: Material): DeliveredFiles {
  const { p12, certificate, chain, privateKey, signing } = material
  directory.create()
  return {
    p12: directory.write('client.p12', p12),
    certificate: directory.write('client.crt', certificatePem(certificate)),
    chain: chain.length === 0 ? '' : directory.write('ca.crt', chain.map(certificatePem).join('')),
    key: privateKey === undefined ? '' : directory.write('client.key', privateKeyPem(privateKey)),
    signingCertificate: writeSigningCertificate(directory, signing),
  }
}

/** The certificate first, then its chain; no file without one. */
function writeSigningCertificate(directory: PrivateDirectory, signing: Signing | undefined): string {
  if (signing?.certificate === undefined) return ''
  const { certificate, chain } = signing.certificate
  return directory.write('signing.crt', [certificate, ...chain].map(certificatePem).join(''))
}

/** PKCS#8, unencrypted. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * What the mTLS check presents: the certificate and its key, and the path that issued it, without its root, which the
 * server has, and without what OpenSSL would refuse the handshake for.
 */
export function pemIdentity(
  keyPem: string,
  certificate: X509Certificate,
  chain: X509Certificate[],
): Identity {
  const issuers = chain.filter(issuer => !isSelfSigned(issuer)).map(certificatePem)
  return { key: keyPem, cert: [certificatePem(certificate), ...presentable(issuers)].join('') }
}
