// Measures everything that is said about speed and size of the root action: `npm run bench -- --help`.
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type Build,
  type Mode,
  makeStoredP12,
  otherBuild,
  type Run,
  refuseInput,
  runAction,
  runBare,
  runLeast,
  runNode,
  runShell,
  type StoredP12,
  type Target,
  THIS_BUILD,
  useOfAction,
} from './contestants.ts'
import { startDigicertOne } from './digicert-one.ts'
import { readNumber } from './options.ts'
import { type Passage, type Relay, startRelay } from './relay.ts'
import { sizesOf } from './sizes.ts'
import { type Spread, spreadOf } from './statistics.ts'
import { drawTimeline } from './timeline.ts'

const HELP = `Usage: npm run bench -- [options]

Runs the shipped step and the tutorial's shell commands in turn (A B A B ...) on the same embedded DigiCert ONE, each as
a whole process, through a relay that adds round-trip time. Then what the step uses, what its parts cost to load, and
how large the bundles are. Needs bash, openssl, curl and jq.

  --pairs <number>  how many runs of each; default 30
  --rtt <list>      round-trip times in milliseconds; default 0,40
  --modes <list>    default issue,stored
  --compare <dir>   another dist/ in place of the shell commands
  --timeline        also show when the step in the last pair used the network
  --json            print the figures as JSON instead
`

const WARM_UP_PAIRS = 2
const MEMORY_RUNS = 5

/** What the bundles contain or could contain; undici and forge are there to compare. */
const MODULES = [
  "require('node:crypto')",
  "require('node:tls')",
  "require('node:http')",
  "require('node:net').isIPv6('name.example')",
  "import('@actions/core')",
  "require('node-forge/lib/asn1.js')",
  "require('node-forge')",
  "require('undici/lib/dispatcher/client.js')",
  "require('undici')",
]

interface Options {
  pairs: number
  roundTrips: number[]
  modes: Mode[]
  compare: string | undefined
  timeline: boolean
  json: boolean
}

interface Comparison {
  mode: Mode
  roundTripMs: number
  pairs: number
  action: Spread
  other: Spread
  /** a Node program that does nothing but the requests */
  least: { time: Spread; ratio: Spread }
  /** of the ratios within each pair: drift on the machine affects both halves of a pair */
  ratio: Spread
  ratioOfMedians: number
  /** from the start of the process to the first byte that it sends, less a bare Node */
  firstByte: Spread
  connections: number
}

/** One contestant besides this build: the shell commands, or another build. */
type Rival = (mode: Mode, target: Target, stored: StoredP12) => Promise<Run>

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '30' },
      rtt: { type: 'string', default: '0,40' },
      modes: { type: 'string', default: 'issue,stored' },
      compare: { type: 'string' },
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
    compare: values.compare,
    timeline: values.timeline,
    json: values.json,
  }
}

function readMode(text: string): Mode {
  if (text === 'issue' || text === 'stored') return text
  throw new Error(`--modes must be issue, stored or both, not '${text}'`)
}

interface Stage {
  relay: Relay
  target: Target
  stored: StoredP12
  rival: Rival
}

async function compare(mode: Mode, options: Options, stage: Stage): Promise<Comparison> {
  const { relay, target, stored, rival } = stage
  const rounds: Round[] = []
  let passages: Passage[] = []
  for (let pair = -WARM_UP_PAIRS; pair < options.pairs; pair++) {
    const bare = await runBare()
    relay.passages.length = 0
    const action = await runAction(mode, target, stored, THIS_BUILD)
    passages = [...relay.passages]
    const other = await rival(mode, target, stored)
    const least = await runLeast(mode, target, stored)
    if (pair >= 0) rounds.push({ bare, action, other, least, passages })
  }
  const last = rounds.at(-1)
  if (options.timeline && last !== undefined) console.error(drawTimeline(last.action, passages))
  return summarize(mode, relay.roundTripMs, rounds)
}

interface Round {
  bare: Run
  action: Run
  other: Run
  least: Run
  passages: Passage[]
}

