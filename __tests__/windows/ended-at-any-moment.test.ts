// A job that is canceled, and a runner that dies, at any moment: the post step then leaves nothing enabled and no file.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { killAfter, MOMENTS, POST, stopMainAt } from '../support/kill.ts'
import type { Scenario } from '../support/scene.ts'
import { useScene } from '../support/scene.ts'
import { SYSTEM } from '../support/system.ts'
import { CTRL_BREAK, CTRL_C } from './support/console-event.ts'
import { stepsTest, stepsTestOn, windowsTest } from './support/steps.ts'

const scene = useScene()

// SIGKILL: on Windows, the parent terminates the process (TerminateProcess), which no program can delay. Under Wine the
// process is killed as a Linux process, and Wine's server does the rest.
stepsTest.each(MOMENTS)('killed while %s', async (_what, fault, hold) => {
  const scenario = scene.scenario()
  const main = await stopMainAt(scene, scenario, { ...fault, hold }, 'SIGKILL')
  expect(main.signal).toBe('SIGKILL')
  await expectCleanPost(scenario, () => scenario.post())
})

stepsTest('killed at any time during the run', async () => {
  const first = scene.scenario()
  const whole = await first.main()
  await first.post()
  for (const part of [0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.97]) {
    const scenario = scene.scenario()
    await scenario.main({ onStart: child => killAfter(child, whole.milliseconds * part, 'SIGKILL') })
    await expectCleanPost(scenario, () => scenario.postMuchLater())
  }
})

interface Canceled {
  event: number
  signal: string
  exitCode: number
}
const BY_CTRL_C: Canceled = { event: CTRL_C, signal: 'SIGINT', exitCode: 130 }
const BY_CTRL_BREAK: Canceled = { event: CTRL_BREAK, signal: 'SIGBREAK', exitCode: 143 }

// The runner sends Ctrl-C, and Ctrl-Break 7.5 s later. Wine delivers the first to its program. It turns the second into
// Linux's SIGQUIT, which silently stops a thread of the program, where Windows calls the program's handler: so Ctrl-Break
// itself is only tested on Windows, and elsewhere by e2e/cancelled-on-windows-leaves-nothing-enabled.test.ts.
const ctrlCTest = stepsTestOn('Windows', 'only Windows has consoles that cancel')
const ctrlBreakTest = windowsTest('Wine stops a thread at Ctrl-Break, and calls no handler')

for (const [name, test, canceled] of [
  ['Ctrl-C', ctrlCTest, BY_CTRL_C],
  ['Ctrl-Break', ctrlBreakTest, BY_CTRL_BREAK],
] as const) {
  test(`${name} stops the main step with a message, and the post step cleans up`, async () => {
    const console = new Console(canceled.event)
    const held = scene.emulator.faults.add({ ...POST, hold: 'after-work' })
    const scenario = scene.scenario()
    void held.reached.then(() => console.cancel())
    const main = await scenario.main({ within: console.within })
    console.expectSent()
    expect(main.exitCode).toBe(canceled.exitCode)
    expect(main.log).toContain(`The step was canceled by ${canceled.signal} (CANCELLED).`)
    held.release()
    await expectCleanPost(scenario, () => scenario.post())
  })

  test(`the post step finishes despite ${name}`, async () => {
    const console = new Console(canceled.event)
    const scenario = scene.scenario()
    await scenario.main()
    const held = scene.emulator.faults.add({ method: 'PUT', hold: 'before-work' })
    void held.reached
      .then(() => console.cancel())
      .then(() => sleep(1_000))
      .then(() => held.release())
    const post = await scenario.post({ within: console.within })
    console.expectSent()
    expect(post.exitCode).toBe(0)
    expect(post.log).toContain(`Received ${canceled.signal}; finishing the cleanup first.`)
    scenario.expectNothingLeft()
  })
}

/** A console for one step, as the runner provides it. */
class Console {
  readonly within: string[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'console-'))

  constructor(event: number) {
    const program = fileURLToPath(new URL('./support/cancel-as-the-runner.ts', import.meta.url))
    this.within = [SYSTEM.node, SYSTEM.spell(program), SYSTEM.spell(this.#folder), String(event)]
  }

  cancel(): void {
    writeFileSync(join(this.#folder, 'cancel'), '')
  }

  /** What sends Ctrl-Break shares the console, so it may be stopped by it, too: STATUS_CONTROL_C_EXIT. */
  expectSent(): void {
    expect(['0', String(0xc000013a)]).toContain(readFileSync(join(this.#folder, 'sent'), 'utf8'))
  }
}

async function expectCleanPost(scenario: Scenario, run: () => ReturnType<Scenario['post']>): Promise<void> {
  const post = await run()
  expect(post).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
}
