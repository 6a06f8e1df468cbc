// The two ways to get a client certificate into a job, each as one whole process against a given DigiCert ONE.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Job } from '../__tests__/support/runner.ts'

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

/** The step, as the runner starts it. Its post step is not part of the comparison: the shell has none. */
export async function runAction(mode: Mode, target: Target, stored: StoredP12): Promise<Run> {
  const job = new Job()
  const use = job.use()
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

let certificates = 0

/** The tutorial's commands. `keep` looks at the folder they worked in before it is deleted. */
export async function runShell(
  mode: Mode,
  target: Target,
  stored: StoredP12,
  keep: (folder: string) => void = () => undefined,
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'shell-'))
  const script = fileURLToPath(new URL(`shell/${mode}.sh`, import.meta.url))
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    CURL_CA_BUNDLE: target.caFile,
    API_URL: target.apiUrl,
    API_KEY: target.apiKey,
    CLIENTAUTH_URL: target.clientauthUrl,
    NAME: `shell ${process.pid} ${++certificates}`,
    P12_PASSWORD: stored.password,
    P12_BASE64: stored.base64,
  }
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

/** A P12 as OpenSSL makes it, of a certificate that the server knows. */
export async function makeStoredP12(target: Target): Promise<StoredP12> {
  const stored = { base64: '', password: 'correct-horse-battery-staple' }
  await runShell('issue', target, stored, folder => {
    stored.base64 = readFileSync(join(folder, 'client_auth.p12')).toString('base64')
  })
  return stored
}
