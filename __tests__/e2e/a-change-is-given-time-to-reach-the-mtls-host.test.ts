import { expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/index.ts'
import { useRotation } from '../support/rotation.ts'
import { errorOf, Scene, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const access = useScene({}, 'access')
const rotation = useRotation()

const SAID_ONCE = /does not accept the certificate yet; checking again for up to (?:30\.0|2\d\.\d) s/g

const checks = (emulator: Emulator) =>
  emulator.requests.filter(({ host }) => host === 'clientauth').map(({ status }) => status)

/** The number of requests meanwhile depends on the machine; the waits are tested in unit/operations/effect.test.ts. */
function expectChange(statuses: (number | undefined)[], before: number, after: number): void {
  expect(statuses.length).toBeGreaterThan(1)
  expect(statuses).toEqual([...statuses.slice(1).map(() => before), after])
}

test('verifies an issued certificate that the mTLS host accepts a second later, and logs the wait once', async () => {
  scene.emulator.settings.delays = { issue: 1_000, enable: 0, disable: 0 }
  const scenario = scene.scenario()
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expectChange(checks(scene.emulator), 403, 200)
  expect(main.log.match(SAID_ONCE)).toHaveLength(1)
  await scenario.post()
  scenario.expectNothingLeft()
})

test('fails after thirty seconds when it is never accepted, mentions the delay, and disables the certificate', async () => {
  const never = new Scene()
  await never.start()
  try {
    never.emulator.settings.delays = { issue: 600_000, enable: 0, disable: 0 }
    const scenario = never.scenario()
    const main = await scenario.main()
    expect(errorOf(main)).toMatchObject({
      code: 'CERT_REFUSED',
      what: expect.stringMatching(/issued or enabled it a moment ago.* was given 3\d\.\d s to accept it/),
      why: expect.stringContaining('takes longer than that'),
    })
    expect(main.milliseconds).toBeGreaterThan(30_000)
    expect(main.milliseconds).toBeLessThan(40_000)
    await scenario.post()
    scenario.expectNothingLeft()
  } finally {
    await never.emulator.close()
  }
}, 60_000)

test('verifies a stored certificate that becomes valid in a moment by a slow clock', async () => {
  const notBefore = new Date(Date.now() + 4_000)
  const { base64 } = await storedP12(scene.emulator, { notBefore })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(main.exitCode).toBe(0)
  expect(checks(scene.emulator).filter(status => status === 403).length).toBeGreaterThan(0)
  expect(main.log).toMatch(SAID_ONCE)
})

test('fails at once when a stored certificate is refused for good', async () => {
  const { base64 } = await storedP12(scene.emulator, { enabled: false })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(errorOf(main).code).toBe('CERT_DISABLED')
  expect(checks(scene.emulator)).toEqual([403])
})

test.each(['true', 'false'])('access also waits for its effect (enabled: %s)', async enabled => {
  access.emulator.settings.delays = { issue: 0, enable: 1_500, disable: 1_500 }
  const { base64 } = await storedP12(access.emulator, { enabled: enabled !== 'true' })
  const main = await access.scenario({ p12: base64, 'p12-password': PASSWORD, enabled }).main()
  expect(main.exitCode).toBe(0)
  if (enabled === 'true') expectChange(checks(access.emulator), 403, 200)
  else expectChange(checks(access.emulator), 200, 403)
})

test('rotate waits until its new certificate is accepted and the old one refused', async () => {
  rotation.digicert.settings.delays = { issue: 700, enable: 700, disable: 700 }
  await rotation.store()
  const result = await rotation.run({ grace: '0d' })
  expect({ exitCode: result.exitCode, log: result.log }).toMatchObject({ exitCode: 0 })
  expect(result.outputs.rotated).toBe('true')
  expect(result.log).toMatch(SAID_ONCE)
  expect(result.log).toMatch(/still accepts the certificate; checking again/)
  expect(rotation.enabled()).toHaveLength(1)
})
