// Runs a step of an action as the GitHub runner does: reads action.yml for entry points and defaults, passes inputs as
// INPUT_*, gives it command files, and reads what it wrote. Used by the end-to-end tests, the demo and the bench.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, win32 } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { RunnerMasker } from './runner-masker.ts'
import { SYSTEM } from './system.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Action {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string; post?: string }
}

/**
 * Node's permission model without `--allow-child-process`, `--allow-worker`, `--allow-addons` and `--allow-wasi`: a step
 * that starts a process, whose arguments could contain a secret, fails.
 */
export const ALONE: readonly string[] = [
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  // Windows has no file modes: there, a program makes the private directory private.
  ...(SYSTEM.platform === 'win32' ? ['--allow-child-process', '--disable-warning=PERM0002'] : []),
]

export interface StepResult {
  exitCode: number | null
  signal: NodeJS.Signals | null
  /** Everything printed, workflow commands included, nothing masked. */
  raw: string
  /** What a person sees: commands applied, secrets masked. */
  log: string
  annotations: Annotation[]
  masks: string[]
  outputs: Record<string, string>
  env: Record<string, string>
  state: Record<string, string>
  /** Directories that the step put on PATH. */
  path: string[]
  summary: string
  milliseconds: number
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  title: string
  message: string
}

export interface RunOptions {
  inputs: Record<string, string>
  /** Added to the runner's variables; an undefined value removes one. */
  env?: Record<string, string | undefined>
  /** As if the main step had saved these as well. */
  state?: Record<string, string>
  /** A program, with its arguments, that runs the step in its own environment: `nsenter --net=…`. */
  within?: string[]
  /** The Node that runs the step; by default the one on the system that steps run on. */
  node?: string
  /** Flags of Node, before the bundle. */
  nodeOptions?: readonly string[]
  /** Called with the running process, for tests that kill it. */
  onStart?: (child: ChildProcess, raw: () => string) => void
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that has its own drive letter on Windows, `X:\\`. */
export interface Drive {
  letter: string
  folder: string
}

/** One job: a temporary directory that its steps share, and the environment that they extend. */
export class Job {
  /** The runner's temporary directory; a step may know it by another name (`runnerTemp`). */
  readonly temp: string
  readonly runnerTemp: string
  readonly #folder: string
  /** Knows the masks of all steps so far, and none of the workflow's own secrets: an input may come from anywhere. */
  readonly masker = new RunnerMasker()

