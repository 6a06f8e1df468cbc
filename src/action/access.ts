import { setOutput } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import {
  type AccessChange,
  type AccessPorts,
  setAccess,
  takeBack,
  type Verification,
  verifyAccess,
} from '../operations/access.ts'
import { readAccessInputs } from './access-inputs.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { code, table } from './markdown.ts'
import { mask } from './masks.ts'
import { requireCommandFiles, systemClock, systemRandom } from './runner.ts'
import { summarizeFailure, writeSummary } from './summary.ts'

/** The `access` action: disables or enables one certificate. */
export async function runAccess(env: NodeJS.ProcessEnv): Promise<void> {
  await summarizeFailure(env, async () => {
    const { request, connection, summary, warnings } = readAccessInputs(env)
    requireCommandFiles(env, ['GITHUB_OUTPUT'])
    for (const warning of warnings) jobLog.warning(warning)
    const ports = { clock: systemClock, random: systemRandom, log: jobLog, mask }
    const digicert = new DigicertOne(connection, { ...ports, loadList })
    digicert.openApi()
    const change = await setAccess(request, { ...ports, digicert })
    // Before the mTLS check: if you handle an incident, you need to know what was changed, above all when the check fails.
    setAccessOutputs(change)
    const verification = await verify(change, { ...ports, digicert })
    await digicert.close()
    if (summary) writeSummary(renderAccessSummary(change, verification, connection.hosts.api), env)
  })
}

async function verify(change: AccessChange, ports: AccessPorts): Promise<Verification> {
  try {
    return await verifyAccess(change, ports)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const after = await takeBack(change, error, ports)
    setAccessOutputs(after.change)
    throw after.error
  }
}

export function setAccessOutputs({ record, enabled, changed }: AccessChange): void {
  setOutput('certificate-id', record.id)
  setOutput('enabled', String(enabled))
  setOutput('changed', String(changed))
}

function renderAccessSummary(
  { record, enabled, changed }: AccessChange,
  verification: Verification,
  apiUrl: string,
): string {
  const rows: [string, string][] = [
    ['Certificate', code(record.name)],
    ['DigiCert id', code(record.id)],
    ['Serial number', code(record.serialNumber)],
    ['Host', code(hostOf(apiUrl))],
    ['Changed', changed ? 'yes' : `no, it was ${enabled ? 'enabled' : 'disabled'} already`],
    ['Verified over mTLS', VERIFICATIONS[verification]],
  ]
  const title = enabled ? '🟢 Client certificate enabled' : '⛔ Client certificate disabled'
  return `### ${title}\n\n${table(rows)}\n\n`
}

const VERIFICATIONS: Record<Verification, string> = {
  verified: '✅ yes',
  'refused before': '⚪ it was refused before as well',
  expired: '⚪ it has expired',
  'no P12': '⚪ no P12 was given',
}
