import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { decodePkcs12 } from '../../src/x509/pkcs12.ts'
import { testWithModes } from '../support/platform.ts'
import { expectSuccess, useRotation } from '../support/rotation.ts'
import { errorOf } from '../support/scene.ts'
import { PASSWORD } from '../support/stored.ts'

const rotation = useRotation()

/** One night: the run gets what the store contains; a later step has yet to store its result. */
function night(p12: string, inputs: Record<string, string> = {}, options = {}) {
  const handed = { p12, 'p12-password': PASSWORD, 'github-token': '', publish: 'outputs' }
  return rotation.run({ ...handed, ...inputs }, options)
}

const keep = async (daysLeft = 30) => (await rotation.store([], { daysLeft })).base64

async function contained(p12: string) {
  const { certificate } = await decodePkcs12(Buffer.from(p12, 'base64'), PASSWORD)
  return rotation.recordOf(certificate)
}

const ids = () => rotation.enabled().map(({ id }) => id)

test('issues, verifies, hands over; disables the old one after the grace period once a run is given the new one', async () => {
  let store = await keep()
  const old = await contained(store)

  const first = await night(store)
  expectSuccess(first)
  const { p12 = '' } = first.outputs
  const fresh = await contained(p12)
  expect(first.outputs).toMatchObject({
    rotated: 'true',
    'certificate-id': fresh.id,
    'previous-certificate-id': old.id,
    'disabled-certificate-ids': '',
    targets: '[]',
  })
  expect(fresh.name).toContain(`-replaces-${old.serialNumber}-`)
  expect(first.masks).toContain(p12)
  expect(first.log).toContain("Handed over the new P12 in the outputs 'p12' and 'p12-file'.")
  expect(first.summary).toContain('New client certificate: store it now')
  expect(first.summary).toMatch(/is disabled by the first run after .* that is handed the new P12/)
  store = p12

  rotation.later(3)
  const within = await night(store)
  expectSuccess(within)
  const nothing = { rotated: 'false', p12: '', 'p12-file': '', 'disabled-certificate-ids': '' }
  expect(within.outputs).toMatchObject({ ...nothing, 'certificate-id': fresh.id })
  expect(ids()).toEqual([old.id, fresh.id])

  rotation.later(5)
  const after = await night(store)
  expectSuccess(after)
  expect(after.outputs).toMatchObject({ rotated: 'false', p12: '', 'disabled-certificate-ids': old.id })
  expect(after.log).toContain('Verified over mTLS: the certificate in use still works.')
  expect(ids()).toEqual([fresh.id])
  expect(rotation.github.requests).toEqual([])
})

test('the file contains the same as the output, in one line', async () => {
  const { outputs } = await night(await keep())
  expect(outputs.p12).toMatch(/^[A-Za-z0-9+/]+=*$/)
  expect(readFileSync(outputs['p12-file'] ?? '').toString('base64')).toBe(outputs.p12)
})

