import { mapConcurrently } from '../../concurrency.ts'
import { ActionError } from '../../errors.ts'
import { feeds, type Target, targetName } from '../../github/target.ts'
import type { FoldingLog } from '../../ports.ts'
import type { WriteReason } from './plan.ts'
import type { Place, TargetResult } from './types.ts'
import { WRITE_REASONS } from './words.ts'

export interface SecretNames {
  p12: string
  password: string
}

/** A target as a run finds it; its name is as in `targets`. */
export interface ObservedTarget extends Place {
  target: Target
}

export interface Publication {
  names: SecretNames
  p12: Buffer
  password: string
}

/** Where to look, and from where: `repository` is `owner/repo` of the workflow. */
export interface Lookout {
  targets: Target[]
  names: SecretNames
  repository: string
}

/** GitHub's secrets, as a rotation needs them. */
export interface SecretStore {
  /** When the secret was last written; undefined when there is none. */
  find(target: Target, name: string): Promise<{ updatedAt: Date | undefined } | undefined>
  /** @throws ActionError when this run may not write there */
  proveWritable(target: Target): Promise<void>
  write(target: Target, name: string, value: string): Promise<void>
}

export interface PublishPorts {
  secrets: SecretStore
  log: FoldingLog
}

/** Targets written at once; hundreds of them must not need hundreds of times the memory. */
const AT_ONCE = 10

/**
 * Shows that the token may see every target, before anything is issued.
 * @throws ActionError GITHUB_*, RATE_LIMITED and those of the network
 */
export async function proveWritable(targets: Target[], { secrets }: PublishPorts): Promise<void> {
  await mapConcurrently(targets, AT_ONCE, target => secrets.proveWritable(target))
}

/**
 * @returns the targets in the order in which they are written
 * @throws ActionError GITHUB_*, RATE_LIMITED and those of the network
 */
export async function observeTargets(
  { targets, names, repository }: Lookout,
  { secrets }: PublishPorts,
): Promise<ObservedTarget[]> {
  const observed = await mapConcurrently(targets, AT_ONCE, async target => {
    const found = await secrets.find(target, names.p12)
    return {
      target,
      name: targetName(target),
      updatedAt: found?.updatedAt,
      feeds: feeds(target, repository),
    }
  })
  return observed.sort((one, other) => turnOf(one) - turnOf(other))
}

/** What feeds the workflow comes first, and of that the secret that a job gets where several have its name. */
function turnOf({ feeds, target: { kind } }: ObservedTarget): number {
  const preferred: Target['kind'][] = ['environment', 'repository', 'organization']
  return feeds ? preferred.indexOf(kind) : preferred.length
}

/**
 * Writes the P12 to each target; first, one by one and in their order, to those that feed the workflow: a later run sees
 * by the times of the writes whether all of them got it. One that fails does not stop the others, and is reported.
 * @returns a result for each
 */
export async function publish(
  writes: { target: ObservedTarget; why: WriteReason }[],
  publication: Publication,
  ports: PublishPorts,
): Promise<TargetResult[]> {
  const own = writes.filter(({ target }) => target.feeds)
  const others = writes.filter(write => !own.includes(write))
  const results: TargetResult[] = []
  for (const write of own) results.push(await writeTarget(write, publication, ports))
  const rest = await mapConcurrently(others, AT_ONCE, write => writeTarget(write, publication, ports))
  return [...results, ...rest]
}

async function writeTarget(
  { target, why }: { target: ObservedTarget; why: WriteReason },
  { names, p12, password }: Publication,
  { secrets, log }: PublishPorts,
): Promise<TargetResult> {
  const { name } = target
  try {
    // A target without the P12 is a new one. The password comes first: without a P12 nobody can use the two together.
    if (target.updatedAt === undefined && password !== '') {
      await secrets.write(target.target, names.password, password)
      log.info(`Wrote ${names.password} to ${name}, which had no P12 yet.`)
    }
    await secrets.write(target.target, names.p12, p12.toString('base64'))
    log.info(`Wrote ${names.p12} to ${name}: ${WRITE_REASONS[why]}.`)
    return { name, state: 'written', problem: undefined }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    // Not as a warning: the final error of the run names all that failed.
    log.info(`Could not write ${name}: ${error.message}`)
    return { name, state: 'failed', problem: error }
  }
}
