import { setOutput } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { ActionError } from '../errors.ts'
import { hostOf } from '../net/address.ts'
import {
  type AccessChange,
  type AccessPorts,
  type AccessPreview,
  type AccessRequest,
  previewAccess,
  setAccess,
  takeBack,
  type Verification,
  verifyAccess,
} from '../operations/access.ts'
import type { SweepReport } from '../operations/sweep/types.ts'
import { type AccessInputs, readAccessInputs } from './access-inputs.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { code, table } from './markdown.ts'
import { mask } from './masks.ts'
import { requireCommandFiles, systemClock, systemRandom } from './runner.ts'
import { summarizeFailure, writeSummary } from './summary.ts'
import { idsIn, runSweep, tellSwept } from './sweep.ts'
import { renderSweepSummary } from './sweep-summary.ts'

/** The `access` action: disables or enables one certificate, or many. */
export async function runAccess(env: NodeJS.ProcessEnv): Promise<void> {
  const failure = await summarizeFailure(env, async () => {
    const inputs = readAccessInputs(env)
    requireCommandFiles(env, ['GITHUB_OUTPUT'])
    for (const warning of inputs.warnings) jobLog.warning(warning)
    const ports = { clock: systemClock, random: systemRandom, log: jobLog, mask }
    const digicert = new DigicertOne(inputs.connection, { ...ports, loadList })
    digicert.openApi()
    const summary = await run(inputs, { ...ports, digicert }, env)
    await digicert.close()
    if (inputs.summary) writeSummary(summary.text, env)
    return summary.failure
  })
  // Its words are in the summary already.
  if (failure !== undefined) throw failure
}

/** What the job summary shows, and what the step then fails with anyway. */
interface Done {
  text: string
  failure?: ActionError | undefined
}

async function run(
  { work, connection }: AccessInputs,
  ports: AccessPorts,
  env: NodeJS.ProcessEnv,
): Promise<Done> {
  const apiUrl = connection.hosts.api
  if (work.kind === 'one') {
    if (!work.dryRun) return await changeOne(work.request, ports, apiUrl)
    const preview = await previewAccess(work.request, ports)
    setAccessOutputs(outputsOfPreview(preview))
    return { text: renderPreview(preview, apiUrl) }
  }
  const report = await runSweep(work, ports)
  setAccessOutputs(outputsOfSweep(report))
  tellSwept(report)
  return { text: renderSweepSummary(report, apiUrl, env), failure: report.failure }
}

async function changeOne(request: AccessRequest, ports: AccessPorts, apiUrl: string): Promise<Done> {
  const change = await setAccess(request, ports)
  // Before the mTLS check: if you handle an incident, you need to know what was changed, above all when the check fails.
  setAccessOutputs(outputsOf(change))
  const verification = await verify(change, ports)
  return { text: renderAccessSummary(change, verification, apiUrl) }
}

async function verify(change: AccessChange, ports: AccessPorts): Promise<Verification> {
  try {
    return await verifyAccess(change, ports)
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    const after = await takeBack(change, error, ports)
    setAccessOutputs(outputsOf(after.change))
    throw after.error
  }
}

interface AccessOutputs {
  /** Empty where there may be several. */
  id: string
  /** Its state now. */
  enabled: string
  changed: boolean
  /** Those that were changed, or would be. */
  ids: string[]
}

function outputsOf({ record, enabled, changed }: AccessChange): AccessOutputs {
  return { id: record.id, enabled: String(enabled), changed, ids: changed ? [record.id] : [] }
}

function outputsOfPreview({ record, due }: AccessPreview): AccessOutputs {
  return { id: record.id, enabled: String(record.enabled ?? ''), changed: false, ids: due ? [record.id] : [] }
}

function outputsOfSweep(report: SweepReport): AccessOutputs {
  const ids = idsIn(report)
  return { id: '', enabled: '', changed: !report.dryRun && ids.length > 0, ids }
}

function setAccessOutputs({ id, enabled, changed, ids }: AccessOutputs): void {
  setOutput('certificate-id', id)
  setOutput('enabled', enabled)
  setOutput('changed', String(changed))
  setOutput('count', String(ids.length))
  setOutput('certificate-ids', listed(ids))
}

/** GitHub allows 1 MB of outputs for a job, counted as UTF-16; this leaves room for the job's others. */
const LONGEST_LIST = 300_000

function listed(ids: string[]): string {
  const all = ids.join(',')
  if (all.length <= LONGEST_LIST) return all
  const cut = all.slice(0, all.lastIndexOf(',', LONGEST_LIST))
  const { length } = cut.split(',')
  jobLog.warning(
    `The output 'certificate-ids' contains only the first ${length} of ${ids.length} ids; more do not fit.`,
  )
  return cut
}

function renderPreview({ record, enabled, due }: AccessPreview, apiUrl: string): string {
  const outcome = due
    ? `would be ${enabled ? 'enabled' : 'disabled'}`
    : `nothing to do: ${enabled ? 'enabled' : 'disabled'} already`
  const rows: [string, string][] = [...rowsOf(record, apiUrl), ['Without `dry-run`', outcome]]
  return `### 🔎 Client certificate, dry run: nothing was changed\n\n${table(rows)}\n\n`
}

function rowsOf(record: AccessChange['record'], apiUrl: string): [string, string][] {
  return [
    ['Certificate', code(record.name)],
    ['DigiCert id', code(record.id)],
    ['Serial number', code(record.serialNumber)],
    ['Host', code(hostOf(apiUrl))],
  ]
}

function renderAccessSummary(
  { record, enabled, changed }: AccessChange,
  verification: Verification,
  apiUrl: string,
): string {
  const rows: [string, string][] = [
    ...rowsOf(record, apiUrl),
    ['Changed', changed ? 'yes' : `no, it was ${enabled ? 'enabled' : 'disabled'} already`],
    ['Verified over mTLS', verificationWords(verification, enabled)],
  ]
  const title = enabled ? '🟢 Client certificate enabled' : '⛔ Client certificate disabled'
  return `### ${title}\n\n${table(rows)}\n\n`
}

function verificationWords(verification: Verification, enabled: boolean): string {
  return {
    verified: `✅ it is ${enabled ? 'accepted' : 'refused'}`,
    'refused before': '⚪ it was refused before as well',
    expired: '⚪ it has expired',
    'no P12': '⚪ no P12 was given',
  }[verification]
}
