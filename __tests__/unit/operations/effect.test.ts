import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../src/digicert/clientauth.ts'
import { judge, waitFor } from '../../../src/operations/effect.ts'
import { fakeDigicert } from '../../support/fake-digicert.ts'
import { fakePorts } from '../../support/ports.ts'

const IDENTITY = { key: '', cert: '' }
const MINUTE = 60_000

function setting({ acceptedAfterMs = 0, refusedAfterMs = Number.POSITIVE_INFINITY } = {}) {
  const ports = fakePorts()
  const begun = ports.clock.now().getTime()
  const digicert = fakeDigicert({
    verify: () => {
      const passed = ports.clock.now().getTime() - begun
      if (passed < acceptedAfterMs || passed >= refusedAfterMs)
        throw new CertificateRefused('403.', undefined)
    },
  })
  const all = { ...ports, digicert: digicert.as }
  const held = (age: number, isNew = false) => ({
    identity: IDENTITY,
    isNew,
    facts: {
      serialNumber: 'AB',
      publicKey: '',
      fingerprintSha256: '',
      subject: '',
      issuer: '',
      notBefore: new Date(begun - age),
      notAfter: new Date(begun + 1e9),
    },
  })
  return { ...ports, digicert, ports: all, held }
}

test('accepted at once: one request, no wait, no log line', async () => {
  const { ports, digicert, log, held } = setting()
  expect(await judge(held(0, true), ports)).toMatchObject({ accepted: true, user: { id: 'user-1' } })
  expect(digicert.calls).toEqual(['VERIFY'])
  expect(log.lines).toEqual([])
})

test('retries a new certificate after 0.2, 0.4, 0.8 s, and logs it once', async () => {
  const { ports, clock, log, held } = setting({ acceptedAfterMs: 1_000 })
  expect(await judge(held(0, true), ports)).toMatchObject({ accepted: true, waitedMs: 1_400 })
  expect(clock.waits).toEqual([200, 400, 800])
  expect(log.of('info')).toEqual([
    'clientauth.one.example does not accept the certificate yet; checking again for up to 30.0 s.',
  ])
})

test('after thirty seconds it is refused, and not later', async () => {
  const { ports, clock, held } = setting({ acceptedAfterMs: Number.POSITIVE_INFINITY })
  expect(await judge(held(0, true), ports)).toMatchObject({ accepted: false, waitedMs: 30_000 })
  expect(clock.waits.reduce((sum, wait) => sum + wait, 0)).toBe(30_000)
  expect(Math.max(...clock.waits)).toBe(3_200)
})

test.each([
  ['valid for a year', 365 * 24 * 60 * MINUTE, 1],
  ['valid for six minutes', 6 * MINUTE, 1],
  ['valid for a minute', MINUTE, 5],
  ['valid in two seconds, by this clock', -2_000, 5],
  ['valid tomorrow', -24 * 60 * MINUTE, 1],
])('a stored certificate that is %s, and accepted only after two seconds', async (_name, age, requests) => {
  const { ports, digicert, held } = setting({ acceptedAfterMs: 2_000 })
  expect(await judge(held(age), ports)).toMatchObject({ accepted: requests > 1 })
  expect(digicert.calls).toHaveLength(requests)
})

test('waits for a refusal in the same way', async () => {
  const { ports, clock, log } = setting({ refusedAfterMs: 500 })
  expect(await waitFor('refused', IDENTITY, ports)).toMatchObject({ accepted: false, waitedMs: 600 })
  expect(clock.waits).toEqual([200, 400])
  expect(log.of('info')).toEqual([
    'clientauth.one.example still accepts the certificate; checking again for up to 30.0 s.',
  ])
})

test('passes on a failure that is not a verdict', async () => {
  const { ports, digicert, held } = setting()
  digicert.verify = () => {
    throw new Error('down')
  }
  await expect(judge(held(0, true), ports)).rejects.toThrow('down')
})
