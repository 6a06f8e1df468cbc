// Runs a workflow with nektos/act in host mode: a program other than ours reads the workflow and the actions, hands over
// inputs, outputs, variables and state, masks the log, and runs the post steps.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { ROOT } from '../../support/runner.ts'
import { actions, filesUnder, read as readText } from '../../unit/contract/repository.ts'

export const TOOLS = join(ROOT, 'node_modules/.cache/tools/bin')
const STAND_INS = fileURLToPath(new URL('../stand-ins/', import.meta.url))
/** The actions used by workflows here that have a stand-in, with the version that they use. */
const STAND_IN_ACTIONS = new Set(
  [...filesUnder('examples', '.yml'), '.github/workflows/sign.yml'].flatMap(path =>
    (readText(path).match(/(?<=uses: )[\w.-]+\/[\w.-]+@\w+/g) ?? []).filter(uses =>
      existsSync(standIn(uses)),
    ),
  ),
)
/** A run takes seconds; a slow machine gets more time. */
const TIMEOUT_MS = 300_000

export interface ActOptions {
  /** path of the workflow's file */
  workflow: string
  /** default `push` */
  event?: string
  /** the event's payload */
  payload?: Record<string, unknown>
  /** one job only, by its id */
  job?: string
  /** one entry of the job's matrix, as `name:value` */
  matrix?: string
  secrets?: Record<string, string>
  vars?: Record<string, string>
  /** for the runner and all steps, besides a scrubbed environment */
  env?: Record<string, string>
  /** files of the repository that the workflow belongs to: name to content; default the repository of the action itself */
  repository?: Record<string, string | Buffer>
}

export interface StepEnd {
  stage: 'Pre' | 'Main' | 'Post'
  step: string
  result: 'success' | 'failure' | 'skipped'
}

export interface ActRun {
  exitCode: number | null
  /** what a person sees, masked by act */
  log: string
  /** the steps that ran, in the order they finished */
  steps: StepEnd[]
  /** the final result of each job, by id */
  jobs: Record<string, string>
  /** what the step with this id set */
  outputs(step: string): Record<string, string>
  /** Also for a failed step, whose last log lines act may lose. */
  summaries: string[]
  /** paths of all files in the artifacts, each after its artifact's name */
  artifacts: string[]
  /** files left in RUNNER_TEMP of a failed job; act removes that of other jobs itself */
  left: string[]
}

/** A line of `act --json`. */
interface Line {
  msg?: string
  level?: string
  jobID?: string
  jobResult?: string
  stage?: StepEnd['stage']
  step?: string
  stepID?: string[]
  stepResult?: StepEnd['result']
  command?: string
  name?: string
  arg?: string
  content?: string
}

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export async function act(options: ActOptions): Promise<ActRun> {
  const folder = mkdtempSync(join(tmpdir(), 'act-'))
  folders.push(folder)
  const repository = join(folder, 'repository')
  if (options.repository === undefined) stageAction(repository)
  else writeFiles(repository, options.repository)
  const { exitCode, lines } = await run(folder, argumentsFor(folder, repository, options), options.env ?? {})
  const cache = join(folder, 'cache')
  mkdirSync(cache, { recursive: true })
  return { exitCode, ...read(lines), artifacts: filesIn(artifactsIn(folder)), left: filesInTemp(cache) }
}

