import { setImmediate as nextTurn } from 'node:timers/promises'
import { info } from '@actions/core'
import { DigicertOne } from '../digicert/client.ts'
import type { PrivateDirectory } from '../files.ts'
import type { DeliveryPorts } from '../operations/deliver.ts'
import type { InstalledSmctl } from '../smctl/install.ts'
import type { Begun } from './begin.ts'
import { deliver, type Outcome } from './deliver.ts'
import type { RootInputs } from './inputs.ts'
import { loadList } from './list.ts'
import { jobLog } from './log.ts'
import { mask } from './masks.ts'
import { exportEnvironment, setOutputs } from './outputs.ts'
import { onCancel } from './report.ts'
import { planDirectory, requireCommandFiles, requireToolCache, systemClock, systemRandom } from './runner.ts'
import { saveHandedOver, saveJob, stateLedger } from './state.ts'
import { renderFallback, renderSummary, writeSummary } from './summary.ts'

/**
 * The main step: from inputs to a verified certificate that later steps can use.
 * @param env the runner's environment
 */
export async function runRoot(inputs: RootInputs, begun: Begun, env: NodeJS.ProcessEnv): Promise<void> {
  const ports = prepare(inputs, begun, env)
  const armed = onCancel(() => tidy(ports.directory))
  const smctl = await install(inputs, ports)
  const outcome = await deliverOrTidy(inputs, begun, ports)
  await handOver({ ...outcome, smctl }, inputs, env)
  armed.disarm()
}

function prepare(
  { request, connection, exportEnv, smctl, atJobEnd, warnings }: RootInputs,
  { connection: begun }: Begun,
  env: NodeJS.ProcessEnv,
): DeliveryPorts {
  const files = ['GITHUB_STATE', 'GITHUB_OUTPUT']
  if (exportEnv) files.push('GITHUB_ENV')
  if (smctl !== undefined) files.push('GITHUB_PATH')
  requireCommandFiles(env, files)
  if (smctl !== undefined) requireToolCache(env)
  const directory = planDirectory(env, systemRandom)
  saveJob({ mode: request.mode, directory, connection, atJobEnd })
  const ports = { clock: systemClock, random: systemRandom, log: jobLog }
  const digicert = new DigicertOne(connection, { ...ports, loadList }, begun)
  // The API key is asked about while the certificate is verified.
  if (request.mode === 'stored' && request.verify && digicert.hasApiKey) digicert.openApi()
  for (const warning of warnings) jobLog.warning(warning)
  return { ...ports, digicert, directory, mask, ledger: stateLedger(systemClock) }
}

/**
 * Before there is a certificate: what fails here leaves none behind, and a tool is never fetched while secrets of this
 * job are on the disk. The key is made meanwhile.
 */
async function install(
  { smctl, connection }: RootInputs,
  { clock, random, log, directory }: DeliveryPorts,
): Promise<InstalledSmctl | undefined> {
  if (smctl === undefined) return undefined
  const { caCertificates, timeoutMs, retries, userAgent } = connection
  const network = { caCertificates, timeoutMs, retries, userAgent }
  try {
    const { installHere } = await import(/* webpackIgnore: true */ '../parts/smctl/index.ts')
    return await installHere(smctl, { clock, random, log, directory, network })
  } catch (error) {
    tidy(directory)
    throw error
  }
}

async function deliverOrTidy(inputs: RootInputs, begun: Begun, ports: DeliveryPorts): Promise<Outcome> {
  try {
    return await deliver(inputs, begun, ports)
  } catch (error) {
    tidy(ports.directory)
    throw error
  } finally {
    await ports.digicert.close()
  }
}

/** The post step deletes or reports what cannot be deleted now; the first error is the one to show. */
function tidy(directory: PrivateDirectory): void {
  try {
    directory.remove()
  } catch {
    jobLog.debug(`${directory.path} could not be deleted yet.`)
  }
}

interface Result extends Outcome {
  smctl: InstalledSmctl | undefined
}

async function handOver(
  { delivered, unusable, smctl }: Result,
  inputs: RootInputs,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  setOutputs(delivered, smctl)
  const variables = inputs.exportEnv ? exportEnvironment(delivered, inputs.connection.apiKey) : []
  info(
    `Later steps can use the outputs of this step${variables.length > 0 ? `, and the variables ${variables.join(', ')}` : ''}.`,
  )
  if (smctl !== undefined) info(`smctl is on PATH for later steps: ${smctl.path}`)
  if (inputs.summary) {
    const before = unusable === undefined ? '' : renderFallback(unusable, env)
    writeSummary(before + renderSummary(delivered, inputs.atJobEnd, new Date(), smctl), env)
  }
  // A signal that came while this wrote is heard now, before the certificate counts as handed over. In two turns,
  // because the first may begin after the place where the event loop looks for signals.
  for (let turn = 0; turn < 2; turn++) await nextTurn()
  saveHandedOver()
}
