import { createPrivateKey, X509Certificate } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { DAY, type Emulator, type Minted, startEmulator } from '../../emulator/index.ts'
import { type AccessRequest, setAccess, verifyAccess } from '../../src/operations/access.ts'
import { check } from '../../src/operations/check.ts'
import { clientOf } from '../support/client.ts'
import { writePkcs12 } from '../support/written-p12.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

const PASSWORD = 'a password of the test'
const THRESHOLDS = { failWithin: 30 * 86_400, warnWithin: 90 * 86_400 }
const noMask = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }

function daysFromNow(days: number): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY)
}

async function p12Of({ certificatePem, privateKeyPem = '' }: Minted): Promise<Buffer> {
  return await writePkcs12({
    privateKey: createPrivateKey(privateKeyPem),
    certificate: new X509Certificate(certificatePem),
    chain: [],
    password: PASSWORD,
    encryption: 'modern',
  })
}

async function look(p12?: Buffer, name = '') {
  const { client, clock, log } = clientOf(emulator)
  clock.now = () => new Date()
  const request = {
    name,
    thresholds: THRESHOLDS,
    includeDisabled: false,
    ifNoneFound: 'error' as const,
    signingCertificates: false,
    p12: p12 && { bytes: p12, password: PASSWORD },
  }
  const report = await check(request, { digicert: client, clock, log, mask: noMask })
  await client.close()
  return report
}

async function change(names: Partial<AccessRequest>, enabled: boolean) {
  const { client, ...ports } = clientOf(emulator)
  ports.clock.now = () => new Date()
  const all = { ...ports, digicert: client, mask: noMask }
  const changed = await setAccess({ selector: undefined, p12: undefined, ...names, enabled }, all)
  const verification = await verifyAccess(changed, all)
  await client.close()
  return { ...changed, verification }
}

test('check no longer lists what access disables, and reports it if it is in use', async () => {
  const held = await emulator.mint({ keyType: 'ec-p256', name: 'in use', notAfter: daysFromNow(200) })
  await emulator.mint({ keyType: 'ec-p256', name: 'other', notAfter: daysFromNow(20) })
  const p12 = await p12Of(held)
  const before = await look(p12)
  expect(before.certificates.map(({ name, verdict, inUse }) => [name, verdict, inUse])).toEqual([
    ['other', 'fail', false],
    ['in use', 'fine', true],
  ])

  expect(await change({ selector: { by: 'name', value: 'other' } }, false)).toMatchObject({
    changed: true,
    verification: 'no P12',
  })
  const selector = { p12: { bytes: p12, password: PASSWORD } }
  expect(await change(selector, false)).toMatchObject({ changed: true, verification: 'verified' })
  const after = await look(p12)
  expect(after.certificates.map(({ name, verdict, enabled }) => [name, verdict, enabled])).toEqual([
    ['in use', 'fail', false],
  ])

  expect(await change(selector, true)).toMatchObject({ changed: true, verification: 'verified' })
  expect(await change(selector, true)).toMatchObject({ changed: false, verification: 'verified' })
  expect((await look(p12)).certificates[0]).toMatchObject({ name: 'in use', verdict: 'fine', enabled: true })
})

test.each(['link', 'envelope'] as const)(
  'reads every page, and the last entry can be changed (%s)',
  async style => {
    emulator.settings.paging = { style, size: 7 }
    emulator.seed(30, index => ({ name: `page ${index}`, endDate: daysFromNow(100 + index) }))
    const { certificates, next } = await look(undefined, 'page *')
    expect(certificates.map(({ name }) => name)).toEqual(
      Array.from({ length: 30 }, (_, index) => `page ${index}`),
    )
    expect(next?.name).toBe('page 0')
    const result = await change({ selector: { by: 'name', value: 'page 29' } }, false)
    expect(result.changed).toBe(true)
    expect((await look(undefined, 'page 29')).certificates).toEqual([])
  },
)
