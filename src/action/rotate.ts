import { setOutput } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { GithubSecrets } from '../github/secrets.ts'
import { rotate } from '../operations/rotate/rotate.ts'
import type { RotationReport } from '../operations/rotate/types.ts'
import { generateKey } from '../x509/key.ts'
import { daysRemaining } from '../x509/validity.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { mask } from './masks.ts'
import { isoTime } from './outputs.ts'
import { type RotateInputs, readRotateInputs } from './rotate-inputs.ts'
import { renderRotation } from './rotate-summary.ts'
import { requireCommandFiles, systemClock, systemRandom } from './runner.ts'
import { summarizeFailure, writeSummary } from './summary.ts'

/** The `rotate` action: one run of the rotation of a stored P12. */
export async function runRotate(env: NodeJS.ProcessEnv): Promise<void> {
  await summarizeFailure(env, async () => {
    const inputs = readRotateInputs(env)
    requireCommandFiles(env, ['GITHUB_OUTPUT'])
    for (const warning of inputs.warnings) jobLog.warning(warning)
    const report = await run(inputs)
    setRotateOutputs(report)
    if (inputs.summary) writeSummary(renderRotation(report, inputs.request.settings), env)
    if (report.failure !== undefined) throw report.failure
  })
}

async function run({ request, connection, github }: RotateInputs): Promise<RotationReport> {
  const ports = { clock: systemClock, random: systemRandom, log: jobLog, mask, newKey: generateKey }
  const digicert = new DigicertOne(connection, { ...ports, loadList })
  digicert.openApi()
  try {
    return await rotate(request, { ...ports, digicert, secrets: new GithubSecrets(github, ports) })
  } finally {
    await digicert.close()
  }
}

/** Also when the run fails after it has changed something: what is in use now matters most then. */
function setRotateOutputs(report: RotationReport): void {
  const { record, facts } = report.current
  setOutput('rotated', String(report.rotated))
  setOutput('certificate-id', record.id)
  setOutput('previous-certificate-id', report.previous?.id ?? '')
  setOutput('not-after', isoTime(facts.notAfter))
  setOutput('days-remaining', String(daysRemaining(facts.notAfter, report.now)))
  setOutput('disabled-certificate-ids', report.disabled.map(entry => entry.record.id).join(','))
  setOutput('targets', JSON.stringify(report.targets.map(({ name, state }) => ({ target: name, state }))))
}
