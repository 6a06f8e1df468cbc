// The two ways to get a client certificate into a job, each as one whole process against a given DigiCert ONE.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Job, ROOT } from '../__tests__/support/runner.ts'
import { type Usage, witness } from './witness.ts'

export type Mode = 'issue' | 'stored'

export interface Target {
  apiUrl: string
  clientauthUrl: string
  apiKey: string
  caFile: string
}

export interface StoredP12 {
  base64: string
  password: string
}

export interface Run {
  /** `performance.now()` */
  started: number
  milliseconds: number
}

/** A build of the action, as a folder with an action.yml and a dist/, relative to the repository. */
export type Build = string

export const THIS_BUILD: Build = ''

/** Another dist/ behind the action.yml of this one. */
export function otherBuild(dist: string): { build: Build; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'build-'))
  copyFileSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'))
  symlinkSync(dist, join(folder, 'dist'), 'junction')
  return {
    build: relative(ROOT, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The step, as the runner starts it. Its post step is not part of the comparison: the shell has none. */
export async function runAction(
  mode: Mode,
  target: Target,
  stored: StoredP12,
  build: Build,
  env: Record<string, string> = {},
): Promise<Run> {
  const job = new Job()
  const use = job.use(build)
  const run: Run = { started: performance.now(), milliseconds: 0 }
  try {
    const { exitCode, log } = await use.main({
      inputs: {
        mode,
        host: target.apiUrl,
        'ca-certificates': target.caFile,
        ...(mode === 'issue'
          ? { 'api-key': target.apiKey }
          : { p12: stored.base64, 'p12-password': stored.password }),
      },
      env,
      onStart: child => {
        child.once('close', () => {
          run.milliseconds = performance.now() - run.started
        })
      },
    })
    if (exitCode !== 0) throw new Error(`the action failed:\n${log}`)
  } finally {
    rmSync(dirname(dirname(job.temp)), { recursive: true, force: true })
  }
  return run
}

/** What the step uses, as it records itself. */
export async function useOfAction(
  mode: Mode,
  target: Target,
  stored: StoredP12,
  build: Build,
): Promise<Usage> {
  const folder = mkdtempSync(join(tmpdir(), 'usage-'))
  try {
    const watched = witness(folder)
    await runAction(mode, target, stored, build, watched.env)
    return watched.read()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The step without its API key: how long until the error is printed, and until the process exits. */
export async function refuseInput(build: Build): Promise<{ printed: number; ended: number }> {
  const job = new Job()
  const started = performance.now()
  const times = { printed: 0, ended: 0 }
  await job.use(build).main({
    inputs: {},
    onStart: child => {
      child.stdout?.on('data', (text: string) => {
        if (times.printed === 0 && text.includes('::error')) times.printed = performance.now() - started
      })
      child.once('close', () => {
        times.ended = performance.now() - started
      })
    },
  })
  return times
}

/** Node itself, with nothing to do. */
export async function runBare(): Promise<Run> {
  return await runNode(['-e', '0'])
}

/** Node, with the requests of that mode and nothing else to do. */
export async function runLeast(mode: Mode, target: Target, stored: StoredP12): Promise<Run> {
  const script = fileURLToPath(new URL(`least/${mode}.cjs`, import.meta.url))
  return await runNode([script], { CA_FILE: target.caFile, ...variablesOf(target, stored) })
}

/** Node, loading one module. */
export async function runNode(args: string[], env: Record<string, string> = {}): Promise<Run> {
  const started = performance.now()
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...machine, ...env },
      stdio: 'ignore',
    })
    child.once('error', reject)
    child.once('close', code => (code === 0 ? resolve() : reject(new Error(`node ${args} failed`))))
  })
  return { started, milliseconds: performance.now() - started }
}

/** The action gets the same: the machine's own settings for Node and curl are not measured. */
const machine = { PATH: process.env.PATH, HOME: process.env.HOME }

let certificates = 0

/** The environment of programs that are not actions. */
function variablesOf(target: Target, stored: StoredP12): Record<string, string> {
  return {
    API_URL: target.apiUrl,
    API_KEY: target.apiKey,
    CLIENTAUTH_URL: target.clientauthUrl,
    NAME: `bench ${process.pid} ${++certificates}`,
    P12_BASE64: stored.base64,
    P12_PASSWORD: stored.password,
  }
}

/** The tutorial's commands. `keep` reads the folder they worked in before it is deleted. */
export async function runShell(
  mode: Mode,
  target: Target,
  stored: StoredP12,
  keep: (folder: string) => void = () => undefined,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'shell-'))
  const script = fileURLToPath(new URL(`shell/${mode}.sh`, import.meta.url))
  const env = { ...machine, CURL_CA_BUNDLE: target.caFile, ...variablesOf(target, stored) }
  try {
    const started = performance.now()
    await runToEnd(script, folder, env)
    const run = { started, milliseconds: performance.now() - started }
    keep(folder)
    return run
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runToEnd(script: string, cwd: string, env: Record<string, string | undefined>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-e', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
    }
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(new Error(`${script} failed with exit code ${code}:\n${printed}`))
    })
  })
}

/** A P12 written by OpenSSL, with a certificate that the server knows. */
export async function makeStoredP12(target: Target): Promise<StoredP12> {
  const stored = { base64: '', password: 'correct-horse-battery-staple' }
  await runShell('issue', target, stored, folder => {
    stored.base64 = readFileSync(join(folder, 'client_auth.p12')).toString('base64')
  })
  return stored
}
