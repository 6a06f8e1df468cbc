import type { DigicertOne } from '../../digicert/client.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import type { ActionError } from '../../errors.ts'
import type { GithubRuns } from '../../github/runs.ts'
import type { BasicPorts } from '../../ports.ts'
import type { RunAttempt } from '../nickname.ts'

/** Certificates that issue mode made in runs of one repository that are over. They are disabled. */
export interface LeftoversRequest {
  kind: 'leftovers'
  enabled: false
  /** `owner/repo` */
  repository: string
  /** The run that this step is part of: never over. Empty where that is not known. */
  ownRun: string
  /** False on github.com, where no two runs have one id; a server of its own counts from 1. */
  isOwnServer: boolean
  dryRun: boolean
}

/** Every certificate of the service user, or those whose nickname a glob matches. */
export interface AllRequest {
  kind: 'all'
  enabled: boolean
  /** A glob; empty for all. */
  name: string
  dryRun: boolean
}

export type SweepRequest = LeftoversRequest | AllRequest

export interface SweepPorts extends BasicPorts {
  digicert: DigicertOne
}

export interface LeftoversPorts extends SweepPorts {
  runs: Pick<GithubRuns, 'find'>
}

/**
 * `due`: a dry run would have changed it. `unsettled`: it was to be changed, and is not shown to be. `kept`: GitHub
 * could not be asked whether its run is over.
 */
export type Outcome = 'changed' | 'already' | 'due' | 'unsettled' | 'kept'

/** One certificate, and what became of it. */
export interface Swept {
  record: CertificateRecord
  outcome: Outcome
  /** The run that made it; of leftovers alone. */
  run?: RunAttempt
  /** Why it is `unsettled` or `kept`. */
  problem?: ActionError
}

export interface SweepReport {
  enabled: boolean
  dryRun: boolean
  /** In the order in which DigiCert ONE lists them. */
  swept: Swept[]
  /** Certificates on the list, including those of other users. */
  listed: number
  /** What to do when GitHub shows no run at all, not even the one that asks: nothing could be shown to be over. */
  blindness: string | undefined
  /** What to throw at the end. */
  failure: ActionError | undefined
}
