// A job that uses the emulator action, and then the others, wired up as in a workflow.
import { afterEach, expect } from '@jest/globals'
import { Job, type StepResult, type Use } from '../support/runner.ts'
import { expectNothingSecret } from '../support/secrets.ts'

type Inputs = Record<string, string>

export class EmulatorJob {
  readonly job = new Job()
  readonly #started: Use[] = []

  /** A step with `uses: OWNER/REPO/emulator@v1`. Its post step runs after the test at the latest. */
  async start(
    inputs: Inputs = {},
    env: Record<string, string> = {},
  ): Promise<{ use: Use; main: StepResult }> {
    const use = this.job.use('emulator')
    this.#started.push(use)
    return { use, main: await use.main({ inputs, env }) }
  }

  async stop(use: Use): Promise<StepResult> {
    this.#started.splice(this.#started.indexOf(use), 1)
    return use.post({ inputs: {} })
  }

  async end(): Promise<void> {
    for (const use of [...this.#started].reverse()) await this.stop(use)
  }
}

export function useEmulatorJob(): { readonly current: EmulatorJob } {
  let current = new EmulatorJob()
  afterEach(async () => {
    await current.end()
    current = new EmulatorJob()
  })
  return {
    get current() {
      return current
    },
  }
}

/** What a workflow passes from the emulator's outputs to the other actions. */
export function connectionTo({ outputs }: StepResult): Inputs {
  return {
    host: outputs.host ?? '',
    'clientauth-host': outputs['clientauth-host'] ?? '',
    'ca-certificates': outputs['ca-certificates'] ?? '',
    'api-key': outputs['api-key'] ?? '',
  }
}

export function expectStarted(main: StepResult): void {
  expect({ exitCode: main.exitCode, log: main.log }).toEqual({ exitCode: 0, log: expect.any(String) })
  // Its outputs are secrets of the same kinds, though not worth keeping.
  const { p12 = '', 'api-key': apiKey = '', ...outputs } = main.outputs
  expectNothingSecret(
    { ...main, outputs },
    { inputs: { p12, 'api-key': apiKey, 'p12-password': outputs['p12-password'] ?? '' } },
  )
}
