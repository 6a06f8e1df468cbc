import { expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { expectSuccess, OWN, type Rotation, useRotation } from '../support/rotation.ts'

const rotation = useRotation()
const APP = 'octo-org/app'
const targets = `${OWN}\n${APP}`

/** Every request of a rotation, by the server that gets it. */
const REQUESTS: [string, 'digicert' | 'github', Fault][] = [
  ['the list of certificates', 'digicert', { method: 'GET', host: 'api' }],
  ['the proof of the stored P12', 'digicert', { method: 'GET', host: 'clientauth' }],
  ['the time of the last write', 'github', { method: 'GET', path: /SM_CLIENT_CERT_FILE_B64$/ }],
  ['the public key', 'github', { method: 'GET', path: /public-key$/ }],
  ['the request for a certificate', 'digicert', { method: 'POST' }],
  ['the proof of the new P12', 'digicert', { method: 'GET', host: 'clientauth', skip: 1 }],
  ["the write to the workflow's own repository", 'github', { method: 'PUT', path: /hello/ }],
  ['the write to the other repository', 'github', { method: 'PUT', path: /\/app\// }],
  ['the second look at the list', 'digicert', { method: 'GET', host: 'api', skip: 1 }],
  ['the proof before disabling', 'digicert', { method: 'GET', host: 'clientauth', skip: 2 }],
  ['disabling', 'digicert', { method: 'PUT' }],
  ['the proof after disabling', 'digicert', { method: 'GET', host: 'clientauth', skip: 3 }],
  ['the list after disabling', 'digicert', { method: 'GET', host: 'api', skip: 2 }],
  ['the refusal of the old one', 'digicert', { method: 'GET', host: 'clientauth', skip: 4 }],
]
/** Whether a request that only reads was answered makes no difference to the world. */
const CASES = REQUESTS.flatMap(([what, host, fault]) => {
  const moments =
    fault.method === 'GET' ? (['before-work'] as const) : (['before-work', 'after-work'] as const)
  return moments.map(hold => [hold, what, host, { ...fault, hold }] as const)
})

async function expectTargetsWork(world: Rotation): Promise<void> {
  for (const target of [OWN, APP]) {
    const { name, enabled } = await world.held(target)
    expect({ target, name, enabled }).toEqual({ target, name, enabled: true })
  }
}

// `grace: 0d` has one run take every step that there is.
test.each(CASES)('SIGKILL %s: %s', async (_moment, _what, host, fault) => {
  await rotation.store([OWN, APP])
  const held = rotation[host].faults.add(fault)
  const killed = await rotation.run(
    { targets, grace: '0d' },
    { onStart: child => void held.reached.then(() => child.kill('SIGKILL')) },
  )
  expect(killed.signal).toBe('SIGKILL')
  held.release()
  await expectTargetsWork(rotation)

  expectSuccess(await rotation.run({ targets }))
  await expectTargetsWork(rotation)
  rotation.later(8)
  expectSuccess(await rotation.run({ targets }))
  const [only, ...others] = rotation.enabled()
  expect(others).toEqual([])
  for (const target of [OWN, APP]) expect((await rotation.held(target)).id).toBe(only?.id)
})

test('what broke off before any write is disabled by the first run after the grace', async () => {
  await rotation.store([OWN, APP])
  const held = rotation.github.faults.add({ method: 'PUT', hold: 'before-work' })
  await rotation.run({ targets }, { onStart: child => void held.reached.then(() => child.kill('SIGKILL')) })
  rotation.github.faults.clear()
  const [, orphan] = rotation.enabled()
  expectSuccess(await rotation.run({ targets }))
  rotation.later(8)
  const result = await rotation.run({ targets })
  expectSuccess(result)
  expect(result.outputs['disabled-certificate-ids']?.split(',')).toContain(orphan?.id)
  expect(rotation.enabled().map(({ id }) => id)).toEqual([result.outputs['certificate-id']])
})
