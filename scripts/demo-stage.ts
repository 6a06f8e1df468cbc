// The demo's stage: one job on GitHub's runner, one DigiCert ONE, and what the audience sees of both.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Job, type StepResult } from '../__tests__/support/runner.ts'
import type { Emulator, LoggedRequest } from '../emulator/index.ts'
import { caption, print, quote, quoteMarkdown, row, style } from './demo-terminal.ts'

const API_PREFIX = '/account/api/v1'

export class Stage {
  readonly emulator: Emulator
  readonly job = new Job('hello.world')
  readonly durations: { name: string; milliseconds: number }[] = []
  readonly untrue: string[] = []
  claims = 0
  /** What steps have exported so far; later steps get it. */
  environment: Record<string, string> = {}
  #requestsShown = 0

  constructor(emulator: Emulator) {
    this.emulator = emulator
  }

  /** Runs a step, whose name the list of durations at the end shows. */
  async run(name: string, start: (env: Record<string, string>) => Promise<StepResult>): Promise<StepResult> {
    const result = await start(this.environment)
    this.environment = { ...this.environment, ...result.env }
    this.durations.push({ name, milliseconds: result.milliseconds })
    return result
  }

  /** Prints something that was checked just now. */
  claim(what: string, holds: boolean): void {
    this.claims++
    if (!holds) this.untrue.push(what)
    print(holds ? `  ${style('green', '✓')} ${what}` : style('red', `  ✗ NOT TRUE: ${what}`))
  }

  /** True when nothing that must be masked can be read in these texts. */
  hidesSecrets(...texts: string[]): boolean {
    return texts.every(text => this.job.masker.maskLines(text) === text)
  }

  showValues(title: string, values: Record<string, string>): void {
    caption(title)
    for (const [name, value] of Object.entries(values))
      row(name, firstLine(this.#visible(value)) || '(empty)')
  }

  showLog(title: string, { log }: StepResult): void {
    caption(title)
    quote(this.#visible(log).split('\n'))
  }

  showSummary({ summary }: StepResult): void {
    caption('The job summary')
    quoteMarkdown(this.#visible(summary))
  }

  showFiles(folder: string): void {
    caption('The files it wrote')
    row(modeOf(folder), `${this.#visible(folder)}/`)
    for (const name of readdirSync(folder)) {
      row(modeOf(join(folder, name)), `${name}  (${statSync(join(folder, name)).size} bytes)`)
    }
  }

  /** What `look` finds once every change is known everywhere. */
  async settled<T>(look: () => Promise<T>): Promise<T> {
    const { issue, enable, disable } = this.emulator.settings.delays
    await sleep(Math.max(issue, enable, disable))
    return await look()
  }

  /** Requests up to now, by the demo itself, are not part of the next step. */
  skipRequests(): void {
    this.#requestsShown = this.emulator.requests.length
  }

  /** @returns the requests since the last call, which it shows */
  showRequests(): LoggedRequest[] {
    const requests = this.emulator.requests.slice(this.#requestsShown)
    this.#requestsShown = this.emulator.requests.length
    caption(`What DigiCert ONE saw (paths below ${API_PREFIX})`)
    print(...requests.map(request => `  ${describeRequest(request)}`))
    if (requests.length === 0) print('  (nothing)')
    return requests
  }

  /** The folder that the job made, with everything in it. */
  get folder(): string {
    return dirname(dirname(this.job.temp))
  }

  /** As the runner shows text: secrets as ***, and here the job's temporary folder by the name of its variable. */
  #visible(text: string): string {
    return this.job.masker.maskLines(text).replaceAll(this.job.temp, '$RUNNER_TEMP')
  }
}

/** Permissions as chmod takes them, `0600`. */
export function modeOf(path: string): string {
  return `0${(statSync(path).mode & 0o777).toString(8)}`
}

function firstLine(text: string): string {
  const [first = '', ...others] = text.trim().split('\n')
  return others.length === 0 ? first : `${first} … (${others.length} more lines)`
}

function describeRequest(request: LoggedRequest): string {
  const { host, method, path, status, hasApiKey, clientCertificateSerial: serial } = request
  const proof = [
    hasApiKey ? 'API key' : '',
    serial === undefined ? '' : `client certificate ${serial.slice(0, 6)}…`,
  ]
  const where = path.replace(API_PREFIX, '').replace(/([0-9a-f]{8})-[0-9a-f-]{27}/, '$1…')
  const asked = `${host.padEnd(10)} ${method.padEnd(4)} ${where}`
  return `${asked.padEnd(58)} ${status ?? '–'}  ${proof.filter(part => part !== '').join(' and ') || 'no credentials'}`
}
