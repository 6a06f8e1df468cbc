import { info } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { writePrivateFile } from '../files.ts'
import { type CheckReport, check } from '../operations/check.ts'
import { counted } from '../text.ts'
import { annotate } from './check-annotations.ts'
import { type CheckInputs, readCheckInputs } from './check-inputs.ts'
import { renderReport, setCheckOutputs } from './check-outputs.ts'
import { renderCheckSummary } from './check-summary.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { mask } from './masks.ts'
import { requireCommandFiles, requireTemp, systemClock, systemRandom } from './runner.ts'
import { summarizeFailure, writeSummary } from './summary.ts'

/** The `check` action: shows when each certificate expires, and fails when one expires soon. */
export async function runCheck(env: NodeJS.ProcessEnv): Promise<void> {
  const report = await summarizeFailure(env, async () => {
    const inputs = readCheckInputs(env)
    requireCommandFiles(env, ['GITHUB_OUTPUT'])
    for (const warning of inputs.warnings) jobLog.warning(warning)
    const seen = await look(inputs)
    await show(seen, inputs, env)
    return seen
  })
  const failure = annotate(report)
  if (failure !== undefined) throw failure
}

async function look({ connection, request }: CheckInputs): Promise<CheckReport> {
  const ports = { clock: systemClock, random: systemRandom, log: jobLog, mask }
  const digicert =
    connection.apiKey === undefined ? undefined : new DigicertOne(connection, { ...ports, loadList })
  digicert?.openApi()
  try {
    return await check(request, { ...ports, digicert })
  } finally {
    await digicert?.close()
  }
}

async function show(
  report: CheckReport,
  { request, summary }: CheckInputs,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const suffix = systemRandom.bytes(8).toString('hex')
  const file = writePrivateFile(
    requireTemp(env),
    `digicert-client-certificates-${suffix}.json`,
    renderReport(report),
  )
  const listed = setCheckOutputs(report, file)
  const { count, certificates } = report
  info(
    `Checked ${counted(count, 'certificate')}: ${report.expiringCount} expiring soon, ${report.expiredCount} expired, ${report.shortLivedCount} short-lived.`,
  )
  if (listed < count) {
    const inFile = certificates.length < count ? String(certificates.length) : 'all'
    info(`The output 'certificates' contains the ${listed} that matter most; ${file} contains ${inFile}.`)
  }
  if (summary) writeSummary(renderCheckSummary(report, request.thresholds, file, env), env)
}
