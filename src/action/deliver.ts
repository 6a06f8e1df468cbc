import type { ActionError } from '../errors.ts'
import type { Delivered, DeliveryPorts } from '../operations/deliver.ts'
import { failedInstead, makesUnusable } from '../operations/fallback.ts'
import { type IssueRequest, issue } from '../operations/issue.ts'
import { useStored } from '../operations/stored.ts'
import { type Begun, beginKey } from './begin.ts'
import type { RootInputs } from './inputs.ts'
import { toActionError, warnOfFallback } from './report.ts'
import { saveJob } from './state.ts'

/** A certificate, and why it is not the stored one when that was asked for. */
export interface Outcome {
  delivered: Delivered
  unusable: ActionError | undefined
}

/**
 * Does what the step was asked for. With a fallback, a stored P12 that cannot be used is replaced by a certificate
 * that is issued for this job.
 * @throws ActionError
 */
export async function deliver(inputs: RootInputs, begun: Begun, ports: DeliveryPorts): Promise<Outcome> {
  const { unusable, fallback } = inputs
  if (begun.mode === 'issue') {
    const act = () => issue(begun.request, begun.key, ports)
    return unusable === undefined ? { delivered: await act(), unusable } : await insteadOf(unusable, act)
  }
  try {
    return { delivered: await useStored(begun.request, ports), unusable: undefined }
  } catch (error) {
    if (fallback === undefined || !makesUnusable(error, 'using')) throw error
    return await insteadOf(error, () => issueAfterAll(fallback, inputs, ports))
  }
}

async function insteadOf(unusable: ActionError, act: () => Promise<Delivered>): Promise<Outcome> {
  warnOfFallback(unusable)
  try {
    return { delivered: await act(), unusable }
  } catch (error) {
    throw failedInstead(unusable, toActionError(error))
  }
}

/** From here on this is a job in `issue` mode, for the post step as well. The stored P12 has left no file: it is written last. */
async function issueAfterAll(
  request: IssueRequest,
  { connection, atJobEnd }: RootInputs,
  ports: DeliveryPorts,
): Promise<Delivered> {
  const { digicert, directory } = ports
  saveJob({ mode: 'issue', directory, connection, atJobEnd })
  // The time for retries that the stored P12 used up must not be missing for this request.
  digicert.retryPolicy.budget.renew()
  digicert.openApi()
  return await issue(request, beginKey(request), ports)
}