function summarize(mode: Mode, roundTripMs: number, rounds: readonly Round[]): Comparison {
  const action = spreadOf(rounds.map(round => round.action.milliseconds))
  const other = spreadOf(rounds.map(round => round.other.milliseconds))
  return {
    mode,
    roundTripMs,
    pairs: rounds.length,
    action,
    other,
    least: {
      time: spreadOf(rounds.map(round => round.least.milliseconds)),
      ratio: spreadOf(rounds.map(round => round.least.milliseconds / round.other.milliseconds)),
    },
    ratio: spreadOf(rounds.map(round => round.action.milliseconds / round.other.milliseconds)),
    ratioOfMedians: action.median / other.median,
    firstByte: spreadOf(
      rounds.map(({ bare, action: { started }, passages }) => {
        const sent = passages.find(({ what }) => what === 'sent')
        return (sent?.at ?? Number.NaN) - started - bare.milliseconds
      }),
    ),
    connections: spreadOf(
      rounds.map(({ passages }) => passages.filter(({ what }) => what === 'connected').length),
    ).most,
  }
}

interface Figures {
  comparisons: Comparison[]
  memory: { mode: Mode; build: Build; peakMegabytes: number; cpuMilliseconds: number }[]
  refusal: { printed: Spread; ended: Spread }
  loading: { module: string; milliseconds: Spread }[]
  sizes: { bundle: string; kilobytes: number }[]
}

async function measure(options: Options, print: (text: string) => void): Promise<Figures> {
  const server = await startDigicertOne()
  const relay = await startRelay(server.port)
  const other = options.compare === undefined ? undefined : otherBuild(resolve(options.compare))
  const target: Target = {
    apiUrl: `https://localhost:${relay.port}`,
    clientauthUrl: `https://clientauth.localhost:${relay.port}`,
    apiKey: server.apiKey,
    caFile: server.caFile,
  }
  const figures: Figures = {
    comparisons: [],
    memory: [],
    refusal: { printed: spreadOf([0]), ended: spreadOf([0]) },
    loading: [],
    sizes: sizesOf(options.compare),
  }
  try {
    const stored = await makeStoredP12(target)
    const rivalName = other === undefined ? 'shell commands' : 'other build'
    const rival: Rival = (mode, at, p12) =>
      other === undefined ? runShell(mode, at, p12) : runAction(mode, at, p12, other.build)
    for (const mode of options.modes) {
      for (const roundTripMs of options.roundTrips) {
        relay.roundTripMs = roundTripMs
        const comparison = await compare(mode, options, { relay, target, stored, rival })
        figures.comparisons.push(comparison)
        print(describe(comparison, rivalName))
      }
      print(describeRoundTrips(figures.comparisons, mode, rivalName))
    }
    relay.roundTripMs = 0
    const builds = [THIS_BUILD, ...(other === undefined ? [] : [other.build])]
    figures.memory = await measureMemory(builds, options.modes, target, stored)
  } finally {
    other?.remove()
    relay.close()
    await server.close()
  }
  figures.refusal = await measureRefusal(options.pairs)
  figures.loading = await measureLoading(options.pairs)
  print(describeRest(figures))
  return figures
}

async function measureMemory(builds: Build[], modes: Mode[], target: Target, stored: StoredP12) {
  const figures: Figures['memory'] = []
  for (const build of builds) {
    for (const mode of modes) figures.push(await memoryOf(mode, target, stored, build))
  }
  return figures
}

async function memoryOf(mode: Mode, target: Target, stored: StoredP12, build: Build) {
  const runs = []
  for (let run = 0; run < MEMORY_RUNS; run++) runs.push(await useOfAction(mode, target, stored, build))
  return {
    mode,
    build,
    peakMegabytes: spreadOf(runs.map(({ peakMegabytes }) => peakMegabytes)).most,
    cpuMilliseconds: spreadOf(runs.map(({ cpuSeconds }) => cpuSeconds * 1000)).median,
  }
}

