// The main step: starts the server next to the job and tells later steps how to reach it.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportVariable, info, saveState, setOutput, setSecret } from '@actions/core'
import { Failure, runStep } from './failure.ts'
import { type Broken, Folder, type Ready, type ServeOptions } from './folder.ts'
import { type EmulatorInputs, readEmulatorInputs } from './inputs.ts'

const READY_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 50

async function start(): Promise<void> {
  const inputs = readEmulatorInputs()
  const folder = Folder.plan(process.env)
  // Before anything exists: however this step ends, the post step finds what it left.
  saveState('folder', folder.path)
  folder.create()
  const ready = await untilReady(folder, spawnServer(folder, inputs))
  for (const secret of [ready.apiKey, ready.p12Password, ready.p12]) setSecret(secret)
  setOutputs(folder, ready)
  if (inputs.exportEnv) exportTrust(folder, ready)
  tell(ready, inputs)
}

function spawnServer(folder: Folder, { exportEnv: _, summary: __, ...inputs }: EmulatorInputs): ChildProcess {
  const options: ServeOptions = { folder: folder.path, ...inputs }
  const server = path.join(path.dirname(process.argv[1] ?? ''), '..', 'emulator-serve', 'index.js')
  const log = openSync(folder.file('log'), 'a', 0o600)
  const child = spawn(process.execPath, [server, JSON.stringify(options)], {
    // On Windows, a child that is not detached stops with its parent.
    detached: true,
    stdio: ['ignore', log, log],
    // Not the folder: Windows would then let nobody delete it.
    cwd: path.parse(folder.path).root,
    env: environmentOfServer(process.env),
    windowsHide: true,
  })
  closeSync(log)
  child.unref()
  return child
}

/** What belongs to this step stays here. RUNNER_TRACKING_ID is passed on: with it, the runner finds what a job left running. */
function environmentOfServer(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(INPUT|STATE|ACTIONS|GITHUB)_/.test(name)),
  )
}

async function untilReady(folder: Folder, child: ChildProcess): Promise<Ready> {
  const deadline = Date.now() + READY_WITHIN_MS
  let failed: Error | undefined
  child.once('error', error => {
    failed = error
  })
  while (Date.now() < deadline) {
    const ready = folder.ready()
    if (ready !== undefined) return ready
    const broken = folder.broken()
    if (broken !== undefined) throw whyBroken(broken)
    if (failed !== undefined || child.exitCode !== null || child.signalCode !== null) break
    await sleep(LOOK_EVERY_MS)
  }
  child.kill('SIGKILL')
  throw notReady(failed?.message ?? folder.read('log').trim().split('\n').slice(-3).join(' '))
}

function whyBroken({ code, message }: Broken): Failure {
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return notReady(message)
  return new Failure('EMULATOR_PORT_TAKEN', {
    what: `Cannot use the port (${message}).`,
    why: 'Another process listens on it, perhaps another emulator in this job, or the port needs more permissions.',
    fix: "Omit 'port' and 'clientauth-port' to use free ports.",
  })
}

function notReady(reason: string): Failure {
  return new Failure('EMULATOR_NOT_READY', {
    what: `The embedded DigiCert ONE did not start (${reason || 'no message'}).`,
    why: 'It was killed, the machine is out of memory or processes, or the disk is full.',
    fix: 'Run the job again. If the problem persists, check the memory and disk of the runner.',
  })
}

function setOutputs(folder: Folder, ready: Ready): void {
  const outputs = {
    host: ready.apiUrl,
    'clientauth-host': ready.clientauthUrl.replace('https://', ''),
    'clientauth-url': ready.clientauthUrl,
    'api-key': ready.apiKey,
    'ca-certificates': folder.file('ca.pem'),
    'ca-bundle': folder.file('ca-bundle.pem'),
    truststore: folder.file('truststore.p12'),
    'truststore-password': ready.truststorePassword,
    'certificate-alias': ready.certificateAlias,
    'keypair-alias': ready.keypairAlias,
    'code-signing-ca': folder.file('code-signing-ca.pem'),
    p12: ready.p12,
    'p12-password': ready.p12Password,
  }
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value)
}

function exportTrust(folder: Folder, { truststorePassword }: Ready): void {
  const bundle = folder.file('ca-bundle.pem')
  for (const name of ['NODE_EXTRA_CA_CERTS', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE']) exportVariable(name, bundle)
  const java = [
    process.env.JAVA_TOOL_OPTIONS ?? '',
    `"-Djavax.net.ssl.trustStore=${folder.file('truststore.p12')}"`,
    '-Djavax.net.ssl.trustStoreType=PKCS12',
    `-Djavax.net.ssl.trustStorePassword=${truststorePassword}`,
  ]
  exportVariable('JAVA_TOOL_OPTIONS', java.join(' ').trim())
}

function tell(
  { apiUrl, clientauthUrl, pid }: Ready,
  { userName, exportEnv, lifetimeSeconds }: EmulatorInputs,
): void {
  const end = new Date(Date.now() + lifetimeSeconds * 1000).toISOString()
  info(
    `The embedded DigiCert ONE is running on this runner (process ${pid}): API ${apiUrl}, mTLS ${clientauthUrl}.`,
  )
  // As JSON, so that a line break in the name cannot begin a workflow command.
  info(`Its service user is ${JSON.stringify(userName)}. What it issues or signs is worthless elsewhere.`)
  if (exportEnv)
    info(
      'Later steps trust this DigiCert ONE: NODE_EXTRA_CA_CERTS, CURL_CA_BUNDLE, SSL_CERT_FILE, JAVA_TOOL_OPTIONS.',
    )
  info(`It stops at the end of the job, at ${end} at the latest.`)
}

void runStep(start)
