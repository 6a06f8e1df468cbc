import type { CertificateRecord } from '../../digicert/records.ts'
import type { ActionError } from '../../errors.ts'
import type { Target } from '../../github/target.ts'
import type { Encryption } from '../../x509/pkcs12.ts'
import type { Held } from '../held.ts'
import type { IssueReason, Plan, RotationSettings } from './plan.ts'
import type { ObservedTarget, Publisher, SecretNames, TargetResult } from './publish.ts'
import type { RenewPorts, RenewRequest } from './renew.ts'

/** What a rotation is asked, works with, and reports. */
export interface RotateRequest
  extends Pick<RenewRequest, 'namePrefix' | 'subject' | 'validitySeconds' | 'keySize'> {
  /** What the secrets hold now: the truth about what is in use. */
  p12: Buffer
  password: string
  encryption: 'auto' | Encryption
  names: SecretNames
  targets: Target[]
  /** `owner/repo` of the workflow. */
  repository: string
  settings: RotationSettings
  dryRun: boolean
}

export interface RotatePorts extends RenewPorts {
  secrets: Publisher
}

/** What a run found and did. */
export interface RotationReport {
  dryRun: boolean
  /** Why a new certificate was issued, or would be. */
  reason: IssueReason | undefined
  /** A new certificate is in at least one target. */
  rotated: boolean
  /** The certificate in use after the run. */
  current: InUse
  /** The one that it replaced, as far as that is known. */
  previous: CertificateRecord | undefined
  targets: TargetResult[]
  disabled: Plan<ObservedTarget>['disable']
  waiting: Plan<ObservedTarget>['waiting']
  /** From when on the certificate in use is replaced. */
  dueFrom: Date
  now: Date
  /** What fails the run, after all that could be done was done. */
  failure: ActionError | undefined
}

/** A certificate with its key, and what the API says of it. */
export interface InUse extends Held {
  record: CertificateRecord
  p12: Buffer
}
