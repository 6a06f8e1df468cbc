// How time and memory grow with what years of jobs leave in the list: `node bench/list-growth.ts --help`.
import { parseArgs } from 'node:util'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { connectionTo, expectSuccess, runStep, type Step } from './step.ts'

const HELP = `Usage: node bench/list-growth.ts [options]

Runs shipped steps, each as a whole process, against an embedded DigiCert ONE whose list has more and more disabled
certificates, of 3 kB each: \`check\`, which reads all of it, and \`access\` with the id of one that is listed first and
of the one that is listed last. The seconds include the emulator's time to write the list, on the same machine.

  --sizes <list>  default 10,1000,10000,100000,1000000
`

async function run(action: 'check' | 'access', env: Record<string, string | undefined>): Promise<Step> {
  const step = await runStep(action, env)
  expectSuccess(step)
  return step
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
      const connection = connectionTo(emulator)
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
