import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../../src/digicert/clientauth.ts'
import type { CertificateRecord } from '../../../../src/digicert/records.ts'
import { ActionError, type ErrorCode } from '../../../../src/errors.ts'
import { rotate } from '../../../../src/operations/rotate/rotate.ts'
import { describeCertificate } from '../../../../src/x509/certificate.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { type FakeSecrets, fakeSecrets } from '../../../support/fake-secrets.ts'
import {
  APP,
  type InUse,
  inDays,
  inUse,
  KEY,
  NOW,
  OWN,
  rotatePorts,
  rotateRequest,
} from '../../../support/in-use.ts'
import { testCertificate } from '../../../support/p12-certificates.ts'
import type { FakeLog } from '../../../support/ports.ts'

const DUE = await inUse(30)
const GOOD = await inUse(200)
/** Written ten days after the certificate in use was issued. */
const WRITTEN = { [OWN]: inDays(-90), [APP]: inDays(-90) }

/** The certificate that any request gets; valid for a year from now. */
const NEW = testCertificate({ key: KEY, notBefore: NOW, notAfter: inDays(365), serial: 0xdadan })

/** DigiCert ONE as it should be: it lists what it issued. */
function honest(records: CertificateRecord[], changes: Partial<FakeDigicert> = {}): FakeDigicert {
  const digicert = fakeDigicert({ records, ...changes })
  digicert.request = ({ nickname }) => {
    const { serialNumber } = describeCertificate(NEW)
    const fields = { serialNumber, certificate: NEW.toString(), startDate: NOW, endDate: inDays(365) }
    const issued = record('new', { name: nickname, ...fields })
    digicert.records.push(issued)
    return issued
  }
  return digicert
}

async function run(
  stored: InUse = DUE,
  digicert: FakeDigicert = honest([{ ...stored.record }]),
  secrets: FakeSecrets = fakeSecrets(WRITTEN),
  changes: Parameters<typeof rotateRequest>[1] = {},
) {
  const ports = rotatePorts(digicert, secrets)
  const log = ports.log as FakeLog
  const outcome = await rotate(rotateRequest(stored.p12, changes), ports)
    .then(report => ({ report, error: undefined }))
    .catch((error: unknown) => ({ report: undefined, error }))
  const enabled = digicert.records.filter(each => each.enabled).map(({ id }) => id)
  const changed = [...digicert.calls, ...secrets.calls].filter(call => /^(POST|PUT|WRITE)/.test(call))
  return { ...outcome, enabled, changed, secrets, digicert, warnings: log.of('warning') }
}

function fails(code: ErrorCode) {
  return () => {
    throw new ActionError(code, { what: `It says ${code}.`, why: 'Why.', fix: 'Fix.' })
  }
}

const refuses = () => {
  throw new CertificateRefused('403.', undefined)
}

test('issues, verifies, writes to every target, and disables nothing before the grace period is over', async () => {
  const { report, enabled, changed, secrets } = await run()
  expect(changed).toEqual([
    expect.stringMatching(/^POST release-replaces-/),
    `WRITE P12 ${OWN}`,
    `WRITE P12 ${APP}`,
  ])
  expect(report).toMatchObject({ reason: 'due', rotated: true, failure: undefined, disabled: [] })
  expect(report?.waiting.map(one => one.record.id)).toEqual(['in use'])
  expect(enabled).toEqual(['in use', 'new'])
  expect(secrets.values.get(`P12 ${OWN}`)).toBe(secrets.values.get(`P12 ${APP}`))
})

test('requests no certificate before every target is known to be writable', async () => {
  const order: string[] = []
  const digicert = honest([{ ...DUE.record }])
  const { request } = digicert
  digicert.request = wanted => {
    order.push('POST')
    return request(wanted)
  }
  const secrets = fakeSecrets(WRITTEN, { may: name => void order.push(`may ${name}`) })
  await run(DUE, digicert, secrets)
  expect(order).toEqual([`may ${OWN}`, `may ${APP}`, 'POST'])
})

test('a target that may not be written stops it before anything is changed', async () => {
  const secrets = fakeSecrets(WRITTEN, { may: fails('GITHUB_PERMISSION') })
  const { error, changed } = await run(DUE, undefined, secrets)
  expect(error).toMatchObject({ code: 'GITHUB_PERMISSION' })
  expect(changed).toEqual([])
})

test('disables a new certificate that is refused, and writes it to no target', async () => {
  let asked = 0
  const digicert = honest([{ ...DUE.record }], { verify: () => (++asked > 1 ? refuses() : undefined) })
  const { error, enabled, changed } = await run(DUE, digicert)
  expect(error).toMatchObject({ code: 'CERT_REFUSED' })
  expect(enabled).toEqual(['in use'])
  expect(changed).toEqual([expect.stringMatching(/^POST /), 'PUT new false'])
})

