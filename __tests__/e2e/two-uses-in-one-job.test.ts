import { expect, test } from '@jest/globals'
import { Job } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()

test('two that issue and one that is stored: each has its own files, and its post step removes only those', async () => {
  const { base64 } = await storedP12(scene.emulator, { name: 'in use' })
  const job = new Job()
  const uses = [
    scene.scenario({ name: 'first' }, {}, job),
    scene.scenario({ name: 'second' }, {}, job),
    scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }, {}, job),
  ] as const
  const [first, second, third] = uses
  const results = [await first.main(), await second.main(), await third.main()]
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
  expect(new Set(results.map(({ outputs }) => outputs['p12-file'])).size).toBe(3)
  const enabled = () => scene.enabled().map(({ name }) => name.split('-')[0])
  expect(enabled()).toEqual(['in use', 'first', 'second'])
  const files = first.files().length
  // Post steps run in the opposite order.
  await third.post()
  await second.post()
  expect(enabled()).toEqual(['in use', 'first'])
  expect(first.files().length).toBe(files / 3)
  await first.post()
  expect(enabled()).toEqual(['in use'])
  expect(first.files()).toEqual([])
})

test('the second of two is killed at its request: its post step leaves the first alone', async () => {
  const job = new Job()
  const first = scene.scenario({ name: 'first' }, {}, job)
  const second = scene.scenario({ name: 'second' }, {}, job)
  const { outputs } = await first.main()
  const held = scene.emulator.faults.add({ method: 'POST', hold: 'after-work' })
  await second.main({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
  held.remove()
  expect(await second.post()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(scene.enabled().map(({ id }) => id)).toEqual([outputs['certificate-id']])
  await first.post()
  first.expectNothingLeft()
})
