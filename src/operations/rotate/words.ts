import { utcMinute } from '../../dates.ts'
import type { Clock, FoldingLog, Log } from '../../ports.ts'
import { counted } from '../../text.ts'
import type { Family } from './family.ts'
import { type DisableReason, hasExpired, type IssueReason, type Plan, type WriteReason } from './plan.ts'
import type { Place, Publisher } from './types.ts'

export const ISSUE_REASONS: Record<IssueReason, string> = {
  due: "the one in use expires within 'rotate-within'",
  disabled: 'the one in use is disabled',
  refused: 'the one in use is refused',
  forced: "'force' is set",
}

export const WRITE_REASONS: Record<WriteReason, string> = {
  new: 'the new certificate',
  missing: 'it had none',
  doubtful: 'it may contain a certificate other than the one in use',
  again: 'once more before anything is disabled',
}

interface WordPorts {
  log: FoldingLog
  publisher: Pick<Publisher, 'effective'>
}

/** More lines than that are folded. */
export const MOST_LINES = 10

/** The plan, one line each. */
export async function tellPlan(plan: Plan<Place>, { log, publisher }: WordPorts): Promise<void> {
  const steps = [
    ...(plan.issue === undefined ? [] : [`issue a certificate: ${ISSUE_REASONS[plan.issue]}`]),
    ...plan.write.map(({ target, why }) => `write ${target.name}: ${WRITE_REASONS[why]}`),
    ...plan.disable.map(
      ({ record, why }) => `disable "${record.name}" (id ${record.id}), ${DISABLE_REASONS[why]}`,
    ),
  ]
  const tell = async () => {
    for (const step of steps) log.info(`Plan: ${step}.`)
  }
  await (steps.length > MOST_LINES ? log.group(`Plan: ${steps.length} steps`, tell) : tell())
  if (steps.length === 0)
    log.info(`Nothing to do: the certificate in use is due to be replaced from ${utcMinute(plan.dueFrom)}.`)
  tellLater(plan, { log, publisher })
}

/** What earlier runs handed over, when a run is handed the old P12 anyway. */
export function tellUnstored(
  { current, successors }: Family,
  { clock, log }: { clock: Clock; log: Log },
): void {
  const unstored = successors.filter(record => record.enabled !== false && !hasExpired(record, clock.now()))
  if (unstored.length === 0) return
  const names = unstored.slice(0, 10).map(({ name, id }) => `"${name}" (id ${id})`)
  const more = unstored.length > names.length ? ` and ${unstored.length - names.length} more` : ''
  log.warning(
    `'p12' contains "${current.name}", although earlier runs issued ${counted(unstored.length, 'certificate')} to replace it: ${names.join(', ')}${more}. The step that stores the new P12 failed, an earlier run was interrupted, or the store returned an old version. Check that step, and that the workflow reads the newest version. Until 'p12' contains a new one, each run issues another; what was not stored is disabled after the grace period.`,
  )
}

/** What is left enabled for now, one line each. */
export function tellLater({ waiting }: Plan<Place>, { log, publisher }: WordPorts): void {
  for (const { record, why, until } of waiting) {
    const when = until === undefined ? ONCE_CERTAIN[publisher.effective] : `from ${utcMinute(until)}`
    log.info(`Later: disable "${record.name}" (id ${record.id}), ${DISABLE_REASONS[why]}, ${when}.`)
  }
}

/** When something is disabled whose grace period cannot have begun yet. */
export const ONCE_CERTAIN: Record<Publisher['effective'], string> = {
  'at once': 'after the grace period, which begins once no target can contain it',
  later: 'after the grace period, once a run is handed a newer P12',
}

export const DISABLE_REASONS: Record<DisableReason, string> = {
  superseded: 'which is superseded',
  orphan: 'which is not in use',
}
