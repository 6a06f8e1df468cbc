import type { ChildProcess } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { testEndedBy, testOn } from '../support/platform.ts'
import { Job } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { namedPipe } from './pipes.ts'

const scene = useScene()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
/** The step cannot get past writing the file; after this line in its log, it is on its way there. */
const WINDOWS = [
  ['GITHUB_OUTPUT', 'Verified'],
  ['GITHUB_ENV', 'Verified'],
  ['GITHUB_STEP_SUMMARY', 'Later steps can use'],
] as const
const CASES = WINDOWS.flatMap(([file, line]) => SIGNALS.map(signal => [signal, file, line] as const))

const pipeTest = testOn('POSIX', 'Windows has no named pipes among its files')

pipeTest.each(CASES)('%s before %s is written', async (signal, file, line) => {
  const job = new Job()
  const pipe = namedPipe(job, file)
  const inputs = { cleanup: 'false', 'disable-after-job': 'false' }
  const scenario = scene.scenario(inputs, { [file]: pipe.path }, job)
  const end = (child: ChildProcess, raw: () => string) => {
    const look = () => {
      if (!raw().includes(`\n${line}`)) return
      child.stdout?.off('data', look)
      child.kill(signal)
      pipe.release()
    }
    child.stdout?.on('data', look)
  }
  const main = await scenario.main({ onStart: end })
  pipe.close()
  expect(main.exitCode ?? main.signal).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: 'SIGKILL' }[signal])
  expect(main.state).toHaveProperty('handed-over', '')
  const post = await scenario.post()
  expect(post).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scene.emulator.certificates).toHaveLength(1)
  scenario.expectNothingLeft()
})

testEndedBy('SIGTERM')(
  'SIGTERM while a key of 4096 bits is generated stops the step without waiting for it',
  async () => {
    const scenario = scene.scenario({ 'key-size': '4096' })
    let killed = 0
    // The connection to the API is opened while the key is generated.
    const kill = (child: ChildProcess) => {
      const wait = setInterval(() => {
        if (scene.emulator.connections.open === 0) return
        clearInterval(wait)
        killed = performance.now()
        child.kill('SIGTERM')
      }, 5)
    }
    await scenario.main({ onStart: kill })
    // The runner waits 7.5 s before it sends SIGTERM after SIGINT; a tighter bound would measure the machine.
    expect(performance.now() - killed).toBeLessThan(5_000)
    await scenario.post()
    scenario.expectNothingLeft()
  },
)

test('another run of the post step finishes one that was killed', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  const held = scene.emulator.faults.add({ method: 'PUT', hold: 'before-work' })
  const killed = await scenario.post({
    onStart: child => void held.reached.then(() => child.kill('SIGKILL')),
  })
  expect(killed.signal).toBe('SIGKILL')
  held.remove()
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})