async function measureRefusal(runs: number): Promise<Figures['refusal']> {
  const times = []
  for (let run = 0; run < runs; run++) times.push(await refuseInput(THIS_BUILD))
  return {
    printed: spreadOf(times.map(({ printed }) => printed)),
    ended: spreadOf(times.map(({ ended }) => ended)),
  }
}

/** Each module in a process of its own, in turn with a bare Node, whose time is subtracted. */
async function measureLoading(runs: number): Promise<Figures['loading']> {
  const times = new Map<string, number[]>(MODULES.map(module => [module, []]))
  for (let run = 0; run < runs; run++) {
    for (const [module, taken] of times) {
      const bare = await runBare()
      const { milliseconds } = await runNode(['-e', module])
      taken.push(milliseconds - bare.milliseconds)
    }
  }
  return [...times].map(([module, taken]) => ({ module, milliseconds: spreadOf(taken) }))
}

function row(name: string, { median, lower, upper, least, most }: Spread, digits = 0): string {
  const cells = [median, lower, upper, least, most].map(value => value.toFixed(digits).padStart(9))
  return `  ${name.padEnd(34)}${cells.join('')}`
}

const HEAD = `${' '.repeat(36)}   median      25%      75%    least     most`

function describe(comparison: Comparison, rival: string): string {
  const { mode, roundTripMs, pairs, action, other, least, ratio, ratioOfMedians, firstByte } = comparison
  return [
    `${mode} mode, round trip ${roundTripMs} ms, ${pairs} pairs, ${comparison.connections} connections`,
    HEAD,
    row('the step (ms)', action),
    row(`${rival} (ms)`, other),
    row('step ÷ other, by pair', ratio, 2),
    `  ratio of the medians              ${ratioOfMedians.toFixed(2).padStart(9)}`,
    row('first byte, minus bare Node (ms)', firstByte),
    row('Node and the requests alone (ms)', least.time),
    row('that ÷ other, by pair', least.ratio, 2),
    '',
  ].join('\n')
}

/** How many round trips it waits for: how much the time grows when each takes longer. */
function describeRoundTrips(comparisons: readonly Comparison[], mode: Mode, rival: string): string {
  const [first, ...more] = comparisons.filter(comparison => comparison.mode === mode)
  const last = more.at(-1)
  if (first === undefined || last === undefined) return ''
  const waited = (of: (comparison: Comparison) => Spread) =>
    ((of(last).median - of(first).median) / (last.roundTripMs - first.roundTripMs)).toFixed(1)
  return `${mode} mode, round trips waited for: the step ${waited(({ action }) => action)}, ${rival} ${waited(({ other }) => other)}\n`
}

function describeRest({ memory, refusal, loading, sizes }: Figures): string {
  return [
    ...memory.map(
      ({ mode, build, peakMegabytes, cpuMilliseconds }) =>
        `${build === THIS_BUILD ? '' : 'other build, '}${mode} mode: peak memory ${peakMegabytes.toFixed(0)} MB, CPU time ${cpuMilliseconds.toFixed(0)} ms`,
    ),
    '',
    `an input error, from the start of the process`,
    HEAD,
    row('printed (ms)', refusal.printed),
    row('process exited (ms)', refusal.ended),
    '',
    'loading, minus a bare Node (ms)',
    HEAD,
    ...loading.map(({ module, milliseconds }) => row(module, milliseconds)),
    '',
    'bundles, all files with code',
    ...sizes.map(({ bundle, kilobytes }) => `  ${bundle.padEnd(34)}${kilobytes.toFixed(0).padStart(9)} kB`),
  ].join('\n')
}

function describeMachine(): string {
  const [load = 0] = loadavg()
  return `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${load.toFixed(2)} at the start (busy cores blur the figures)\n`
}

try {
  const options = readOptions()
  if (options === undefined) console.log(HELP)
  else if (options.json) console.log(JSON.stringify(await measure(options, () => undefined), null, 2))
  else {
    console.log(describeMachine())
    await measure(options, console.log)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
