import type { Gathering } from '../../digicert/gathering.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import { clean, counted } from '../../text.ts'
import { nameMatcher } from '../glob.ts'
import { Nearest } from '../nearest.ts'
import { changeAll } from './change.ts'
import { onlyOwn } from './own.ts'
import type { AllRequest, SweepPorts, SweepReport, Swept } from './types.ts'
import { failureOf } from './words.ts'

/**
 * Disables every certificate of the service user, or those that a glob matches; or enables these.
 * @throws ActionError NOT_FOUND when the glob matches nothing, and what the list says; any other failure is in the report
 */
export async function sweepAll(request: AllRequest, ports: SweepPorts): Promise<SweepReport> {
  const { name, enabled, dryRun } = request
  const { digicert, log, clock } = ports
  const { records, seen, nearest } = await digicert.survey(new Matching(name))
  const matching = await onlyOwn(records, ports)
  if (matching.length === 0 && name !== '') throw notFound(name, nearest)
  log.info(`Looking at ${matching.length} of ${counted(seen, 'certificate')}.`)
  // An expired one is accepted nowhere, so enabling it would not help; disabling it may still be useful.
  const usable = matching.filter(({ endDate }) => !enabled || endDate === undefined || endDate > clock.now())
  if (usable.length < matching.length)
    log.info(`Skipped ${counted(matching.length - usable.length, 'expired certificate')}.`)
  const open = usable.filter(record => record.enabled !== enabled)
  const outcomes: Swept[] = dryRun
    ? open.map(record => ({ record, outcome: 'due' }))
    : await changeAll(open, enabled, ports)
  const byId = new Map(outcomes.map(swept => [swept.record.id, swept]))
  const swept = usable.map(record => byId.get(record.id) ?? { record, outcome: 'already' as const })
  return { enabled, dryRun, swept, listed: seen, blindness: undefined, failure: failureOf(swept, enabled) }
}

const MOST_NAMES = 10

/** What a glob matches, without keys and certificates, which nothing needs; of the rest, the names that are most like it. */
class Matching implements Gathering {
  records: CertificateRecord[] = []
  seen = 0
  readonly #glob: string
  readonly #matches: (name: string) => boolean
  #nearest: Nearest

  constructor(glob: string) {
    this.#glob = glob
    this.#matches = glob === '' ? () => true : nameMatcher(glob)
    this.#nearest = new Nearest(glob, MOST_NAMES)
  }

  get nearest(): string[] {
    return this.#nearest.names
  }

  take(record: CertificateRecord): true {
    this.seen += 1
    if (this.#matches(record.name)) this.records.push({ ...record, publicKey: '', certificate: '' })
    else this.#nearest.add(record.name)
    return true
  }

  copy(): this {
    const { records, seen } = this
    const copy = Object.assign(new Matching(this.#glob), { records: [...records], seen })
    copy.#nearest = this.#nearest.copy()
    return copy as this
  }
}

function notFound(glob: string, names: string[]): ActionError {
  const listed = names.map(name => `"${clean(name, 80)}"`).join(', ')
  const nearby = listed === '' ? 'It has none with a nickname.' : `The nearest nicknames: ${listed}.`
  return new ActionError('NOT_FOUND', {
    what: `No certificate of this service user has a nickname that matches "${clean(glob, 80)}". ${nearby} Nothing was changed.`,
    why: "'name' is misspelled (it is case-sensitive and must match the whole nickname), or the certificates belong to another service user, account or environment.",
    fix: "Correct 'name', or 'api-key' and 'host'. Without 'name', `all: true` disables every certificate of the service user.",
  })
}
