import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../../src/digicert/clientauth.ts'
import type { CertificateRecord } from '../../../../src/digicert/records.ts'
import type { Held } from '../../../../src/operations/held.ts'
import { retire } from '../../../../src/operations/rotate/retire.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { fakePorts } from '../../../support/ports.ts'

function held(serialNumber: string): Held {
  return {
    identity: { key: '', cert: serialNumber },
    isNew: false,
    facts: {
      serialNumber,
      publicKey: '',
      fingerprintSha256: '',
      subject: `CN=${serialNumber}`,
      issuer: '',
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2027-01-01T00:00:00Z'),
    },
  }
}

const CURRENT = held('C0')
const OLD = [record('old-1'), record('old-2')]

async function run(digicert: FakeDigicert, records: CertificateRecord[] = OLD) {
  const { log, clock } = fakePorts()
  digicert.records.push(...records.map(each => ({ ...each })))
  const error = await retire(
    records,
    { current: CURRENT, previous: undefined },
    { digicert: digicert.as, log, clock },
  )
    .then(() => undefined)
    .catch((thrown: unknown) => thrown)
  return { error, log: log.of('info'), calls: digicert.calls, clock }
}

test('verifies, disables, verifies again and checks the list', async () => {
  const { error, calls } = await run(fakeDigicert())
  expect(error).toBeUndefined()
  expect(calls).toEqual(['VERIFY', 'PUT old-1 false', 'PUT old-2 false', 'VERIFY', 'GET'])
})

test('disables nothing when the current certificate is refused', async () => {
  const digicert = fakeDigicert({
    verify: () => {
      throw new CertificateRefused('403.', undefined)
    },
  })
  const { error, calls } = await run(digicert)
  expect(error).toMatchObject({ code: 'CERT_UNKNOWN' })
  expect(calls.filter(call => call.startsWith('PUT'))).toEqual([])
})

test('a server that contradicts disabled nothing: claims nothing, and enables everything again', async () => {
  const { error, log, calls } = await run(fakeDigicert({ setEnabled: () => true }))
  expect(error).toMatchObject({
    code: 'ROTATION_UNDONE',
    message: expect.stringMatching(/still says that it is enabled\. Enabled 2 certificates again\./),
    fix: expect.stringContaining('DigiCert ONE says that they are enabled'),
  })
  expect(log.join()).not.toMatch(/Disabled/)
  expect(calls).toEqual(['VERIFY', 'PUT old-1 false', 'PUT old-1 true', 'PUT old-2 true'])
})

test('an undo that the server contradicts names what is not enabled, and promises nothing', async () => {
  const digicert = fakeDigicert({ setEnabled: () => false })
  let asked = 0
  digicert.verify = () => {
    if (++asked > 1) throw new CertificateRefused('403 after disabling.', undefined)
  }
  const { error, log } = await run(digicert)
  expect(error).toMatchObject({
    code: 'ROTATION_UNDONE',
    message: expect.stringMatching(/403 after disabling\. Enabling again failed for old-1, old-2\./),
    fix: expect.stringMatching(/DigiCert ONE does not say that they are enabled\. Enable old-1, old-2 now/),
  })
  expect(log.join()).not.toMatch(/Enabled/)
})

test('a list that contradicts the responses undoes it', async () => {
  const digicert = fakeDigicert({ setEnabled: (_id, enabled) => enabled })
  const { error } = await run(digicert)
  expect(error).toMatchObject({
    code: 'ROTATION_UNDONE',
    message: expect.stringMatching(/still lists 2 certificates as enabled/),
  })
})

test('the certificate that was replaced must be refused, which may take a while', async () => {
  const { log, clock } = fakePorts()
  const digicert = fakeDigicert({ records: [record('old')] })
  let asked = 0
  digicert.verify = () => {
    if (++asked === 5) throw new CertificateRefused('403.', undefined)
  }
  await retire(
    [record('old')],
    { current: CURRENT, previous: held('01D') },
    { digicert: digicert.as, log, clock },
  )
  expect(clock.waits).toEqual([200, 400])
  expect(log.of('info').at(-1)).toMatch(/the certificate that was replaced is refused/)
})