testWithModes('only its owner can read the file, in its own directory below RUNNER_TEMP', async () => {
  const { outputs } = await night(await keep())
  const file = outputs['p12-file'] ?? ''
  expect(file).toMatch(/\/_temp\/digicert-client-certificate-[0-9a-f]{16}\/client\.p12$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
})

describe('a store that', () => {
  test('fails: the next run starts over and says so; what was not stored is disabled after the grace period', async () => {
    const store = await keep()
    const old = await contained(store)
    const lost = await contained((await night(store)).outputs.p12 ?? '')
    rotation.later(1)
    const again = await night(store)
    expectSuccess(again)
    const fresh = await contained(again.outputs.p12 ?? '')
    expect(again.outputs).toMatchObject({ rotated: 'true', 'disabled-certificate-ids': '' })
    expect(again.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining(
        `although earlier runs issued 1 certificate to replace it: "${lost.name}" (id ${lost.id}). The step that stores the new P12 failed`,
      ),
    ])
    rotation.later(6.9)
    expect((await night(again.outputs.p12 ?? '')).outputs['disabled-certificate-ids']).toBe('')
    rotation.later(0.2)
    const after = await night(again.outputs.p12 ?? '')
    expectSuccess(after)
    expect(after.outputs['disabled-certificate-ids']?.split(',').sort()).toEqual([lost.id, old.id].sort())
    expect(ids()).toEqual([fresh.id])
  })

  test('forgets: an old P12 whose certificate is disabled is replaced, and the one that jobs may use stays', async () => {
    const store = await keep()
    const used = (await night(store)).outputs.p12 ?? ''
    rotation.later(8)
    expectSuccess(await night(used))
    expect(ids()).toEqual([(await contained(used)).id])

    rotation.later(30)
    const recovered = await night(store)
    expectSuccess(recovered)
    expect(recovered.log).toContain('Plan: issue a certificate: the one in use is disabled.')
    expect(recovered.outputs).toMatchObject({ rotated: 'true', 'disabled-certificate-ids': '' })
    const fresh = recovered.outputs.p12 ?? ''
    expect(ids()).toEqual([(await contained(used)).id, (await contained(fresh)).id])
    rotation.later(6)
    expect((await night(fresh)).outputs['disabled-certificate-ids']).toBe('')
    rotation.later(2)
    expect((await night(fresh)).outputs['disabled-certificate-ids']).toBe((await contained(used)).id)
    expect(ids()).toEqual([(await contained(fresh)).id])
  })

  test('is slow: what it returns at last is in use, and nothing that it may still return is disabled before', async () => {
    const store = await keep()
    const first = (await night(store)).outputs.p12 ?? ''
    rotation.later(1)
    const second = (await night(store)).outputs.p12 ?? ''
    rotation.later(1)
    expect((await night(first)).outputs).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': '' })
    rotation.later(1)
    expect((await night(second)).outputs).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': '' })
    rotation.later(6)
    expectSuccess(await night(second))
    expect(ids()).toEqual([(await contained(second)).id])
  })
})

test('with `grace: 0d`, the old one works until a run is given the new one', async () => {
  const store = await keep()
  const old = await contained(store)
  const first = await night(store, { grace: '0d' })
  expectSuccess(first)
  expect(first.outputs['disabled-certificate-ids']).toBe('')
  expect(first.summary).toContain('is disabled by the next run that is handed the new P12')
  const second = await night(first.outputs.p12 ?? '', { grace: '0d' })
  expect(second.outputs['disabled-certificate-ids']).toBe(old.id)
})

test('a dry run changes nothing and leaves no directory', async () => {
  const store = await keep()
  const result = await night(store, { 'dry-run': 'true' })
  expectSuccess(result)
  expect(result.outputs).toMatchObject({ rotated: 'false', p12: '', 'p12-file': '', targets: '[]' })
  expect(result.log).toContain("Plan: write the outputs 'p12' and 'p12-file': the new certificate.")
  expect(readdirSync(result.temp)).toEqual([])
  expect(ids()).toHaveLength(1)
})

test('a certificate that is refused is disabled, and nothing is handed over', async () => {
  const store = await keep()
  rotation.digicert.faults.add({
    method: 'GET',
    host: 'clientauth',
    skip: 1,
    times: 99,
    answer: { status: 401 },
  })
  const result = await night(store)
  expect(result.exitCode).toBe(1)
  expect(result.outputs).toEqual({})
  expect(ids()).toEqual([(await contained(store)).id])
})

describe('refuses what only GitHub needs before it does anything', () => {
  test.each([
    ['github-token', 'a-token-of-twenty-characters'],
    ['targets', 'octo-org/app'],
    ['secret-name', 'ANOTHER_NAME'],
    ['password-secret-name', 'ANOTHER_NAME'],
  ])('%s', async (input, value) => {
    const result = await night(await keep(), { [input]: value })
    expect(errorOf(result)).toMatchObject({
      code: 'INPUT_CONFLICT',
      what: `'publish' is outputs, and '${input}' is set.`,
      fix: expect.stringContaining(`Remove '${input}'`),
    })
    expect(rotation.digicert.requests).toEqual([])
  })

  test('a place other than the two', async () => {
    expect(errorOf(await night(await keep(), { publish: 'vault' }))).toMatchObject({
      code: 'INPUT_INVALID',
      what: "The input 'publish' must be github or outputs.",
      fix: 'Fix: Write github or outputs.',
    })
  })
})

test('names a runner without RUNNER_TEMP before anything is issued', async () => {
  const result = await night(await keep(), {}, { env: { RUNNER_TEMP: '' } })
  expect(errorOf(result)).toMatchObject({
    code: 'RUNNER_ENVIRONMENT',
    what: expect.stringContaining('RUNNER_TEMP'),
  })
  expect(ids()).toHaveLength(1)
})
