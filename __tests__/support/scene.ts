// The start of every end-to-end test: an embedded DigiCert ONE, and jobs that run the shipped bundles against it.
import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect } from '@jest/globals'
import {
  type CertificateRecord,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from '../../emulator/index.ts'
import { ALONE, Job, type RunOptions, type StepResult } from './runner.ts'
import { expectHiddenLater, expectMaskedFirst, expectNothingSecret } from './secrets.ts'

export type Inputs = Record<string, string>
type Env = NonNullable<RunOptions['env']>

/**
 * One job that uses the action once. Every result is searched for secrets before a test sees it, and no step may start
 * a process.
 */
export class Scenario {
  readonly job: Job
  readonly #scene: Scene
  readonly #inputs: Inputs
  readonly #env: Env
  readonly #use

  constructor(scene: Scene, inputs: Inputs, env: Env, job = new Job()) {
    this.#scene = scene
    this.#inputs = { ...scene.inputs(), ...inputs }
    this.#env = env
    this.job = job
    this.#use = job.use(scene.folder)
  }

  async main(options: Partial<RunOptions> = {}): Promise<StepResult> {
    const run = this.#run(options)
    const result = await this.#use.main(run)
    expectMaskedFirst(result, run)
    expectHiddenLater(result, run, this.job.masker)
    return this.#checked(result, run)
  }

  async post(options: Partial<RunOptions> = {}): Promise<StepResult> {
    const run = this.#run(options)
    return this.#checked(await this.#use.post(run), run)
  }

  /** The post step of a job whose other steps took a while: by then nothing can be in flight. */
  async postMuchLater(): Promise<StepResult> {
    return this.post({ state: { 'asked-at': new Date(Date.now() - 60_000).toISOString() } })
  }

  /** What is in the runner's temporary directory. */
  files(): string[] {
    return readdirSync(this.job.temp, { recursive: true }).map(String).sort()
  }

  /** Certificates that the emulator still calls enabled. */
  enabled(): CertificateRecord[] {
    return this.#scene.enabled()
  }

  /** What must be true after every run: nothing enabled, no file. */
  expectNothingLeft(): void {
    expect(this.enabled().map(({ name }) => name)).toEqual([])
    expect(this.files()).toEqual([])
  }

  #run(options: Partial<RunOptions>): RunOptions {
    return { inputs: this.#inputs, env: this.#env, nodeOptions: ALONE, ...options }
  }

  #checked(result: StepResult, run: RunOptions): StepResult {
    // A step with other inputs must not show this job's secrets either.
    for (const inputs of new Set([run.inputs, this.#inputs]))
      expectNothingSecret(result, { ...run, inputs, temp: this.job.temp })
    return result
  }
}

export class Scene {
  #emulator: Emulator | undefined
  readonly options: EmulatorOptions
  /** Of the action: empty for the root action, or `check`, `access`. */
  readonly folder: string

  constructor(options: EmulatorOptions = {}, folder = '') {
    this.options = options
    this.folder = folder
  }

  get emulator(): Emulator {
    if (this.#emulator === undefined) throw new Error('the emulator runs inside tests only')
    return this.#emulator
  }

  async start(): Promise<void> {
    this.#emulator = await startEmulator(this.options)
  }

  /** Connection inputs, with waits as short as possible. */
  inputs(): Inputs {
    const { apiKey, apiUrl, caPem } = this.emulator
    return { 'api-key': apiKey, host: apiUrl, 'ca-certificates': caPem, timeout: '5s', retries: '2' }
  }

  scenario(inputs: Inputs = {}, env: Env = {}, job?: Job): Scenario {
    return new Scenario(this, inputs, env, job)
  }

  enabled(): CertificateRecord[] {
    return this.emulator.certificates.filter(({ enabled }) => enabled)
  }
}

/** One emulator for a test file, reset before each test. */
export function useScene(options?: EmulatorOptions, folder?: string): Scene {
  const scene = new Scene(options, folder)
  beforeAll(() => scene.start())
  afterEach(() => scene.emulator.reset())
  afterAll(() => scene.emulator.close())
  return scene
}

/** The one error of a failed step, split into its parts. */
export function errorOf(result: StepResult): { code: string; what: string; why: string; fix: string } {
  const errors = result.annotations.filter(({ level }) => level === 'error')
  expect(errors).toHaveLength(1)
  const [{ title, message } = { title: '', message: '' }] = errors
  // What happened may take several lines: a list of candidates does.
  const [help = '', fix = '', ...rest] = message.split('\n').reverse()
  // Where what happened leaves no doubt about the cause, none is named.
  const [why = '', ...what] = rest[0]?.startsWith('Likely cause: ') ? rest : ['', ...rest]
  expect({ why, what, fix, help }).toEqual({
    why: expect.stringMatching(/^(Likely cause: .+)?$/),
    what: expect.arrayContaining([expect.stringMatching(/.{10}/)]),
    fix: expect.stringMatching(/^Fix: .+/),
    help: expect.stringMatching(/^See .*docs\/troubleshooting\.md#[a-z0-9_]+$/),
  })
  return { code: title.split(': ')[1] ?? '', what: what.reverse().join('\n'), why, fix }
}

export function warningsOf(result: StepResult): string[] {
  return result.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message)
}