  /** @param drive where the temporary directory is, by its letter; by default it is in a folder of its own */
  constructor(name = 'job ä', drive?: Drive) {
    this.#folder = mkdtempSync(join(tmpdir(), 'runner-'))
    folders.push(this.#folder)
    this.temp = join(drive?.folder ?? this.#folder, name, '_temp')
    mkdirSync(this.temp, { recursive: true })
    this.runnerTemp = drive === undefined ? SYSTEM.spell(this.temp) : win32.join(drive.letter, name, '_temp')
  }

  /** A use of an action, whose main and post step share state. */
  use(folder = ''): Use {
    return new Use(this, join(ROOT, folder))
  }

  commandFile(name: string): string {
    const path = join(this.#folder, `${name}-${randomBytes(6).toString('hex')}`)
    writeFileSync(path, '')
    return path
  }
}

export class Use {
  readonly #job: Job
  readonly #folder: string
  readonly #action: Action
  #state: Record<string, string> = {}

  constructor(job: Job, folder: string) {
    this.#job = job
    this.#folder = folder
    this.#action = readAction(folder)
  }

  main(options: RunOptions): Promise<StepResult> {
    return this.#run(this.#action.runs.main, options)
  }

  post(options: RunOptions): Promise<StepResult> {
    if (this.#action.runs.post === undefined) throw new Error('this action has no post step')
    return this.#run(this.#action.runs.post, options)
  }

  async #run(entry: string, options: RunOptions): Promise<StepResult> {
    const files = Object.fromEntries(
      ['OUTPUT', 'ENV', 'STATE', 'STEP_SUMMARY', 'PATH'].map(name => [name, this.#job.commandFile(name)]),
    )
    const env = {
      ...SYSTEM.env,
      ...inputVariables(this.#action, options.inputs),
      ...Object.fromEntries(
        Object.entries(files).map(([name, path]) => [`GITHUB_${name}`, SYSTEM.spell(path)]),
      ),
      RUNNER_TEMP: this.#job.runnerTemp,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'octo-org/hello.world',
      GITHUB_RUN_ID: '1234567890',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_SERVER_URL: 'https://github.com',
      ...options.env,
      // Last, as the runner does: what a step put into the environment only counts for what was never saved.
      ...asState({ ...this.#state, ...options.state }),
    }
    const started = performance.now()
    const command = [
      ...SYSTEM.command,
      ...(options.within ?? []),
      options.node ?? SYSTEM.node,
      ...(options.nodeOptions ?? []),
      SYSTEM.spell(join(this.#folder, entry)),
    ]
    const ended = await runProcess(command, env, options.onStart)
    const state = readCommandFile(files.STATE)
    this.#state = { ...this.#state, ...state }
    const { log, annotations, masks } = readLog(ended.raw, this.#job.masker)
    return {
      ...ended,
      log,
      annotations,
      masks,
      outputs: readCommandFile(files.OUTPUT),
      env: readCommandFile(files.ENV),
      state,
      path: readFileSync(files.PATH ?? '', 'utf8')
        .split(/\r?\n/)
        .filter(line => line !== ''),
      summary: readFileSync(files.STEP_SUMMARY ?? '', 'utf8'),
      milliseconds: performance.now() - started,
    }
  }
}

export function readAction(folder = ROOT): Action {
  return parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as Action
}

/** State as the variables that the post step gets. */
export function asState(state: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]))
}

/** Removes every input from a step's environment, as the runner does in nested composite actions. */
export function withoutInputs(folder = ROOT): Record<string, undefined> {
  const names = Object.keys(inputVariables(readAction(folder), {}))
  return Object.fromEntries(names.map(name => [name, undefined]))
}

function inputVariables(action: Action, inputs: Record<string, string>): Record<string, string> {
  const unknown = Object.keys(inputs).filter(name => !(name in action.inputs))
  if (unknown.length > 0) throw new Error(`action.yml knows no input ${unknown.join(', ')}`)
  return Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: byDefault = '' }]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      inputs[name] ?? String(byDefault),
    ]),
  )
}

function runProcess(
  [program = '', ...args]: string[],
  env: Record<string, string | undefined>,
  onStart: RunOptions['onStart'],
): Promise<Pick<StepResult, 'exitCode' | 'signal' | 'raw'>> {
  const printed = SYSTEM.writesToFile ? outputFile() : undefined
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      cwd: dirname(ROOT),
      stdio: ['ignore', printed?.file ?? 'pipe', printed?.file ?? 'pipe'],
    })
    const raw = printed?.read ?? collected(child)
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, signal, raw: raw() })
      printed?.close()
    })
    onStart?.(child, raw)
  })
}

function collected(child: ChildProcess): () => string {
  let raw = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      raw += text
    })
  }
  return () => raw
}

function outputFile() {
  const path = join(tmpdir(), `output-${randomBytes(6).toString('hex')}`)
  const file = openSync(path, 'a')
  return {
    file,
    read: () => readFileSync(path, 'utf8'),
    close: () => {
      closeSync(file)
      rmSync(path)
    },
  }
}

/** Reads `name=value` and `name<<delimiter` entries, as the runner does. */
export function readCommandFile(path: string | undefined): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = readFileSync(path ?? '', 'utf8').split(/\r?\n/)
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name = '', delimiter = ''] = /^([^=]+?)<<(.+)$/.exec(line) ?? []
    if (name === '') continue
    const end = lines.indexOf(delimiter)
    if (end < 0) throw new Error(`no end of ${name} in a command file`)
    values[name] = lines
      .splice(0, end + 1)
      .slice(0, end)
      .join('\n')
  }
  return values
}

function readLog(raw: string, masker: RunnerMasker): Pick<StepResult, 'log' | 'annotations' | 'masks'> {
  const annotations: Annotation[] = []
  const masks: string[] = []
  const lines = raw.split(/\r?\n/).flatMap(line => {
    const [, command, properties = '', data = ''] = /^::([a-z-]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? []
    if (command === undefined) return [line]
    if (command === 'add-mask') masks.push(unescapeData(data))
    const level = (['error', 'warning', 'notice'] as const).find(known => known === command)
    if (level === undefined) return []
    const title = unescapeProperty(/title=([^,]*)/.exec(properties)?.[1] ?? '')
    const message = unescapeData(data)
    annotations.push({ level, title, message })
    return [`${level}: ${message}`]
  })
  for (const mask of masks) masker.addMask(mask)
  return { log: masker.maskLines(lines.join('\n')).trim(), annotations, masks }
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
}

function unescapeProperty(text: string): string {
  return unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','))
}