/** A secret or a variable on the command line would be visible to the whole machine. */
function argumentsFor(folder: string, repository: string, options: ActOptions): string[] {
  const { workflow, event = 'push', payload = {}, job, matrix, secrets = {}, vars = {} } = options
  const action = join(folder, 'action')
  stageAction(action)
  const file = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const locals = [`OWNER/REPO@v1=${action}`, ...[...STAND_IN_ACTIONS].map(uses => `${uses}=${standIn(uses)}`)]
  return [
    event,
    ...[
      '--directory',
      repository,
      '--workflows',
      workflow,
      '--eventpath',
      file('event.json', JSON.stringify(payload)),
    ],
    ...(job === undefined ? [] : ['--job', job]),
    ...(matrix === undefined ? [] : ['--matrix', matrix]),
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...locals.flatMap(local => ['--local-repository', local]),
    ...['--secret-file', file('secrets.yml', stringify({ GITHUB_TOKEN: 'not-a-token', ...secrets }))],
    ...['--var-file', file('vars.yml', stringify(vars))],
    ...['--env', 'GITHUB_REPOSITORY=octo-org/hello.world', '--env', 'GITHUB_RUN_ID=1234567890'],
    ...['--env', `SHA_REF=${'0'.repeat(40)}`, '--env', 'GITHUB_REF=refs/heads/main'],
    ...['--action-cache-path', join(folder, 'cache'), '--no-cache-server', '--json'],
  ]
}

function standIn(uses: string): string {
  return join(STAND_INS, uses.split('@')[0]?.split('/')[1] ?? '')
}

/** What GitHub would check out of a release: no more than metadata, bundles and workflows. */
function stageAction(folder: string): void {
  const metadata = [...actions.values()].map(({ folder: own }) => join(own, 'action.yml'))
  for (const path of [...metadata, ...filesUnder('.github'), 'dist']) {
    cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  }
}

function writeFiles(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content, { mode: content.toString().startsWith('#!') ? 0o755 : 0o644 })
  }
}

/** act passes its own environment to every step, so it gets a small one; no `.actrc` is read. */
function environment(folder: string, env: Record<string, string>): NodeJS.ProcessEnv {
  const path = [join(STAND_INS, 'bin'), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const home = join(folder, 'home')
  mkdirSync(home)
  const artifacts = artifactsIn(folder)
  mkdirSync(artifacts)
  const act = { XDG_CONFIG_HOME: home, ACT_DISABLE_VERSION_CHECK: '1', STAND_IN_ARTIFACTS: artifacts }
  return { PATH: path, HOME: home, LANG: 'C.UTF-8', ...act, ...env }
}

function run(folder: string, args: string[], env: Record<string, string>) {
  return new Promise<{ exitCode: number | null; lines: Line[] }>((resolve, reject) => {
    const child = spawn(join(TOOLS, 'act'), args, {
      cwd: folder,
      env: environment(folder, env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', cause => reject(new Error('act does not run: `npm run tools` builds it', { cause })))
    child.once('close', exitCode => resolve({ exitCode, lines: output.split('\n').map(parseLine) }))
  })
}

function parseLine(text: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch {
    return { msg: text }
  }
}

/** act masks the message of a line, which is all that it shows to people; `arg` is for programs and stays as it is. */
function read(lines: Line[]): Omit<ActRun, 'exitCode' | 'left' | 'artifacts'> {
  const ends = lines.filter(({ stage, stepResult }) => stage !== undefined && stepResult !== undefined)
  const jobs = lines.filter(({ jobResult }) => jobResult !== undefined)
  return {
    log: lines.map(({ msg = '' }) => msg.trimEnd()).join('\n'),
    steps: ends.map(({ stage = 'Main', step = '', stepResult = 'skipped' }) => ({
      stage,
      step,
      result: stepResult,
    })),
    jobs: Object.fromEntries(jobs.map(({ jobID = '', jobResult = '' }) => [jobID, jobResult])),
    outputs: id =>
      Object.fromEntries(
        lines
          .filter(({ command, stepID }) => command === 'set-output' && stepID?.at(-1) === id)
          .map(({ name = '', arg = '' }) => [name, arg]),
      ),
    summaries: lines.filter(({ command }) => command === 'summary').map(({ content = '' }) => content),
  }
}

function artifactsIn(folder: string): string {
  return join(folder, 'artifacts')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}

function filesInTemp(cache: string): string[] {
  return readdirSync(cache, { withFileTypes: true })
    .filter(entry => /^[0-9a-f]{16}$/.test(entry.name))
    .flatMap(entry => readdirSync(join(cache, entry.name, 'tmp'), { recursive: true }).map(String))
}
