import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PrivateDirectory } from '../../../../src/files.ts'
import { HandOver } from '../../../../src/operations/rotate/hand-over.ts'
import { rotate } from '../../../../src/operations/rotate/rotate.ts'
import { describeCertificate } from '../../../../src/x509/certificate.ts'
import { fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { fakeSecrets } from '../../../support/fake-secrets.ts'
import { inDays, inUse, KEY, NOW, rotatePorts, rotateRequest } from '../../../support/in-use.ts'
import { testCertificate } from '../../../support/p12-certificates.ts'
import type { FakeLog } from '../../../support/ports.ts'

const DUE = await inUse(30)
const NEW = testCertificate({ key: KEY, notBefore: NOW, notAfter: inDays(365), serial: 0xdadan })

let temp = ''
beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), 'hand-over-'))
})
afterEach(() => rmSync(temp, { recursive: true, force: true }))

/** @param spoil is called when the certificate is issued */
async function run(spoil: () => void = () => undefined, changes: Parameters<typeof rotateRequest>[1] = {}) {
  const digicert = fakeDigicert({ records: [{ ...DUE.record }] })
  digicert.request = ({ nickname }) => {
    spoil()
    const { serialNumber } = describeCertificate(NEW)
    const fields = { serialNumber, certificate: NEW.toString(), startDate: NOW, endDate: inDays(365) }
    const issued = record('new', { name: nickname, ...fields })
    digicert.records.push(issued)
    return issued
  }
  const secrets = fakeSecrets()
  const basic = rotatePorts(digicert, secrets)
  const log = basic.log as FakeLog
  const publisher = new HandOver(PrivateDirectory.plan(temp, '0123456789abcdef'), { log })
  const outcome = await rotate(rotateRequest(DUE.p12, changes), { ...basic, publisher })
    .then(report => ({ report, error: undefined }))
    .catch((error: unknown) => ({ report: undefined, error }))
  const enabled = digicert.records.filter(each => each.enabled).map(({ id }) => id)
  return { ...outcome, publisher, enabled, calls: digicert.calls, secrets, log }
}

test('issues, verifies, hands over: sends no request after that, and none to GitHub', async () => {
  const { report, publisher, enabled, calls, secrets } = await run()
  expect(report).toMatchObject({ rotated: true, effective: 'later', targets: [], disabled: [] })
  expect(report?.waiting.map(({ record: { id }, until }) => [id, until])).toEqual([['in use', inDays(7)]])
  expect(calls.map(call => call.split(' ')[0])).toEqual(['GET', 'VERIFY', 'POST', 'VERIFY'])
  expect(publisher.file).toBe(join(temp, 'digicert-client-certificate-0123456789abcdef', 'client.p12'))
  expect(enabled).toEqual(['in use', 'new'])
  expect(secrets.calls).toEqual([])
})

test('a place that is not writable stops it before anything is issued', async () => {
  rmSync(temp, { recursive: true })
  const { error, calls } = await run()
  expect(error).toMatchObject({ code: 'FILE_WRITE', message: expect.stringContaining('private directory') })
  expect(calls.filter(call => call.startsWith('POST'))).toEqual([])
})

test('disables at once what cannot be handed over: nobody has it', async () => {
  const { error, enabled, log, publisher } = await run(() => rmSync(temp, { recursive: true }))
  expect(error).toMatchObject({ code: 'FILE_WRITE' })
  expect(enabled).toEqual(['in use'])
  expect(publisher.file).toBe('')
  expect(log.of('info').at(-1)).toMatch(/^Disabled the new certificate ".*" \(id new\)/)
})

test('a dry run shows that it can write, and leaves nothing', async () => {
  const { report } = await run(undefined, { dryRun: true })
  expect(report).toMatchObject({ dryRun: true, reason: 'due', rotated: false, targets: [] })
  expect(readdirSync(temp)).toEqual([])
})
