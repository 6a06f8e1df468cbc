import { setOutput } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { hostOf } from '../net/address.ts'
import { type AccessChange, proveAccess, setAccess } from '../operations/access.ts'
import { readAccessInputs } from './access-inputs.ts'
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
    const digicert = new DigicertOne(connection, ports)
    digicert.openApi()
    const change = await setAccess(request, { ...ports, digicert })
    // Before the proof: whoever handles an incident needs to know what was changed, above all when the proof fails.
    setAccessOutputs(change)
    const proven = await proveAccess(change, { ...ports, digicert })
    await digicert.close()
    if (summary) writeSummary(renderAccessSummary(change, proven, connection.hosts.api), env)
  })
}

export function setAccessOutputs({ record, enabled, changed }: AccessChange): void {
  setOutput('certificate-id', record.id)
  setOutput('enabled', String(enabled))
  setOutput('changed', String(changed))
}

function renderAccessSummary(
  { record, enabled, changed, held }: AccessChange,
  proven: boolean,
  apiUrl: string,
): string {
  const rows: [string, string][] = [
    ['Certificate', code(record.name)],
    ['DigiCert id', code(record.id)],
    ['Serial number', code(record.serialNumber)],
    ['Host', code(hostOf(apiUrl))],
    ['Changed', changed ? 'yes' : `no, it was ${enabled ? 'enabled' : 'disabled'} already`],
    [
      'Proven over mTLS',
      proven ? '✅ yes' : held === undefined ? '⚪ no P12 was given' : '⚪ it has expired',
    ],
  ]
  const title = enabled ? '🟢 Client certificate enabled' : '⛔ Client certificate disabled'
  return `### ${title}\n\n${table(rows)}\n\n`
}
