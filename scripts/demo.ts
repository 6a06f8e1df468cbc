// `npm start`: the action's main job from start to finish, and a rotation, on this machine only. Starts the embedded
// DigiCert ONE, runs the shipped bundles as GitHub's runner does, and shows what happened. It checks everything that it
// claims: one false claim makes the exit code 1.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { call } from '../__tests__/support/emulator-client.ts'
import type { StepResult, Use } from '../__tests__/support/runner.ts'
import { startEmulator } from '../emulator/index.ts'
import { showPreflight } from './demo-preflight.ts'
import { showRotation } from './demo-rotation.ts'
import { modeOf, Stage } from './demo-stage.ts'
import { heading, paragraph, print, row, style } from './demo-terminal.ts'

interface Step {
  use: Use
  inputs: Record<string, string>
  result: StepResult
}

async function play(stage: Stage): Promise<void> {
  const issued = await issue(stage)
  const p12 = readFileSync(issued.result.outputs['p12-file'] ?? '')
  await useAsLaterStepsDo(stage)
  const stored = await useStored(stage, p12, issued)
  await endJob(stage, issued, stored)
  await proveTheEnd(stage, p12, issued)
  await showPreflight(stage)
  await showRotation(stage)
}

async function issue(stage: Stage): Promise<Step> {
  const { emulator } = stage
  heading('1  mode: issue')
  const use = stage.job.use()
  const inputs = { ...connection(stage), 'require-permissions': 'SIGN_SM_HASH' }
  const result = await stage.run('issue, main step', env => use.main({ inputs, env }))
  present(stage, inputs, result)
  stage.showValues('Outputs', result.outputs)
  stage.showValues('Environment of later steps', result.env)
  stage.showSummary(result)
  const folder = dirname(result.outputs['p12-file'] ?? '')
  stage.showFiles(folder)
  const requests = stage.showRequests()

  print('')
  const [record, ...others] = emulator.certificates
  stage.claim(
    'one certificate was issued, the one in the outputs',
    record?.serialNumber === result.outputs['serial-number'] && others.length === 0,
  )
  stage.claim(
    'the step waited until the mTLS host knew the new certificate',
    requests.some(({ verdict }) => verdict === 'unknown'),
  )
  stage.claim(
    'the mTLS host accepted it, and got no API key',
    requests.some(({ verdict }) => verdict === 'accepted') &&
      requests.every(({ host, hasApiKey }) => hasApiKey === (host === 'api')),
  )
  stage.claim('only this user can read the files', isPrivate(folder))
  claimSecrecy(stage, result, [emulator.apiKey, result.outputs['p12-password'] ?? ''])
  return { use, inputs, result }
}

async function useAsLaterStepsDo(stage: Stage): Promise<void> {
  heading('2  A later step, with nothing but the environment')
  const { SM_CLIENT_CERT_FILE: file = '', SM_CLIENT_CERT_PASSWORD: password = '' } = stage.environment
  const status = await mtlsStatus(stage, readFileSync(file), password)
  stage.showRequests()
  print('')
  stage.claim('$SM_CLIENT_CERT_FILE and $SM_CLIENT_CERT_PASSWORD work over mTLS (200)', status === 200)
}

async function useStored(stage: Stage, p12: Buffer, issued: Step): Promise<Step> {
  heading('3  mode: stored, with that P12 as a secret')
  const use = stage.job.use()
  const inputs = {
    mode: 'stored',
    ...connection(stage),
    p12: p12.toString('base64'),
    'p12-password': issued.result.outputs['p12-password'] ?? '',
    'warn-within': '12h',
  }
  const result = await stage.run('stored, main step', env => use.main({ inputs, env }))
  present(stage, inputs, result)
  const changed = Object.entries(result.outputs).filter(
    ([name, value]) => value !== issued.result.outputs[name],
  )
  stage.showValues("Outputs (where they differ from the first step's)", Object.fromEntries(changed))
  stage.showSummary(result)
  const folder = dirname(result.outputs['p12-file'] ?? '')
  stage.showFiles(folder)
  stage.showRequests()

  print('')
  const same = ['serial-number', 'fingerprint-sha256', 'not-after', 'user-id']
  stage.claim(
    'it is the same certificate, for the same user',
    same.every(name => result.outputs[name] === issued.result.outputs[name]),
  )
  stage.claim('only this user can read the files', isPrivate(folder))
  stage.claim(
    "the first step's P12 is untouched",
    p12.equals(readFileSync(issued.result.outputs['p12-file'] ?? '')),
  )
  claimSecrecy(stage, result, [inputs.p12, inputs['p12-password']])
  return { use, inputs, result }
}

