import { group, setOutput } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import { GithubSecrets } from '../github/secrets.ts'
import { HandOver } from '../operations/rotate/hand-over.ts'
import { rotate } from '../operations/rotate/rotate.ts'
import { SecretsPublisher } from '../operations/rotate/secrets.ts'
import type { RotationReport } from '../operations/rotate/types.ts'
import { generateKey } from '../x509/key.ts'
import { daysRemaining } from '../x509/validity.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { mask } from './masks.ts'
import { isoTime } from './outputs.ts'
import { type Publication, type RotateInputs, readRotateInputs } from './rotate-inputs.ts'
import { renderRotation } from './rotate-summary.ts'
import { planDirectory, requireCommandFiles, systemClock, systemRandom } from './runner.ts'
import { summarizeFailure, writeSummary } from './summary.ts'

/** The `rotate` action: one run of the rotation of a stored P12. */
export async function runRotate(env: NodeJS.ProcessEnv): Promise<void> {
  const failure = await summarizeFailure(env, async () => {
    const inputs = readRotateInputs(env)
    requireCommandFiles(env, ['GITHUB_OUTPUT'])
    for (const warning of inputs.warnings) jobLog.warning(warning)
    const publisher = publisherFor(inputs.publication, env)
    const report = await run(inputs, publisher)
    setRotateOutputs(report, publisher)
    if (inputs.summary) writeSummary(renderRotation(report, inputs.request.settings, env), env)
    return report.failure
  })
  // Its words are already in the summary.
  if (failure !== undefined) throw failure
}

const BASIC = { clock: systemClock, random: systemRandom, log: { ...jobLog, group } }

function publisherFor(publication: Publication, env: NodeJS.ProcessEnv): SecretsPublisher | HandOver {
  if (publication.to === 'outputs') return new HandOver(planDirectory(env, systemRandom), BASIC)
  const { lookout, github } = publication
  return new SecretsPublisher(lookout, { ...BASIC, secrets: new GithubSecrets(github, BASIC) })
}

async function run(
  { request, connection }: RotateInputs,
  publisher: SecretsPublisher | HandOver,
): Promise<RotationReport> {
  const ports = { ...BASIC, mask, newKey: generateKey }
  const digicert = new DigicertOne(connection, { ...ports, loadList })
  digicert.openApi()
  try {
    return await rotate(request, { ...ports, digicert, publisher })
  } finally {
    await digicert.close()
  }
}

/** Also when the run fails after it has changed something: then it matters most what is in use now. */
function setRotateOutputs(report: RotationReport, publisher: SecretsPublisher | HandOver): void {
  const { record, facts } = report.current
  setOutput('rotated', String(report.rotated))
  setOutput('certificate-id', record.id)
  setOutput('previous-certificate-id', report.previous?.id ?? '')
  setOutput('not-after', isoTime(facts.notAfter))
  setOutput('days-remaining', String(daysRemaining(facts.notAfter, report.now)))
  setOutput('disabled-certificate-ids', report.disabled.map(entry => entry.record.id).join(','))
  const handedOver = publisher instanceof HandOver && report.rotated ? publisher.file : ''
  setOutput('p12', handedOver === '' ? '' : report.current.p12.toString('base64'))
  setOutput('p12-file', handedOver)
  setOutput('targets', JSON.stringify(report.targets.map(({ name, state }) => ({ target: name, state }))))
}