test('one target that fails: the others have the new one, nothing is disabled, and the run fails and names it', async () => {
  const secrets = fakeSecrets(WRITTEN, {
    write: name => (name === APP ? fails('GITHUB_ERROR')() : undefined),
  })
  const { report, enabled } = await run(DUE, undefined, secrets)
  expect(report).toMatchObject({ rotated: true, disabled: [] })
  expect(report?.targets.map(({ name, state }) => [name, state])).toEqual([
    [OWN, 'written'],
    [APP, 'failed'],
  ])
  expect(report?.failure).toMatchObject({
    code: 'TARGETS_FAILED',
    message: expect.stringMatching(/^1 of 2 targets could not be written\.\n[^\n]+\n- octo-org\/app$/),
    fix: expect.stringContaining('Nothing was disabled'),
  })
  expect(enabled).toEqual(['in use', 'new'])
})

test('when every target fails, the old one stays in use', async () => {
  const secrets = fakeSecrets(WRITTEN, { write: fails('SERVER_ERROR') })
  const { report, enabled } = await run(DUE, undefined, secrets)
  expect(report).toMatchObject({ rotated: false, current: { record: { id: 'in use' } } })
  expect(report?.failure).toMatchObject({ code: 'TARGETS_FAILED' })
  expect(enabled).toContain('in use')
})

test('nothing due: issues, writes and disables nothing', async () => {
  const { report, changed } = await run(GOOD)
  expect(report).toMatchObject({ reason: undefined, rotated: false, failure: undefined })
  expect(report?.targets.map(({ state }) => state)).toEqual(['current', 'current'])
  expect(changed).toEqual([])
})

test('a dry run says what it would do, checks whether it may, and does nothing', async () => {
  const { report, changed, secrets } = await run(DUE, undefined, undefined, { dryRun: true })
  expect(report).toMatchObject({ dryRun: true, reason: 'due', rotated: false })
  expect(report?.targets.map(({ state }) => state)).toEqual(['pending', 'pending'])
  expect(changed).toEqual([])
  expect(secrets.calls).toEqual(expect.arrayContaining([`MAY ${OWN}`, `MAY ${APP}`]))
})

test.each<[string, () => FakeDigicert, ErrorCode]>([
  ['cannot be had', () => honest([], { list: fails('SERVER_ERROR') }), 'SERVER_ERROR'],
  ['leaves out the one in use', () => honest([record('other', { serialNumber: 'AA' })]), 'CERT_UNKNOWN'],
])('a list that %s: changes nothing', async (_how, make, code) => {
  const { error, changed } = await run(DUE, make())
  expect(error).toMatchObject({ code })
  expect(changed).toEqual([])
})

test('a list that fails only after the writes: the run fails, and nothing was disabled', async () => {
  const digicert = honest([{ ...DUE.record }])
  let asked = 0
  digicert.list = () => (++asked > 1 ? fails('TIMEOUT')() : digicert.records)
  const { error, enabled, changed } = await run(DUE, digicert)
  expect(error).toMatchObject({ code: 'TIMEOUT' })
  expect(enabled).toEqual(['in use', 'new'])
  expect(changed.filter(call => call.startsWith('PUT'))).toEqual([])
})

test('another run that issued meanwhile: disables nothing, and warns what that run issued', async () => {
  const digicert = honest([{ ...DUE.record }])
  let asked = 0
  digicert.list = () => {
    const others = {
      serialNumber: 'BEEF',
      startDate: NOW,
      name: `release-replaces-${DUE.record.serialNumber}-abcdef`,
    }
    return ++asked > 1 ? [...digicert.records, record('theirs', others)] : digicert.records
  }
  const { report, changed, warnings } = await run(DUE, digicert)
  expect(report).toMatchObject({ rotated: true, failure: undefined, disabled: [] })
  expect(warnings).toEqual([expect.stringMatching(/[Aa]nother rotation of this secret .*id theirs/)])
  expect(changed.filter(call => call.startsWith('PUT'))).toEqual([])
})

test('a server that shortens the validity: warns that the new one does not last longer', async () => {
  const digicert = honest([{ ...DUE.record }])
  const short = testCertificate({ key: KEY, notBefore: NOW, notAfter: inDays(20), serial: 0xdadan })
  const { request } = digicert
  digicert.request = wanted => Object.assign(request(wanted), { certificate: short.toString() })
  const { report, warnings } = await run(DUE, digicert)
  expect(report?.rotated).toBe(true)
  expect(warnings.join('\n')).toMatch(/no later than the one it replaces/)
})

test('without a grace period, disables the old one in the same run, after the writes', async () => {
  const order: string[] = []
  const digicert = honest([{ ...DUE.record }])
  let disabled = false
  digicert.setEnabled = (id, enabled) => {
    order.push(`PUT ${id}`)
    for (const known of digicert.records) if (known.id === id) known.enabled = enabled
    disabled = true
    return enabled
  }
  // The certificate that was replaced is checked last, and has to be refused by then.
  let asked = 0
  digicert.verify = () => {
    asked++
    if (disabled && asked === 5) refuses()
  }
  const secrets = fakeSecrets(WRITTEN, { write: name => void order.push(`WRITE ${name}`) })
  const settings = { rotateWithinSeconds: 60 * 86_400, graceSeconds: 0, force: false }
  const { report, enabled } = await run(DUE, digicert, secrets, { settings })
  expect(report).toMatchObject({ rotated: true, failure: undefined })
  expect(report?.disabled.map(one => one.record.id)).toEqual(['in use'])
  expect(order).toEqual([`WRITE ${OWN}`, `WRITE ${APP}`, 'PUT in use'])
  expect(enabled).toEqual(['new'])
})