/** The runner runs post steps in reverse order. */
async function endJob(stage: Stage, issued: Step, stored: Step): Promise<void> {
  heading('4  The job ends: post steps, last one first')
  const { use: storedUse, inputs: storedInputs } = stored
  const { use: issuedUse, inputs: issuedInputs } = issued
  const afterStored = await stage.run('stored, post step', env =>
    storedUse.post({ inputs: storedInputs, env }),
  )
  const afterIssued = await stage.run('issue, post step', env =>
    issuedUse.post({ inputs: issuedInputs, env }),
  )
  stage.showLog("The log of the stored step's post", afterStored)
  stage.showLog("The log of the issue step's post", afterIssued)
  stage.showRequests()
  print('')
  for (const result of [afterStored, afterIssued]) requireSuccess(result)
  stage.claim('no post step had anything to warn about', warnings(afterStored, afterIssued) === 0)
}

async function proveTheEnd(stage: Stage, p12: Buffer, { result: { outputs } }: Step): Promise<void> {
  heading('5  What is left: a copy of the P12')
  const status = await stage.settled(() => mtlsStatus(stage, p12, outputs['p12-password'] ?? ''))
  stage.showRequests()
  print('')
  const record = stage.emulator.certificates.find(({ id }) => id === outputs['certificate-id'])
  stage.claim('the certificate is disabled', record?.enabled === false)
  stage.claim(`the mTLS host refuses the copy (${status})`, status === 403)
  stage.claim('no file is left in $RUNNER_TEMP', readdirSync(stage.job.temp).length === 0)
}

function present(stage: Stage, inputs: Record<string, string>, result: StepResult): void {
  stage.showValues('with:', inputs)
  stage.showLog('The log', result)
  requireSuccess(result)
}

/** As in a workflow: a secret, and for this host also its address and CA. */
function connection({ emulator }: Stage): Record<string, string> {
  return { 'api-key': emulator.apiKey, host: emulator.apiUrl, 'ca-certificates': emulator.caPem }
}

async function mtlsStatus({ emulator }: Stage, pfx: Buffer, passphrase: string): Promise<number> {
  return (await call(emulator, { host: 'clientauth', tls: { pfx, passphrase } })).status
}

function isPrivate(folder: string): boolean {
  // Windows has access lists instead of modes: icacls marks with (I) what is inherited from the parent.
  if (process.platform === 'win32')
    return !execFileSync('icacls', [folder], { encoding: 'utf8' }).includes('(I)')
  const modes = readdirSync(folder).map(name => modeOf(join(folder, name)))
  return modeOf(folder) === '0700' && modes.length > 0 && modes.every(mode => mode === '0600')
}

/** The runner hides what it was told to; the action must not rely on that. */
function claimSecrecy(stage: Stage, { raw, summary, state }: StepResult, secrets: string[]): void {
  const printed = raw.replaceAll(/^::add-mask::.*$/gm, '')
  // The one that the runner passes only to the post step of this use.
  const { 'api-key': _, ...rest } = state
  stage.claim(
    'its secrets are masked, and log and summary contain none of them, even without masks',
    secrets.every(secret => stage.job.masker.mask(secret) === '***') && stage.hidesSecrets(printed, summary),
  )
  stage.claim(
    'the only secret in the saved state is the API key, which the post step needs',
    stage.hidesSecrets(...Object.values(rest)),
  )
}

function warnings(...results: StepResult[]): number {
  return results.flatMap(({ annotations }) => annotations).length
}

/** Without this step, there is nothing to show for the next. */
function requireSuccess({ exitCode, signal }: StepResult): void {
  if (exitCode !== 0) throw new Error(`that step exited with ${signal ?? `exit code ${exitCode}`}`)
}

function close(stage: Stage, totalMs: number): void {
  heading('In short')
  paragraph(
    'A certificate was issued for this job, verified over mTLS, passed to later steps, used again as a stored P12, and disabled at the end. The keypair for later steps was verified, and a wrong alias failed at once. Then a stored P12 was rotated in three secrets, and the old one was disabled after the grace period.',
  )
  print('')
  for (const { name, milliseconds } of stage.durations) row(name, `${milliseconds.toFixed(0).padStart(5)} ms`)
  row('everything', `${totalMs.toFixed(0).padStart(5)} ms`)
  print('', style('green', `All ${stage.claims} claims are true.`))
  paragraph(
    'What next: "Set up" in README.md for your own workflow, and `npm run emulator` to try the same DigiCert ONE by hand.',
  )
}

const started = performance.now()
// As with the real one, the mTLS host learns what the account service did a moment later.
const emulator = await startEmulator({ settings: { delays: { issue: 300, enable: 300, disable: 300 } } })
const stage = new Stage(emulator)
try {
  paragraph(
    `DigiCert ONE is running on this machine: ${emulator.apiUrl} (API) and ${emulator.clientauthUrl} (mTLS). The action is what a workflow would download: action.yml and dist/, on Node ${process.versions.node}.`,
  )
  await play(stage)
  if (stage.untrue.length > 0) throw new Error(`${stage.untrue.length} of ${stage.claims} claims are false.`)
  close(stage, performance.now() - started)
} catch (error) {
  print('', style('red', `The demo failed: ${error instanceof Error ? error.message : String(error)}`))
  process.exitCode = 1
} finally {
  await emulator.close()
  rmSync(stage.folder, { recursive: true, force: true })
}
