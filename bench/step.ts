// A shipped step as a whole process, as the runner starts it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Usage, witness } from './witness.ts'

export interface Step extends Usage {
  seconds: number
  exitCode: number | null
}

/**
 * Runs one, with files of its own that are deleted before this resolves.
 * @param read is given what it wrote to GITHUB_OUTPUT while they are there
 */
export async function runStep(
  action: 'access' | 'check' | 'rotate',
  env: Record<string, string | undefined>,
  read: (output: string) => void = () => undefined,
): Promise<Step> {
  const folder = mkdtempSync(join(tmpdir(), `${action}-growth-`))
  const file = (name: string) => {
    const path = join(folder, name)
    writeFileSync(path, '')
    return path
  }
  try {
    const watched = witness(folder)
    const outputFile = file('output')
    const files = { GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: file('summary') }
    const all = { PATH: process.env.PATH, RUNNER_TEMP: folder, ...files, ...watched.env, ...env }
    const started = performance.now()
    const exitCode = await runToEnd(action, all)
    const seconds = (performance.now() - started) / 1000
    read(readFileSync(outputFile, 'utf8'))
    return { seconds, exitCode, ...watched.read() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runToEnd(action: string, env: Record<string, string | undefined>): Promise<number | null> {
  const entry = fileURLToPath(new URL(`../dist/${action}/index.js`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry], { env, stdio: 'ignore' })
    child.once('error', reject)
    child.once('close', resolve)
  })
}

/** @throws Error unless the step succeeded */
export function expectSuccess({ exitCode }: Step): void {
  if (exitCode !== 0) throw new Error(`the step ended with ${exitCode}`)
}

/** Where a step finds the embedded DigiCert ONE. */
export function connectionTo(emulator: { apiKey: string; apiUrl: string; caPem: string }) {
  return {
    'INPUT_API-KEY': emulator.apiKey,
    INPUT_HOST: emulator.apiUrl,
    'INPUT_CA-CERTIFICATES': emulator.caPem,
  }
}

/** What one step took for so many of something, and the requests that it made. */
export interface Growth extends Step {
  requests: number
}

/** Cells of a table: the size, wall seconds, CPU seconds, CPU milliseconds each, peak megabytes, requests. */
export function growthRow(size: number, { seconds, cpuSeconds, peakMegabytes, requests }: Growth): string[] {
  const each = (cpuSeconds * 1000) / size
  return [
    String(size),
    seconds.toFixed(1),
    cpuSeconds.toFixed(2),
    each.toFixed(1),
    peakMegabytes.toFixed(0),
    String(requests),
  ]
}
