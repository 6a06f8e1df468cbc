import type { X509Certificate } from 'node:crypto'
import type { Keypair, SigningCertificate } from '../../digicert/signing-records.ts'
import type { CertificateFacts } from '../../x509/certificate.ts'
import type { Thresholds } from '../../x509/validity.ts'

/** What later steps sign with; one of the two aliases may be empty. */
export interface SigningRequest {
  keypairAlias: string
  certificateAlias: string
  thresholds: Thresholds
}

/** What Software Trust has under these aliases. */
export interface Found {
  keypair: Keypair
  certificate: SigningCertificate
}

/** What later steps can sign with. */
export interface Signing {
  keypairId: string
  keypairAlias: string
  certificateAlias: string
  /** Undefined when Software Trust did not send it. */
  certificate: CodeSigningCertificate | undefined
}

export interface CodeSigningCertificate {
  facts: CertificateFacts
  /** Upper-case hex, as `signtool /sha1` takes it. */
  sha1: string
  /** Whose name users see on what is signed. */
  signer: string
  certificate: X509Certificate
  chain: X509Certificate[]
  daysRemaining: number
  /** Expires within `signing-warn-within`. */
  expiring: boolean
}
