// How time and memory of `access` with `all` grow with the number of certificates: `node bench/access-growth.ts --help`.
import { parseArgs } from 'node:util'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { connectionTo, expectSuccess, type Growth, growthRow, runStep } from './step.ts'

const HELP = `Usage: node bench/access-growth.ts [options]

Runs the shipped access step with \`all: true\`, each time as a whole process, against an embedded DigiCert ONE with more
and more enabled certificates. Every run disables all of them. Requests are paced as DigiCert's rate limits ask, 80 in 5
seconds and 800 in 3 minutes, so 1,000 take more than three minutes; CPU time, memory and requests show the work itself.

  --sizes <list>  default 1,10,100,1000
`

async function disableAll(size: number): Promise<Growth> {
  const emulator = await startEmulator()
  try {
    emulator.seed(size, index => ({ name: `service-${index} release signing` }))
    const step = await runStep('access', {
      ...connectionTo(emulator),
      INPUT_ALL: 'true',
      INPUT_ENABLED: 'false',
    })
    expectSuccess(step)
    const left = emulator.certificates.filter(certificate => certificate.enabled)
    if (left.length > 0) throw new Error(`${left.length} of ${size} certificates are still enabled`)
    return { ...step, requests: emulator.requests.length }
  } finally {
    await emulator.close()
  }
}

const print = (cells: string[]) => console.log(cells.map(cell => cell.padStart(14)).join(''))

try {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '1,10,100,1000' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else {
    const sizes = values.sizes.split(',').map(text => readNumber('sizes', text, 1, 10_000))
    print(['certificates', 'wall s', 'CPU s', 'CPU ms each', 'peak MB', 'requests'])
    for (const size of sizes) print(growthRow(size, await disableAll(size)))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
