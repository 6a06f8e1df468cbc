// What happens when many jobs of one service user issue at once: `node bench/jobs-growth.ts --help`.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Job } from '../__tests__/support/runner.ts'
import { startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { type Spread, spreadOf } from './statistics.ts'

const HELP = `Usage: node bench/jobs-growth.ts [options]

Runs the shipped root action in more and more jobs at once, main step and post step, all with the API key of one service
user of an embedded DigiCert ONE. Every job has to get its own certificate, and none may be left enabled. Here all of
them share the cores of one machine; on GitHub each has its own.

  --sizes <list>  default 1,5,10,25,50
`

interface Round {
  milliseconds: Spread
  requestsEach: number
  connectionsEach: number
}

async function runAtOnce(jobs: number): Promise<Round> {
  const emulator = await startEmulator()
  const inputs = {
    'api-key': emulator.apiKey,
    host: emulator.apiUrl,
    'ca-certificates': emulator.caPem,
  }
  try {
    const results = await Promise.all(
      Array.from({ length: jobs }, async () => {
        const use = new Job().use()
        const main = await use.main({ inputs })
        const post = await use.post({ inputs })
        if (main.exitCode !== 0 || post.exitCode !== 0)
          throw new Error(`a job failed:\n${main.log}${post.log}`)
        return main
      }),
    )
    const ids = new Set(results.map(({ outputs }) => outputs['certificate-id']))
    if (ids.size !== jobs) throw new Error(`${jobs} jobs got ${ids.size} certificates`)
    const enabled = emulator.certificates.filter(certificate => certificate.enabled)
    if (enabled.length > 0) throw new Error(`${enabled.length} certificates are left enabled`)
    return {
      milliseconds: spreadOf(results.map(result => result.milliseconds)),
      requestsEach: emulator.requests.length / jobs,
      connectionsEach: emulator.connections.accepted / jobs,
    }
  } finally {
    await emulator.close()
  }
}

const print = (cells: string[]) => console.log(cells.map(cell => cell.padStart(18)).join(''))

try {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '1,5,10,25,50' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) console.log(HELP)
  else {
    const sizes = values.sizes.split(',').map(text => readNumber('sizes', text, 1, 200))
    console.log(`${availableParallelism()} cores`)
    print(['jobs at once', 'median ms', 'slowest ms', 'requests each', 'connections each'])
    for (const size of sizes) {
      const { milliseconds, requestsEach, connectionsEach } = await runAtOnce(size)
      print([
        String(size),
        milliseconds.median.toFixed(0),
        milliseconds.most.toFixed(0),
        requestsEach.toFixed(2),
        connectionsEach.toFixed(2),
      ])
    }
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
