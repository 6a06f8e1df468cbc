// The embedded DigiCert ONE in a process of its own, so that it does not share an event loop with the stopwatch.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export interface DigicertOne {
  port: number
  apiKey: string
  caFile: string
  close(): Promise<void>
}

const LONGEST_START_MS = 20_000

export async function startDigicertOne(): Promise<DigicertOne> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const readyFile = join(folder, 'ready.json')
  const cli = fileURLToPath(new URL('../emulator/cli.ts', import.meta.url))
  const child = spawn(process.execPath, [cli, '--port', '0', '--quiet', '--ready-file', readyFile], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const abandon = () => child.kill('SIGTERM')
  process.once('exit', abandon)
  const close = async () => {
    await end(child)
    process.off('exit', abandon)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilExists(readyFile, child)
    const { port, apiKey, caFile } = JSON.parse(readFileSync(readyFile, 'utf8')) as DigicertOne
    return { port, apiKey, caFile, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function untilExists(file: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + LONGEST_START_MS
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error('the embedded DigiCert ONE did not start')
    if (performance.now() > deadline) throw new Error('the embedded DigiCert ONE takes too long to start')
    await sleep(20)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}
