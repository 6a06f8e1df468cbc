import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { DAY } from '../../emulator/index.ts'
import { killAfter, MOMENTS, MTLS_CHECK, stopMainAt } from '../support/kill.ts'
import { testEndedBy } from '../support/platform.ts'
import { useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
type Signal = (typeof SIGNALS)[number]

for (const signal of SIGNALS) {
  testEndedBy(signal).each(MOMENTS)(`${signal} while %s`, async (_what, fault, hold) => {
    const scenario = scene.scenario()
    const main = await stopMainAt(scene, scenario, { ...fault, hold }, signal)
    expectStoppedBy(signal, main)
    const post = await scenario.post()
    expect(post.exitCode).toBe(0)
    expect(post.annotations).toEqual([])
    expect(scene.emulator.certificates).toHaveLength(1)
    scenario.expectNothingLeft()
  })

  testEndedBy(signal)(`${signal} at any time during the run`, async () => {
    const whole = await scene.scenario().main()
    for (const part of [0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]) {
      const scenario = scene.scenario()
      await scenario.main({ onStart: child => killAfter(child, whole.milliseconds * part, signal) })
      const post = await scenario.postMuchLater()
      expect(post.exitCode).toBe(0)
      expect(post.annotations).toEqual([])
      expect(scenario.files()).toEqual([])
      const alive = scenario.enabled().filter(({ id }) => id !== whole.outputs['certificate-id'])
      expect(alive.map(({ name }) => name)).toEqual([])
    }
  })
}

test('SIGKILL during the request, which the server only carries out after the post step has begun', async () => {
  const held = scene.emulator.faults.add({ method: 'POST', hold: 'before-work' })
  const listed = scene.emulator.faults.add({ method: 'GET', host: 'api' })
  const scenario = scene.scenario()
  await scenario.main({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
  void listed.reached.then(() => sleep(200)).then(() => held.release())
  const post = await scenario.post()
  expect(post.annotations).toEqual([])
  expect(scene.emulator.certificates).toHaveLength(1)
  scenario.expectNothingLeft()
})

test.each(['Requesting', 'Issued', 'Verified', 'Later steps can use'])(
  'SIGKILL as soon as the log says "%s"',
  async line => {
    const scenario = scene.scenario()
    await scenario.main({ onStart: (child, raw) => killAt(child, raw, line) })
    const post = await scenario.postMuchLater()
    expect(post.exitCode).toBe(0)
    scenario.expectNothingLeft()
  },
)

test.each(['Opened', '::warning', 'Requesting', 'Issued', 'Verified', 'Later steps can use'])(
  'with a fallback from an expired stored P12, SIGKILL as soon as the log says "%s"',
  async line => {
    const { base64 } = await storedP12(scene.emulator, {
      notAfter: new Date(Date.now() - DAY),
      enabled: false,
    })
    const inputs = { mode: 'stored', p12: base64, 'p12-password': PASSWORD, fallback: 'issue' }
    const scenario = scene.scenario(inputs)
    const main = await scenario.main({ onStart: (child, raw) => killAt(child, raw, line) })
    expect(main.raw).toContain(`\n${line}`)
    const post = await scenario.postMuchLater()
    expect(post).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
  },
)

test('a killed step never handed over: files are deleted and the certificate is disabled whatever the inputs say', async () => {
  const scenario = scene.scenario({ cleanup: 'false', 'disable-after-job': 'false' })
  await stopMainAt(scene, scenario, { ...MTLS_CHECK, hold: 'before-work' }, 'SIGKILL')
  await scenario.post()
  scenario.expectNothingLeft()
})

testEndedBy('SIGTERM')('the post step finishes despite SIGTERM', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  const held = scene.emulator.faults.add({ method: 'PUT', hold: 'before-work' })
  const post = await scenario.post({
    onStart: child =>
      void held.reached.then(() => {
        child.kill('SIGINT')
        child.kill('SIGTERM')
        return sleep(50).then(() => held.release())
      }),
  })
  expect(post.exitCode).toBe(0)
  scenario.expectNothingLeft()
})

function expectStoppedBy(
  signal: Signal,
  main: { exitCode: number | null; signal: string | null; log: string },
): void {
  const exitCode = { SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal]
  expect(main.exitCode).toBe(exitCode)
  if (exitCode === null) expect(main.signal).toBe('SIGKILL')
  else expect(main.log).toContain(`canceled by ${signal}`)
}

function killAt(child: ChildProcess, raw: () => string, line: string): void {
  const look = () => {
    if (raw().includes(`\n${line}`)) child.kill('SIGKILL')
  }
  child.stdout?.on('data', look)
}
