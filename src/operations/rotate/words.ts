import type { Log } from '../../ports.ts'
import type { DisableReason, IssueReason, Plan } from './plan.ts'
import { type ObservedTarget, WRITE_REASONS } from './publish.ts'

export const ISSUE_REASONS: Record<IssueReason, string> = {
  due: "the one in use ends within 'rotate-within'",
  disabled: 'the one in use is disabled',
  refused: 'the one in use is refused',
  forced: "'force' is set",
}

/** The plan, one line each. */
export function tellPlan(plan: Plan<ObservedTarget>, { log }: { log: Log }): void {
  const steps = [
    ...(plan.issue === undefined ? [] : [`issue a certificate: ${ISSUE_REASONS[plan.issue]}`]),
    ...plan.write.map(({ target, why }) => `write ${target.name}: ${WRITE_REASONS[why]}`),
    ...plan.disable.map(
      ({ record, why }) => `disable "${record.name}" (id ${record.id}), ${DISABLE_REASONS[why]}`,
    ),
  ]
  for (const step of steps) log.info(`Plan: ${step}.`)
  if (steps.length === 0)
    log.info(
      `Nothing to do: no target is behind, and the certificate is due from ${plan.dueFrom.toISOString()}.`,
    )
  tellLater(plan, { log })
}

/** What is left enabled for now, one line each. */
export function tellLater({ waiting }: Plan<ObservedTarget>, { log }: { log: Log }): void {
  for (const { record, why, until } of waiting) {
    const when = until === undefined ? ONCE_CERTAIN : `from ${until.toISOString()}`
    log.info(`Later: disable "${record.name}" (id ${record.id}), ${DISABLE_REASONS[why]}, ${when}.`)
  }
}

/** When something is disabled whose grace period cannot have begun yet. */
export const ONCE_CERTAIN = 'after the grace period, which begins once no target can contain it'

export const DISABLE_REASONS: Record<DisableReason, string> = {
  superseded: 'which is superseded',
  orphan: 'which never came into use',
}
