import type { Identity } from '../net/endpoint.ts'
import type { Mask } from '../ports.ts'
import { type CertificateFacts, describeCertificate } from '../x509/certificate.ts'
import type { Pkcs12 } from '../x509/pkcs12.ts'
import { pemIdentity, privateKeyPem } from './deliver.ts'

/** A certificate with its key, to verify it. */
export interface Held {
  facts: CertificateFacts
  identity: Identity
  /** Issued or enabled by this run: the mTLS host may not know it yet. */
  isNew: boolean
}

/** Takes certificate and key out of an opened P12; file and key are masked first. */
export function hold({ der, password, privateKey, certificate, chain }: Pkcs12, mask: Mask): Held {
  mask.bytes(der, password)
  const key = privateKeyPem(privateKey)
  mask.privateKey(key)
  return {
    facts: describeCertificate(certificate),
    identity: pemIdentity(key, certificate, chain),
    isNew: false,
  }
}
