import type { DigicertOne } from '../digicert/client.ts'
import type { PrivateDirectory } from '../files.ts'
import type { BasicPorts } from '../ports.ts'
import type { CertificateFacts } from '../x509/certificate.ts'
import type { KeySize } from '../x509/key.ts'
import type { Rdn } from '../x509/subject.ts'

/** What both modes of the root action are asked. */
interface CommonRequest {
  encryption: 'auto' | 'modern' | 'legacy'
  writeKey: boolean
  verify: boolean
  /** All of these must be among the user's permissions. */
  requirePermissions: string[]
}

export interface IssueRequest extends CommonRequest {
  mode: 'issue'
  /** Start of the nickname, already in the characters that DigiCert accepts. */
  namePrefix: string
  /** In DER order; undefined for `CN=<nickname>`. */
  subject: Rdn[] | undefined
  validitySeconds: number
  keySize: KeySize
  /** Undefined for a random one. */
  password: string | undefined
}

export interface StoredRequest extends CommonRequest {
  mode: 'stored'
  p12: Buffer
  /** As the secret holds it, which may be with a stray line break. */
  password: string
  warnWithinSeconds: number
  failWithinSeconds: number
}

/** Remembers for the post step what this run may leave behind. Every call is on disk when it returns. */
export interface Ledger {
  /** A request for this nickname is about to go out. */
  asking(nickname: string): void
  /** Nothing by this nickname is left enabled. */
  settled(nickname: string): void
  /** The certificate that this run uses. */
  issued(id: string, nickname: string): void
}

/** Makes secrets unreadable in the log; called before a secret goes anywhere. */
export interface Mask {
  text(secret: string): void
  bytes(secret: Buffer): void
  privateKey(pem: string): void
}

export interface Ports extends BasicPorts {
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
  /** Undefined when nothing proved it. */
  user: VerifiedUser | undefined
  /** True when the clientauth host accepted it. */
  verified: boolean
  permissions: string[]
  password: string
  files: DeliveredFiles
  clientauthUrl: string
  daysRemaining: number
  /** Ends within `warn-within`; always false for an issued one. */
  expiring: boolean
}

/** Absolute paths; empty for what was not written. */
export interface DeliveredFiles {
  p12: string
  certificate: string
  chain: string
  key: string
}
