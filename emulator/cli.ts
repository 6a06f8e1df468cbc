// Starts DigiCert ONE on this machine and says how to use it: `npm run emulator -- --help`.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Emulator, type EmulatorOptions, type LoggedRequest, startEmulator } from './index.ts'
import { adaptCommand, tutorial } from './tutorial.ts'

const HELP = `Usage: npm run emulator -- [options]

A DigiCert ONE on 127.0.0.1: real TLS, real mTLS, its own CA. Nothing is kept when it stops.

  --port <number>        default 8443; 0 means any free port
  --round-end-dates      certificates expire at 23:59:59Z, as in DigiCert's examples
  --error-shape <shape>  errors (default), error or spring: {"errors":[…]}, {"error":{…}} or Spring's {"status",…}
  --rsa-ca               sign client certificates with an RSA key instead of an EC one
  --ready-file <path>    write everything as JSON to this file once it is running; deleted when it stops
  --quiet                do not print requests
  --help
`

interface Arguments {
  options: EmulatorOptions
  readyFile: string | undefined
}

function readArguments(argv: string[]): Arguments | 'help' {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '8443' },
      'round-end-dates': { type: 'boolean', default: false },
      'error-shape': { type: 'string', default: 'errors' },
      'rsa-ca': { type: 'boolean', default: false },
      'ready-file': { type: 'string' },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const options: EmulatorOptions = {
    port: readPort(values.port),
    clientCaKey: values['rsa-ca'] ? 'rsa' : 'ec',
    settings: {
      roundEndDates: values['round-end-dates'],
      errorShape: readErrorShape(values['error-shape']),
    },
  }
  if (!values.quiet) options.onRequest = printRequest
  return { options, readyFile: values['ready-file'] }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--port must be a number up to 65535, not ${text}`)
}

function readErrorShape(text: string): 'errors' | 'error' | 'spring' {
  if (text === 'errors' || text === 'error' || text === 'spring') return text
  throw new Error(`--error-shape must be errors, error or spring, not ${text}`)
}

function printRequest({ host, method, path: where, status, verdict }: LoggedRequest): void {
  const certificate = verdict === undefined ? '' : ` (client certificate: ${verdict})`
  console.log(`${host.padEnd(10)} ${method.padEnd(4)} ${where} ${status ?? 'broken'}${certificate}`)
}

interface Files {
  /** trust anchor of the TLS certificates */
  ca: string
  /** trust anchor of what is signed here */
  codeSigningCa: string
  /** what to call the code-signing certificate */
  certificateAlias: string
}

async function writeFiles(directory: string, emulator: Emulator): Promise<Files> {
  const { certificate } = await emulator.keypair()
  const files = {
    ca: path.join(directory, 'ca.pem'),
    codeSigningCa: path.join(directory, 'code-signing-ca.pem'),
    certificateAlias: certificate.alias,
  }
  await writeFile(files.ca, emulator.caPem, { mode: 0o600 })
  await writeFile(files.codeSigningCa, certificate.chainPem.at(-1) ?? '', { mode: 0o600 })
  return files
}

function printInstructions(emulator: Emulator, files: Files): void {
  console.log(`DigiCert ONE is running on this machine. Ctrl-C stops it.

  API   ${emulator.apiUrl}
  mTLS  ${emulator.clientauthUrl}

In another terminal, in an empty directory, make curl trust it:

export CURL_CA_BUNDLE=${files.ca}
export DIGICERT_API_KEY=${emulator.apiKey}
cd "$(mktemp -d)"

For the action, set these inputs: host ${emulator.apiUrl}, ca-certificates ${files.ca}.
Software Trust signs for jsign with the alias ${files.certificateAlias}; ${files.codeSigningCa} is the root to verify with.

The commands of DigiCert's tutorial, for this host:
`)
  for (const { title, command } of tutorial) {
    console.log(`# ${title}\n${adaptCommand(command, { ...emulator, apiKey: '$DIGICERT_API_KEY' })}\n`)
  }
}

async function writeReadyFile(file: string, emulator: Emulator, files: Files): Promise<void> {
  const { port, apiUrl, clientauthUrl, host, clientauthHost, apiKey } = emulator
  const ready = {
    pid: process.pid,
    port,
    apiUrl,
    clientauthUrl,
    host,
    clientauthHost,
    apiKey,
    userId: emulator.user.id,
    caFile: files.ca,
    codeSigningCaFile: files.codeSigningCa,
    certificateAlias: files.certificateAlias,
  }
  // A process that waits for the file must never read half of it.
  await writeFile(`${file}.part`, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.part`, file)
}

function untilSignal(): Promise<unknown> {
  return Promise.race(
    (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
      signal => new Promise(resolve => process.once(signal, resolve)),
    ),
  )
}

async function run({ options, readyFile }: Arguments): Promise<void> {
  const signalled = untilSignal()
  const emulator = await startEmulator(options)
  const directory = await mkdtemp(path.join(tmpdir(), 'digicert-one-'))
  try {
    const files = await writeFiles(directory, emulator)
    printInstructions(emulator, files)
    if (readyFile !== undefined) await writeReadyFile(readyFile, emulator, files)
    await signalled
  } finally {
    if (readyFile !== undefined) await rm(readyFile, { force: true })
    await rm(directory, { recursive: true, force: true })
    await emulator.close()
  }
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE'
    ? 'The port is in use: pass another one with --port (0 means any free port).'
    : error.message
}

try {
  const given = readArguments(process.argv.slice(2))
  if (given === 'help') console.log(HELP)
  else await run(given)
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
