// How long the step takes against the shell commands of DigiCert's tutorial that it replaces: `npm run bench -- --help`.
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import {
  type Mode,
  makeStoredP12,
  type Run,
  runAction,
  runShell,
  type StoredP12,
  type Target,
} from './contestants.ts'
import { startDigicertOne } from './digicert-one.ts'
import { readNumber } from './options.ts'
import { type Passage, type Relay, startRelay } from './relay.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { drawTimeline } from './timeline.ts'

const HELP = `Usage: npm run bench -- [options]

Runs the shipped step and the tutorial's shell commands in turn (A B A B ...) on the same embedded DigiCert ONE, each as
a whole process, through a relay that adds round-trip time. Needs bash, openssl, curl and jq.

  --pairs <number>  how many of each; default 30
  --rtt <list>      round-trip times in milliseconds; default 0,40
  --modes <list>    default issue,stored
  --timeline        also show when the step of each last pair used the network
  --json            print figures as JSON instead
`

const WARM_UP_PAIRS = 2

interface Options {
  pairs: number
  roundTrips: number[]
  modes: Mode[]
  timeline: boolean
  json: boolean
}

interface Comparison {
  mode: Mode
  roundTripMs: number
  pairs: number
  action: Spread
  shell: Spread
  /** of the ratios within each pair: what drifts on the machine hits both halves of a pair */
  ratio: Spread
  ratioOfMedians: number
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '30' },
      rtt: { type: 'string', default: '0,40' },
      modes: { type: 'string', default: 'issue,stored' },
      timeline: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    pairs: readNumber('pairs', values.pairs, 1, 1000),
    roundTrips: values.rtt.split(',').map(text => readNumber('rtt', text, 0, 1000)),
    modes: values.modes.split(',').map(readMode),
    timeline: values.timeline,
    json: values.json,
  }
}

function readMode(text: string): Mode {
  if (text === 'issue' || text === 'stored') return text
  throw new Error(`--modes takes issue and stored, not '${text}'`)
}

async function compare(
  mode: Mode,
  options: Options,
  target: Target,
  stored: StoredP12,
  relay: Relay,
): Promise<Comparison> {
  const pairs: { action: Run; shell: Run }[] = []
  let passages: Passage[] = []
  for (let pair = -WARM_UP_PAIRS; pair < options.pairs; pair++) {
    relay.passages.length = 0
    const action = await runAction(mode, target, stored)
    passages = [...relay.passages]
    const shell = await runShell(mode, target, stored)
    if (pair >= 0) pairs.push({ action, shell })
  }
  const last = pairs.at(-1)
  if (options.timeline && last !== undefined) console.error(drawTimeline(last.action, passages))
  return summarize(mode, relay.roundTripMs, pairs)
}

function summarize(
  mode: Mode,
  roundTripMs: number,
  pairs: readonly { action: Run; shell: Run }[],
): Comparison {
  const action = spreadOf(pairs.map(pair => pair.action.milliseconds))
  const shell = spreadOf(pairs.map(pair => pair.shell.milliseconds))
  return {
    mode,
    roundTripMs,
    pairs: pairs.length,
    action,
    shell,
    ratio: spreadOf(pairs.map(pair => pair.action.milliseconds / pair.shell.milliseconds)),
    ratioOfMedians: action.median / shell.median,
  }
}

async function measure(options: Options): Promise<Comparison[]> {
  const server = await startDigicertOne()
  const relay = await startRelay(server.port)
  const target: Target = {
    apiUrl: `https://localhost:${relay.port}`,
    clientauthUrl: `https://clientauth.localhost:${relay.port}`,
    apiKey: server.apiKey,
    caFile: server.caFile,
  }
  const comparisons: Comparison[] = []
  try {
    const stored = await makeStoredP12(target)
    for (const mode of options.modes) {
      for (const roundTripMs of options.roundTrips) {
        relay.roundTripMs = roundTripMs
        const comparison = await compare(mode, options, target, stored, relay)
        comparisons.push(comparison)
        if (!options.json) console.log(describe(comparison))
      }
    }
  } finally {
    relay.close()
    await server.close()
  }
  return comparisons
}

function describe({ mode, roundTripMs, pairs, action, shell, ratio, ratioOfMedians }: Comparison): string {
  const row = (name: string, { median, lower, upper, least, most }: Spread, digits: number) =>
    `  ${name.padEnd(22)}${[median, lower, upper, least, most].map(value => value.toFixed(digits).padStart(9)).join('')}`
  return [
    `${mode} mode, round trip ${roundTripMs} ms, ${pairs} pairs`,
    `${' '.repeat(24)}   median      25%      75%    least     most`,
    row('the step (ms)', action, 0),
    row('shell commands (ms)', shell, 0),
    row('step ÷ shell, by pair', ratio, 2),
    `  ratio of the medians  ${ratioOfMedians.toFixed(2).padStart(9)}`,
    '',
  ].join('\n')
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
    await measure(options)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
