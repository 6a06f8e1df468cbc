import type { DigicertOne } from '../../digicert/client.ts'
import type { CertificateRecord } from '../../digicert/records.ts'
import { ActionError } from '../../errors.ts'
import { span } from '../../net/retry.ts'
import type { Clock, Log } from '../../ports.ts'
import { counted } from '../../text.ts'
import { diagnose } from '../diagnose.ts'
import { judge, waitFor } from '../effect.ts'
import type { Held } from '../held.ts'

interface RetirePorts {
  digicert: DigicertOne
  clock: Clock
  log: Log
}

/** What takes the place of what is disabled. */
export interface Succession {
  current: Held
  /** The certificate before it, when this run has its key: then the clientauth host must refuse it. */
  previous: Held | undefined
}

/**
 * Disables what the current certificate has replaced: verifies the current one, disables, and verifies both. When
 * anything is not as it should be afterwards, everything is enabled again.
 * @throws ActionError CERT_* before anything is disabled, ROTATION_UNDONE after it was enabled again
 */
export async function retire(
  records: CertificateRecord[],
  succession: Succession,
  ports: RetirePorts,
): Promise<void> {
  if (records.length === 0) return
  const verdict = await judge(succession.current, ports)
  if (!verdict.accepted) throw await diagnose(verdict, succession.current, ports)
  ports.log.info('Verified again over mTLS: the certificate in use works.')
  try {
    for (const record of records) await disable(record, ports)
    await proveSuccession(records, succession, ports)
  } catch (error) {
    throw await undo(records, error, ports)
  }
}

async function disable({ id, name }: CertificateRecord, { digicert, log }: RetirePorts): Promise<void> {
  await digicert.disable(id)
  log.info(`Disabled "${name}" (id ${id}).`)
}

async function proveSuccession(
  records: CertificateRecord[],
  { current, previous }: Succession,
  ports: RetirePorts,
): Promise<void> {
  const { digicert, log, clock } = ports
  const verdict = await judge(current, ports)
  if (!verdict.accepted) throw verdict.refusal
  log.info('Verified over mTLS: the certificate in use still works.')
  const ids = new Set(records.map(({ id }) => id))
  const listed = await digicert.listCertificates({ keep: ({ id }) => ids.has(id), enough: ids.size })
  const enabled = listed.filter(record => record.enabled === true)
  if (enabled.length > 0)
    throw new Error(`DigiCert ONE still lists ${counted(enabled.length, 'certificate')} as enabled`)
  log.info(`DigiCert ONE lists ${counted(records.length, 'certificate')} as disabled.`)
  if (previous === undefined || previous.facts.notAfter <= clock.now()) return
  const afterwards = await waitFor('refused', previous.identity, ports)
  if (afterwards.accepted) {
    throw new Error(`the mTLS host still accepts the disabled certificate after ${span(afterwards.waitedMs)}`)
  }
  log.info('Verified over mTLS: the certificate that was replaced is refused.')
}

/** Enables everything again: a release must not wait for somebody to investigate. */
async function undo(
  records: CertificateRecord[],
  cause: unknown,
  { digicert, log }: RetirePorts,
): Promise<ActionError> {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const still: string[] = []
  digicert.retryPolicy.budget.renew()
  for (const { id, name } of records) {
    try {
      await digicert.enable(id)
      log.info(`Enabled "${name}" (id ${id}) again.`)
    } catch {
      still.push(id)
    }
  }
  const outcome =
    still.length === 0
      ? `Enabled ${counted(records.length, 'certificate')} again.`
      : `Enabling again failed for ${still.join(', ')}.`
  return new ActionError(
    'ROTATION_UNDONE',
    {
      what: `After the predecessor was disabled, verification failed: ${reason.replace(/\.$/, '')}. ${outcome}`,
      why: 'DigiCert ONE could not be reached for the verification, or on this DigiCert ONE disabling one certificate affects the other.',
      fix:
        still.length === 0
          ? 'Nothing is lost: DigiCert ONE says that they are enabled. Run the rotation again; if the problem persists, tell DigiCert support.'
          : `DigiCert ONE does not say that they are enabled. Enable ${still.join(', ')} now, with the \`access\` action or in DigiCert ONE. Then run the rotation again.`,
    },
    cause,
  )
}
