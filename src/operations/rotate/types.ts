import type { CertificateRecord } from '../../digicert/records.ts'
import type { ActionError } from '../../errors.ts'
import type { FoldingLog } from '../../ports.ts'
import type { Encryption } from '../../x509/pkcs12.ts'
import type { Held } from '../held.ts'
import type { Dated, IssueReason, Observation, Plan, RotationSettings } from './plan.ts'
import type { RenewPorts, RenewRequest } from './renew.ts'

/** What a rotation is asked, works with, and reports. */
export interface RotateRequest
  extends Pick<RenewRequest, 'namePrefix' | 'subject' | 'validitySeconds' | 'keySize'> {
  /** What the workflow was handed: the truth about what is in use. */
  p12: Buffer
  password: string
  encryption: 'auto' | Encryption
  settings: RotationSettings
  dryRun: boolean
}

export interface RotatePorts extends RenewPorts {
  log: FoldingLog
  publisher: Publisher
}

/** Where a P12 is kept, as a run finds it. */
export interface Place extends Dated {
  name: string
}

/** What a place has after the run: `pending` where a dry run left it. */
export interface TargetResult {
  name: string
  state: 'current' | 'written' | 'failed' | 'pending'
  problem: ActionError | undefined
}

/** Where a rotation publishes: secrets of GitHub's, or the outputs of the step. */
export interface Publisher {
  /** When jobs can get what was published: by now, or only once a later run is handed it itself. */
  readonly effective: 'at once' | 'later'
  /**
   * @returns in the order in which they are written
   * @throws ActionError
   */
  observe(): Promise<Place[]>
  /** Pure. */
  plan(observed: Observation<Place>, settings: RotationSettings): Plan<Place>
  /** @throws ActionError when this run cannot write there: shown before anything is issued */
  proveWritable(places: Place[]): Promise<void>
  /** @throws ActionError when nothing was published */
  publish(writes: Plan<Place>['write'], content: { p12: Buffer; password: string }): Promise<TargetResult[]>
  /** The results as the user knows the places, and in the order of the input. */
  report(results: TargetResult[]): TargetResult[]
}

/** What a run found and did. */
export interface RotationReport {
  dryRun: boolean
  /** Why a new certificate was issued, or would be. */
  reason: IssueReason | undefined
  /** A new certificate is in at least one target, or was handed over. */
  rotated: boolean
  /** The certificate in use after the run. */
  current: InUse
  /** The one that it replaced, as far as that is known. */
  previous: CertificateRecord | undefined
  targets: TargetResult[]
  disabled: Plan<Place>['disable']
  waiting: Plan<Place>['waiting']
  effective: Publisher['effective']
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
