/** A code-signing certificate as Software Trust stores it. Live: changing a field changes what the API says. */
export interface CodeSigningCertificate {
  id: string
  /** the name that jsign uses */
  alias: string
  readonly pem: string
  /** its issuer, then the root */
  chainPem: readonly string[]
  readonly validFrom: Date
  readonly validTo: Date
  /** `ACTIVE`, `REVOKED`, `EXPIRED`, … It does not follow the dates: whether the real one does is unknown */
  status: string
  /** `default_cert`; at most one of a keypair's, or none */
  isDefault: boolean
  hierarchy: string
  type: string
}

/** The properties of a certificate; omitted ones have the usual values. */
export interface CertificateOptions {
  /** default `certificate-<n>` */
  alias?: string
  /** default `CN=Example Software Inc, O=Example Software Inc, C=US` */
  subject?: string
  /** default: a day ago by the machine's clock, or 30 days before an earlier notAfter */
  notBefore?: Date
  /** default: in 365 days, by the machine's clock */
  notAfter?: Date
  /** hex; default random */
  serialNumber?: string
  /** default `ACTIVE` */
  status?: string
  /** default: true for the first of a keypair */
  isDefault?: boolean
  /** default `PUBLIC` */
  hierarchy?: string
  /** default `EV` */
  type?: string
}
