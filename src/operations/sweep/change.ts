import type { DigicertOne } from '../../digicert/client.ts'
import { explainNoEffect } from '../../digicert/errors.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError, type ErrorCode, NETWORK_CODES } from '../../errors.ts'
import { type Limit, Pace } from '../../net/pace.ts'
import { counted } from '../../text.ts'
import { Progress } from './progress.ts'
import type { SweepPorts, Swept } from './types.ts'

/** Each has a connection of its own. */
const WORKERS = 4
/** Four fifths of what DigiCert's CertCentral allows for one API key: jobs with the same key go on meanwhile. */
const LIMITS: readonly Limit[] = [
  { requests: 80, ms: 5_000 },
  { requests: 800, ms: 180_000 },
]

/** A certificate whose change was requested. */
interface Requested {
  record: CertificateRecord
  /** What the response says it is now; undefined when there is none, or it does not say. */
  said: boolean | undefined
  problem: ActionError | undefined
}

/**
 * Enables or disables many certificates, several at once. None stops the others. Where a response does not say enough, one look
 * at the list tells for all of them.
 * @returns each with its outcome, in the given order
 */
export async function changeAll(
  records: CertificateRecord[],
  enabled: boolean,
  ports: SweepPorts,
): Promise<Swept[]> {
  const requested: Requested[] = []
  const progress = new Progress(records.length, enabled, ports)
  const policy = { ...ports.digicert.retryPolicy, pace: new Pace(LIMITS, ports.clock) }
  const vain = new Vain()
  const queue = records.entries()
  const worker = async () => {
    const digicert = ports.digicert.beside(policy)
    for (const [index, record] of queue) {
      const one = vain.reason === undefined ? await request(record, enabled, digicert) : vain.leave(record)
      // Each success gives back the time that failures took: hundreds may need more time than one.
      if (one.problem === undefined) policy.budget.renew()
      vain.count(one)
      requested[index] = one
      progress.step()
    }
    await digicert.close()
  }
  await Promise.all(Array.from({ length: Math.min(WORKERS, records.length) }, worker))
  return await settle(requested, enabled, ports)
}

async function request(
  record: CertificateRecord,
  enabled: boolean,
  digicert: DigicertOne,
): Promise<Requested> {
  try {
    return { record, said: await digicert.change(record.id, enabled), problem: undefined }
  } catch (problem) {
    if (!(problem instanceof ActionError)) throw problem
    return { record, said: undefined, problem }
  }
}

/** What is not about one certificate. */
const OF_ALL: readonly ErrorCode[] = ['API_KEY_INVALID', 'RATE_LIMITED', ...NETWORK_CODES]
const MOST_IN_VAIN = 10

/** After so many such failures in a row, the rest would only fail in the same way: minutes for each that times out. */
class Vain {
  #row = 0
  #last: ActionError | undefined

  /** Why the rest is not tried; undefined while it is. */
  get reason(): ActionError | undefined {
    return this.#row < MOST_IN_VAIN ? undefined : this.#last
  }

  count({ problem }: Requested): void {
    this.#row = problem !== undefined && OF_ALL.includes(problem.code) ? this.#row + 1 : 0
    this.#last = problem
  }

  leave(record: CertificateRecord): Requested {
    return { record, said: undefined, problem: this.#last }
  }
}

/** One look at the list for all whose response said nothing, or was lost: the change may have been made. */
async function settle(requested: Requested[], enabled: boolean, ports: SweepPorts): Promise<Swept[]> {
  const open = requested.filter(({ said }) => said === undefined)
  const listed =
    open.length === 0 ? undefined : await look(new Set(open.map(({ record }) => record.id)), ports)
  return requested.map(({ record, said, problem }) => {
    const now = said ?? (listed instanceof Map ? listed.get(record.id) : undefined)
    if (now === enabled) return { record, outcome: 'changed' }
    const unseen = listed instanceof ActionError && said === undefined ? listed : undefined
    const noEffect = () => explainNoEffect({ id: record.id, enabled, said: now }, ports.digicert.hosts.api)
    return { record, outcome: 'unsettled', problem: problem ?? unseen ?? noEffect() }
  })
}

async function look(
  ids: ReadonlySet<string>,
  { digicert, log }: SweepPorts,
): Promise<Map<string, boolean | undefined> | ActionError> {
  log.info(
    `The responses do not say what became of ${counted(ids.size, 'certificate')}; looking at the list.`,
  )
  digicert.retryPolicy.budget.renew()
  try {
    const records = await digicert.listCertificates({ keep: ({ id }) => ids.has(id), enough: ids.size })
    return new Map(records.map(({ id, enabled }) => [id, enabled]))
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
}
