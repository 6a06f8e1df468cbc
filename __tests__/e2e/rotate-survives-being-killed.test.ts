import type { ChildProcess } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { expectSuccess, OWN, type Rotation, useRotation } from '../support/rotation.ts'
import { PASSWORD } from '../support/stored.ts'

const rotation = useRotation()
const APP = 'octo-org/app'
const targets = `${OWN}\n${APP}`

/** Every request of a rotation, by the server that gets it. */
const REQUESTS: [string, 'digicert' | 'github', Fault][] = [
  ['the list of certificates', 'digicert', { method: 'GET', host: 'api' }],
  ['the mTLS check of the stored P12', 'digicert', { method: 'GET', host: 'clientauth' }],
  ['the time of the last write', 'github', { method: 'GET', path: /SM_CLIENT_CERT_FILE_B64$/ }],
  ['the public key', 'github', { method: 'GET', path: /public-key$/ }],
  ['the request for a certificate', 'digicert', { method: 'POST' }],
  ['the mTLS check of the new P12', 'digicert', { method: 'GET', host: 'clientauth', skip: 1 }],
  ["the write to the workflow's own repository", 'github', { method: 'PUT', path: /hello/ }],
  ['the write to the other repository', 'github', { method: 'PUT', path: /\/app\// }],
  ['the second look at the list', 'digicert', { method: 'GET', host: 'api', skip: 1 }],
  ['the mTLS check before disabling', 'digicert', { method: 'GET', host: 'clientauth', skip: 2 }],
  ['disabling', 'digicert', { method: 'PUT' }],
  ['the mTLS check after disabling', 'digicert', { method: 'GET', host: 'clientauth', skip: 3 }],
  ['the list after disabling', 'digicert', { method: 'GET', host: 'api', skip: 2 }],
  ['the refusal of the old one', 'digicert', { method: 'GET', host: 'clientauth', skip: 4 }],
]
/** Whether a read request got its response makes no difference to the world. */
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

test('what was interrupted before any write is disabled by the first run after the grace period', async () => {
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

describe('handed over to a store', () => {
  /** The requests of each of the two runs: the one that issues, and the one that disables. */
  const requests: [string, number, Fault][] = [
    ['the list of certificates', 0, { method: 'GET', host: 'api' }],
    ['the verification of the stored P12', 0, { method: 'GET', host: 'clientauth' }],
    ['the request for a certificate', 0, { method: 'POST' }],
    ['the verification of the new P12', 0, { method: 'GET', host: 'clientauth', skip: 1 }],
    ['the list, when the old one is to be disabled', 1, { method: 'GET', host: 'api' }],
    ['the verification before disabling', 1, { method: 'GET', host: 'clientauth', skip: 1 }],
    ['disabling', 1, { method: 'PUT' }],
    ['the verification after disabling', 1, { method: 'GET', host: 'clientauth', skip: 2 }],
    ['the list after disabling', 1, { method: 'GET', host: 'api', skip: 1 }],
  ]
  const cases = requests.flatMap(([what, disabling, fault]) =>
    (fault.method === 'GET' ? (['before-work'] as const) : (['before-work', 'after-work'] as const)).map(
      hold => [hold, what, disabling, { ...fault, hold }] as const,
    ),
  )

  test.each(cases)('SIGKILL %s: %s', async (_moment, _what, disabling, fault) => {
    let store = (await rotation.store([])).base64
    const night = async (options: Parameters<Rotation['run']>[1] = {}) => {
      const handed = { p12: store, 'p12-password': PASSWORD, 'github-token': '', publish: 'outputs' }
      const result = await rotation.run(handed, options)
      // The step that stores it.
      if (result.signal === null && result.outputs.p12) store = result.outputs.p12
      return result
    }
    const works = async () => {
      const { certificate } = await decodePkcs12(Buffer.from(store, 'base64'), PASSWORD)
      expect(rotation.recordOf(certificate).enabled).toBe(true)
    }
    if (disabling) {
      expectSuccess(await night())
      rotation.later(8)
    }
    const held = rotation.digicert.faults.add(fault)
    const onStart = (child: ChildProcess) => void held.reached.then(() => child.kill('SIGKILL'))
    expect((await night({ onStart })).signal).toBe('SIGKILL')
    held.release()
    await works()

    expectSuccess(await night())
    await works()
    rotation.later(8)
    expectSuccess(await night())
    await works()
    expect(rotation.enabled()).toHaveLength(1)
  })
})
