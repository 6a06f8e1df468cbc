// On Windows the runner cancels with Ctrl-C and then Ctrl-Break, where it sends SIGINT and SIGTERM elsewhere.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { testOn } from '../support/platform.ts'
import { useScene } from '../support/scene.ts'

const scene = useScene()
const CTRL_BREAK = new URL('./ctrl-break.mjs', import.meta.url).href
/** No process can send Ctrl-Break to a single other one. */
const testCancelled = testOn('POSIX', 'SIGUSR2 stands in for Ctrl-Break, which only a console sends')
const WINDOWS = { NODE_OPTIONS: `--import=${CTRL_BREAK}` }

testCancelled('Ctrl-Break stops the main step, and the post step cleans up', async () => {
  const held = scene.emulator.faults.add({ method: 'POST', hold: 'after-work' })
  const scenario = scene.scenario({}, WINDOWS)
  const main = await scenario.main({
    onStart: child => void held.reached.then(() => child.kill('SIGUSR2')),
  })
  expect(main.exitCode).toBe(143)
  expect(main.log).toContain('canceled by SIGBREAK')
  held.release()
  const post = await scenario.post()
  expect(post).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scene.emulator.certificates).toHaveLength(1)
  scenario.expectNothingLeft()
})

testCancelled('the post step finishes despite Ctrl-Break', async () => {
  const scenario = scene.scenario({}, WINDOWS)
  await scenario.main()
  const held = scene.emulator.faults.add({ method: 'PUT', hold: 'before-work' })
  const post = await scenario.post({
    onStart: child =>
      void held.reached.then(() => {
        child.kill('SIGUSR2')
        return sleep(50).then(() => held.release())
      }),
  })
  expect(post.exitCode).toBe(0)
  expect(post.log).toContain('Received SIGBREAK; finishing the cleanup first.')
  scenario.expectNothingLeft()
})
