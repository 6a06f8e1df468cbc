// A job that is canceled, and a runner that dies, at any moment: the post step that comes then leaves nothing enabled and no file.
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import type { Fault, Moment } from '../../emulator/index.ts'
import type { Scenario } from '../support/scene.ts'
import { useScene } from '../support/scene.ts'
import { SYSTEM } from '../support/system.ts'
import { CTRL_BREAK, CTRL_C } from './support/console-event.ts'
import { stepsTest, stepsTestOn, windowsTest } from './support/steps.ts'

const scene = useScene()
const POST = { method: 'POST' }
const PROOF = { method: 'GET', host: 'clientauth' as const }

/** The world stands still at this request and moment, and the process is ended. */
const MOMENTS: [string, Fault, Moment][] = [
  ['the request is out, and nothing is done yet', POST, 'before-work'],
  ['the certificate exists, and its answer is on the way', POST, 'after-work'],
  ['half of the answer has arrived', POST, 'mid-answer'],
  ['the certificate is being verified', PROOF, 'before-work'],
]

// SIGKILL: on Windows the end of a process whose parent asks for it (TerminateProcess), which no program can delay. Under Wine
// the process is killed as one of Linux, and Wine's server does the rest.
stepsTest.each(MOMENTS)('ended at once while %s', async (_what, fault, hold) => {
  const held = scene.emulator.faults.add({ ...fault, hold })
  const scenario = scene.scenario()
  const main = await scenario.main({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
  expect(main.signal).toBe('SIGKILL')
  held.release()
  await expectCleanPost(scenario, () => scenario.post())
})

stepsTest('ended at once at any time of the run', async () => {
  const first = scene.scenario()
  const whole = await first.main()
  await first.post()
  for (const part of [0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.97]) {
    const scenario = scene.scenario()
    await scenario.main({ onStart: child => killAfter(child, whole.milliseconds * part) })
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

// The runner sends Ctrl-C, and Ctrl-Break 7.5 s later. Wine makes the first reach its program. The second it turns into Linux's
// SIGQUIT, by which a thread of the program ends without a word, where Windows asks the program's handler: so Ctrl-Break itself is
// tested on Windows alone, and elsewhere by e2e/cancelled-on-windows-leaves-nothing-enabled.test.ts.
const ctrlCTest = stepsTestOn('Windows', 'only Windows has consoles that cancel')
const ctrlBreakTest = windowsTest('Wine ends a thread at Ctrl-Break, and asks no handler')

for (const [name, test, canceled] of [
  ['Ctrl-C', ctrlCTest, BY_CTRL_C],
  ['Ctrl-Break', ctrlBreakTest, BY_CTRL_BREAK],
] as const) {
  test(`${name} ends the main step with a word, and the post step cleans up`, async () => {
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

  test(`the post step finishes although ${name} comes`, async () => {
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

/** A console for one step, as the runner gives it one. */
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

  /** What sends Ctrl-Break shares the console, so that it may end by it itself: STATUS_CONTROL_C_EXIT. */
  expectSent(): void {
    expect(['0', String(0xc000013a)]).toContain(readFileSync(join(this.#folder, 'sent'), 'utf8'))
  }
}

async function expectCleanPost(scenario: Scenario, run: () => ReturnType<Scenario['post']>): Promise<void> {
  const post = await run()
  expect(post).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
}

function killAfter(child: ChildProcess, milliseconds: number): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
  child.once('close', () => clearTimeout(timer))
}
