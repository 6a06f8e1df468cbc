// How time and memory of `check` grow with the number of certificates: `node bench/check-growth.ts --help`.
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { DAY, type Emulator, startEmulator } from '../emulator/index.ts'
import { readNumber } from './options.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { connectionTo, runStep } from './step.ts'

const HELP = `Usage: node bench/check-growth.ts [options]

Runs the shipped check step, each time as a whole process, against an embedded DigiCert ONE with more and more
certificates, the sizes in turn. "Added" is the median less that of the smallest size: what the certificates cost.

  --runs <number>  how many of each size; default 15
  --sizes <list>   default 10,100,1000,10000
  --json           print figures as JSON instead
`

const WARM_UP_RUNS = 1

interface Options {
  runs: number
  sizes: number[]
  json: boolean
}

interface Run {
  milliseconds: number
  peakMegabytes: number
}

interface Growth {
  certificates: number
  milliseconds: Spread
  peakMegabytes: number
  /** over the smallest size */
  addedMilliseconds: number
  addedMicrosecondsEach: number
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '15' },
      sizes: { type: 'string', default: '10,100,1000,10000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    runs: readNumber('runs', values.runs, 1, 1000),
    sizes: values.sizes.split(',').map(text => readNumber('sizes', text, 1, 30_000)),
    json: values.json,
  }
}

/** Ends spread over two years, a quarter of them past, so that every part of the report has work to do. */
function fill(emulator: Emulator, count: number): void {
  emulator.reset()
  const now = Date.now()
  emulator.seed(count, index => ({
    name: `service-${index} release signing`,
    startDate: new Date(now - 200 * DAY),
    endDate: new Date(now + (((index * 7919) % count) / count - 0.25) * 730 * DAY),
  }))
}

async function measure(options: Options): Promise<Growth[]> {
  const emulator = await startEmulator()
  const runs = new Map<number, Run[]>(options.sizes.map(size => [size, []]))
  try {
    for (let round = -WARM_UP_RUNS; round < options.runs; round++) {
      for (const [size, done] of runs) {
        fill(emulator, size)
        const run = await runCheck(emulator, size)
        if (round >= 0) done.push(run)
      }
    }
  } finally {
    await emulator.close()
  }
  return summarize(runs)
}

function summarize(runs: Map<number, Run[]>): Growth[] {
  const measured = [...runs].map(([certificates, done]) => ({
    certificates,
    milliseconds: spreadOf(done.map(run => run.milliseconds)),
    peakMegabytes: spreadOf(done.map(run => run.peakMegabytes)).median,
  }))
  const [smallest] = measured.toSorted((a, b) => a.certificates - b.certificates)
  return measured.map(size => {
    const added = size.milliseconds.median - (smallest?.milliseconds.median ?? 0)
    const more = size.certificates - (smallest?.certificates ?? 0)
    return {
      ...size,
      addedMilliseconds: added,
      addedMicrosecondsEach: more === 0 ? 0 : (added * 1000) / more,
    }
  })
}

/** The complete step, as the runner starts it. It fails by design: some certificates expire soon. */
async function runCheck(emulator: Emulator, size: number): Promise<Run> {
  const { seconds, peakMegabytes } = await runStep('check', connectionTo(emulator), output => {
    const reportFile = /^report-file<<(.+)\n(.+)\n\1$/m.exec(output)?.[2]
    const { count } = JSON.parse(readFileSync(reportFile ?? '', 'utf8')) as { count: number }
    if (count !== size) throw new Error(`the step saw ${count} certificates of ${size}`)
  })
  return { milliseconds: seconds * 1000, peakMegabytes }
}

function describe(growth: Growth[]): string {
  const head = ['certificates', 'median ms', '25%', '75%', 'added ms', 'added µs each', 'peak MB']
  const rows = growth.map(({ certificates, milliseconds, ...size }) => [
    String(certificates),
    milliseconds.median.toFixed(0),
    milliseconds.lower.toFixed(0),
    milliseconds.upper.toFixed(0),
    size.addedMilliseconds.toFixed(0),
    size.addedMicrosecondsEach.toFixed(0),
    size.peakMegabytes.toFixed(0),
  ])
  return [head, ...rows].map(cells => cells.map(cell => cell.padStart(14)).join('')).join('\n')
}

function describeMachine(): string {
  const [load = 0] = loadavg()
  return `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${load.toFixed(2)} at the start (busy cores blur the figures)\n`
}

try {
  const options = readOptions()
  if (options === undefined) console.log(HELP)
  else if (options.json) console.log(JSON.stringify(await measure(options), null, 2))
  else {
    console.log(describeMachine())
    console.log(describe(await measure(options)))
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
