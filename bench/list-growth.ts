// How time and memory grow with what years of jobs leave in the list: `node bench/list-growth.ts --help`.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { type Usage, witness } from './witness.ts'

const HELP = `Usage: node bench/list-growth.ts [options]

Runs shipped steps, each as a whole process, against an embedded DigiCert ONE whose list has more and more disabled
certificates, of 3 kB each: \`check\`, which reads all of it, and \`access\` with the id of one that is listed first and
of the one that is listed last. The seconds include the emulator's time to write the list, on the same machine.

  --sizes <list>  default 10,1000,10000,100000,1000000
`

interface Step extends Usage {
  seconds: number
}

async function run(action: 'check' | 'access', env: Record<string, string | undefined>): Promise<Step> {
  const folder = mkdtempSync(join(tmpdir(), 'list-growth-'))
  const file = (name: string) => {
    const path = join(folder, name)
    writeFileSync(path, '')
    return path
  }
  try {
    const watched = witness(folder)
    const files = { GITHUB_OUTPUT: file('output'), GITHUB_STEP_SUMMARY: file('summary') }
    const entry = fileURLToPath(new URL(`../dist/${action}/index.js`, import.meta.url))
    const all = { PATH: process.env.PATH, RUNNER_TEMP: folder, ...files, ...watched.env, ...env }
    const started = performance.now()
    const child = spawn(process.execPath, [entry], { env: all, stdio: 'ignore' })
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (exitCode !== 0) throw new Error(`${action} failed`)
    return { seconds: (performance.now() - started) / 1000, ...watched.read() }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const print = (cells: string[]) => console.log(cells.map(cell => cell.padStart(16)).join(''))

try {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '10,1000,10000,100000,1000000' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else {
    const emulator = await startEmulator()
    print(['certificates', 'step', 'seconds', 'CPU seconds', 'peak MB'])
    for (const size of values.sizes.split(',').map(text => readNumber('sizes', text, 1, 10_000_000))) {
      emulator.reset()
      emulator.settings.history = size
      const [first] = emulator.seed(3)
      const connection = {
        'INPUT_API-KEY': emulator.apiKey,
        INPUT_HOST: emulator.apiUrl,
        'INPUT_CA-CERTIFICATES': emulator.caPem,
      }
      const disable = (id = '') => ({ ...connection, 'INPUT_CERTIFICATE-ID': id, INPUT_ENABLED: 'false' })
      const steps: [name: string, step: Step][] = [
        ['check', await run('check', connection)],
        ['access, first', await run('access', disable(first?.id))],
        ['access, last', await run('access', disable(`history-${size - 1}`))],
      ]
      for (const [name, { seconds, cpuSeconds, peakMegabytes }] of steps) {
        print([String(size), name, seconds.toFixed(1), cpuSeconds.toFixed(1), peakMegabytes.toFixed(0)])
      }
    }
    await emulator.close()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
