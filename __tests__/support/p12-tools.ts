/** Runs the programs that people open and use P12s with. A missing one is a visible skip, or a failure with REQUIRE_TOOLS=1. */
import { spawn, spawnSync } from 'node:child_process'
import { createHash, type KeyObject, type X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, test } from '@jest/globals'
import { hasJsign } from './jsign.ts'
import { testCertificate, testKey } from './p12-certificates.ts'
import { hasReader, isReader, type LibraryReader } from './p12-library-readers.ts'
import { hasWriter, type Writer } from './p12-writers.ts'
import { isOn, skipping } from './platform.ts'

/** Programs in Debian, and those that our scripts fetch. */
export type Tool = Program | 'jsign' | Writer | LibraryReader
type Program =
  | 'bash'
  | 'openssl'
  | 'keytool'
  | 'certtool'
  | 'pk12util'
  | 'certutil'
  | 'curl'
  | 'jq'
  | 'java'
  | 'osslsigncode'
  | 'squid'
  | 'tinyproxy'
  | 'nginx'
  | 'git'

const DEBIAN_PACKAGES: Record<Program, string> = {
  bash: 'bash',
  openssl: 'openssl',
  keytool: 'default-jdk-headless',
  certtool: 'gnutls-bin',
  pk12util: 'libnss3-tools',
  certutil: 'libnss3-tools',
  curl: 'curl',
  jq: 'jq',
  java: 'default-jre-headless',
  osslsigncode: 'osslsigncode',
  squid: 'squid-openssl',
  tinyproxy: 'tinyproxy',
  nginx: 'nginx-light',
  git: 'git',
}

const PROBES: Record<Program, string[]> = {
  bash: ['--version'],
  openssl: ['version'],
  keytool: ['-version'],
  certtool: ['--version'],
  pk12util: ['-H'],
  certutil: ['-H'],
  curl: ['--version'],
  jq: ['--version'],
  java: ['-version'],
  osslsigncode: ['--version'],
  squid: ['-v'],
  tinyproxy: ['-v'],
  nginx: ['-v'],
  git: ['--version'],
}

const NOT_LINUX = "it compares with Debian's programs, and runs on Linux alone"

const found = new Map<Tool, boolean>()

/** Only on Linux: macOS and Windows have different programs with the same names (certtool, certutil, curl). */
export function isInstalled(tool: Tool): boolean {
  const known = found.get(tool) ?? look(tool)
  found.set(tool, known)
  return known
}

function look(tool: Tool): boolean {
  if (!isOn('Linux')) return false
  if (isProgram(tool)) return spawnSync(tool, PROBES[tool]).error === undefined
  if (isReader(tool)) return hasReader(tool)
  return tool === 'jsign' ? hasJsign() : hasWriter(tool)
}

function isProgram(tool: Tool): tool is Program {
  return tool in PROBES
}

function howToInstall(tool: Tool): string {
  if (isProgram(tool)) return `apt-get install ${DEBIAN_PACKAGES[tool]}`
  if (isReader(tool)) return 'npm run p12-readers'
  return tool === 'jsign' ? 'npm run jsign' : 'npm run p12-writers'
}

/** A test that needs these tools. */
export function toolTest(tools: Tool[], title: string, body: () => Promise<void>): void {
  const missing = tools.filter(tool => !isInstalled(tool))
  if (missing.length === 0) {
    test(title, body)
    return
  }
  if (!isOn('Linux')) {
    skipping(NOT_LINUX)(title, body)
    return
  }
  const hint = `${missing.join(', ')} missing: ${missing.map(howToInstall).join('; ')}`
  if (process.env.REQUIRE_TOOLS === '1') {
    test(title, () => {
      throw new Error(hint)
    })
  } else {
    skipping(hint)(title, body)
  }
}

export interface Outcome {
  status: number | null
  /** Standard output and error together. */
  text: string
}

/** Asynchronous, so that a server in this process can respond to the program. */
export function run(
  command: string,
  args: string[],
  input = '',
  variables: Record<string, string> = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', ...variables }
    const child = spawn(command, args, { env, timeout: 60_000 })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
    child.stderr.on('data', (piece: Buffer) => pieces.push(piece))
    child.on('error', reject)
    child.on('close', status => resolve({ status, text: Buffer.concat(pieces).toString() }))
    child.stdin.on('error', () => {}) // the program may not read any
    child.stdin.end(input)
  })
}

/** Like {@link run}; a failure says why. */
export async function runOk(command: string, args: string[], input = ''): Promise<string> {
  const { status, text } = await run(command, args, input)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} → ${status}\n${text}`)
  return text
}

// --- files -----------------------------------------------------------------------------------------------------

let directory: string | undefined
let count = 0

/** A new path in a directory that is deleted after the tests. */
export function scratch(name: string): string {
  directory ??= mkdtempSync(join(tmpdir(), 'p12-'))
  return join(directory, `${++count}-${name}`)
}

export function scratchFile(name: string, content: Buffer | string): string {
  const path = scratch(name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

/** Registers the clean-up; each test file calls it once. */
export function cleanUpScratch(): void {
  afterAll(() => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    directory = undefined
  })
}

export interface PemFiles {
  key: string
  certificate: string
  chain: string
}

export function pemFiles(key: KeyObject, certificate: X509Certificate, chain: X509Certificate[]): PemFiles {
  return {
    key: scratchFile('key.pem', key.export({ format: 'pem', type: 'pkcs8' })),
    certificate: scratchFile('certificate.pem', certificate.toString()),
    chain: scratchFile('chain.pem', chain.map(String).join('')),
  }
}

// --- programs --------------------------------------------------------------------------------------------------

/** SHA-256 fingerprints of all certificates in some PEM, in order. */
export function fingerprints(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+/g) ?? []
  return blocks.map(block => {
    const der = Buffer.from(block.replace(/-----[^-]+-----/, ''), 'base64')
    return createHash('sha256')
      .update(der)
      .digest('hex')
      .toUpperCase()
      .replace(/..(?!$)/g, '$&:')
  })
}

/** 300 for OpenSSL 3.0; 0 when there is none. */
export function opensslVersion(): number {
  if (!isInstalled('openssl')) return 0
  const [, major, minor] =
    /OpenSSL (\d+)\.(\d+)/.exec(spawnSync('openssl', ['version']).stdout.toString()) ?? []
  return Number(major) * 100 + Number(minor)
}

/** An HTTPS server that responds with the fingerprint of the client's certificate. */
export async function fingerprintServer(): Promise<{ url: string; close(): void }> {
  const key = testKey('rsa', 'server')
  const certificate = testCertificate({ key, subject: [['2.5.4.3', 'localhost']] })
  const server: Server = createServer(
    {
      key: key.export({ format: 'pem', type: 'pkcs8' }),
      cert: certificate.toString(),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      response.end((request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256 ?? 'none')
    },
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What the server sees when curl presents this P12. */
export function curlWith(p12: string, password: string, url: string): Promise<Outcome> {
  return run('curl', [
    '--silent',
    '--show-error',
    '--insecure',
    '--cert-type',
    'P12',
    '--cert',
    p12,
    '--pass',
    password,
    url,
  ])
}
