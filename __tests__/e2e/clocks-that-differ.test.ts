import { describe, expect, test } from '@jest/globals'
import { expectSuccess, OWN, useRotation } from '../support/rotation.ts'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
const checking = useScene({}, 'check')
const access = useScene({}, 'access')
const rotation = useRotation()
const MINUTE = 60_000

describe.each([
  ['slow', 7],
  ['fast', -7],
])('a runner whose clock is %s by seven minutes', (_how, ahead) => {
  test('issue accepts what the server calls now, and the post step leaves nothing', async () => {
    scene.emulator.clock.offset(ahead * MINUTE)
    const scenario = scene.scenario({ validity: '1h' })
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
  })

  test('finds a lost response as usual, and the post step does not wait for minutes', async () => {
    scene.emulator.clock.offset(ahead * MINUTE)
    const held = scene.emulator.faults.add({ method: 'POST', hold: 'after-work' })
    const scenario = scene.scenario()
    await scenario.main({ onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
    held.remove()
    expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
    scenario.expectNothingLeft()
  })

  test('reads a date in Retry-After by the clock of the server', async () => {
    const { emulator } = scene
    emulator.clock.offset(ahead * MINUTE)
    const retryAfter = new Date(emulator.clock.now().getTime() + 3_000)
    emulator.faults.add({ method: 'POST', answer: { status: 429, retryAfter } })
    const scenario = scene.scenario()
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log).toMatch(/429 .*Retrying in \d\.\d s \(retry \d of \d; the server asked for [1-4]\.\d s/)
    await scenario.post()
  })

  test('stored and check use a certificate that became valid a moment ago', async () => {
    for (const world of [scene, checking]) world.emulator.clock.offset(ahead * MINUTE)
    const p12Of = async ({ emulator }: typeof scene) => {
      const notBefore = new Date(emulator.clock.now().getTime() - 1_000)
      return (await storedP12(emulator, { notBefore })).base64
    }
    const use = { mode: 'stored', p12: await p12Of(scene), 'p12-password': PASSWORD }
    expect((await scene.scenario(use).main()).exitCode).toBe(0)
    const seen = { p12: await p12Of(checking), 'p12-password': PASSWORD }
    expect((await checking.scenario(seen).main()).exitCode).toBe(0)
  })

  test.each(['false', 'true'])('access verifies its effect as usual (enabled: %s)', async enabled => {
    access.emulator.clock.offset(ahead * MINUTE)
    const notBefore = new Date(access.emulator.clock.now().getTime() - 1_000)
    const options = { notBefore, enabled: enabled === 'false' }
    const { base64, minted } = await storedP12(access.emulator, options)
    const main = await access.scenario({ p12: base64, 'p12-password': PASSWORD, enabled }).main()
    expect(main).toMatchObject({ exitCode: 0, outputs: { enabled, changed: 'true' } })
    expect(main.log).toContain('Verified over mTLS')
    expect(String(minted.record?.enabled)).toBe(enabled)
  })

  test('rotate disables nothing that works, and converges after the grace period', async () => {
    await rotation.store([OWN])
    const env = (days: number) => ({ CLOCK_AHEAD_MS: String(days * 86_400_000 - ahead * MINUTE) })
    expectSuccess(await rotation.run({}, { env: env(0) }))
    const { id } = await rotation.held(OWN)
    expect(rotation.enabled()).toHaveLength(2)
    expectSuccess(await rotation.run({}, { env: env(0) }))
    expect(rotation.enabled()).toHaveLength(2)
    rotation.later(8)
    expectSuccess(await rotation.run({}, { env: env(8) }))
    rotation.later(8)
    expectSuccess(await rotation.run({}, { env: env(16) }))
    expect(rotation.enabled().map(record => record.id)).toEqual([id])
  })
})

test('an expiry in the past by the clock of the server: the error mentions the clock', async () => {
  scene.emulator.clock.offset(7 * MINUTE)
  const scenario = scene.scenario({ validity: '5m' })
  expect(errorOf(await scenario.main())).toMatchObject({
    code: 'REQUEST_REFUSED',
    why: expect.stringMatching(/clock of this runner is (6m\d+s|7m\d*s?) behind the server's/),
    fix: expect.stringContaining('Set the clock'),
  })
  await scenario.post()
  scenario.expectNothingLeft()
})

test('does not blame the clocks for a refusal while they agree', async () => {
  scene.emulator.faults.add({ method: 'POST', answer: { status: 400 } })
  expect(errorOf(await scene.scenario().main()).why).not.toContain('clock')
})

test('names a certificate that the server calls not yet valid', async () => {
  const notBefore = new Date(Date.now() + 5 * MINUTE)
  const { base64 } = await storedP12(scene.emulator, { notBefore })
  const main = await scene.scenario({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(errorOf(main)).toMatchObject({ code: 'CERT_NOT_YET_VALID', fix: expect.stringContaining('clock') })
})
