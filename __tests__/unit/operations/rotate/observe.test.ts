import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../../src/digicert/clientauth.ts'
import { ActionError, type ErrorCode } from '../../../../src/errors.ts'
import type { Target } from '../../../../src/github/target.ts'
import { observe, openStored } from '../../../../src/operations/rotate/observe.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { type FakeSecrets, fakeSecrets } from '../../../support/fake-secrets.ts'
import {
  APP,
  type InUse,
  inDays,
  inUse,
  OWN,
  PASSWORD,
  rotatePorts,
  rotateRequest,
  targetsOf,
} from '../../../support/in-use.ts'
import type { FakeLog } from '../../../support/ports.ts'

const GOOD = await inUse(200)
const DATES = { [OWN]: inDays(-90), [APP]: inDays(-89) }

function fails(code: ErrorCode) {
  return () => {
    throw new ActionError(code, { what: `It says ${code}.`, why: 'Why.', fix: 'Fix.' })
  }
}

const refuses = () => {
  throw new CertificateRefused('403.', undefined)
}

async function run(
  stored: InUse = GOOD,
  digicert: FakeDigicert = fakeDigicert({ records: [stored.record] }),
  secrets: FakeSecrets = fakeSecrets(DATES),
  changes: Parameters<typeof rotateRequest>[1] = {},
  targets?: Target[],
) {
  const request = rotateRequest(stored.p12, changes)
  const ports = rotatePorts(digicert, secrets, targets)
  const log = ports.log as FakeLog
  const outcome = await openStored(request, ports)
    .then(opened => observe(opened, ports))
    .then(seen => ({ seen, error: undefined }))
    .catch((error: unknown) => ({ seen: undefined, error }))
  const { masked } = ports
  return { ...outcome, digicert, secrets, masked, warnings: log.of('warning') }
}

test('sees what is in use, what the targets say, and that it works', async () => {
  const { seen, digicert, warnings } = await run(GOOD, undefined, fakeSecrets({ [OWN]: inDays(-90) }))
  expect(seen).toMatchObject({ stored: { record: { id: 'in use' } }, refused: false })
  expect(seen?.targets.map(({ name, updatedAt }) => [name, updatedAt])).toEqual([
    [OWN, inDays(-90)],
    [APP, undefined],
  ])
  expect([...digicert.calls].sort()).toEqual(['GET', 'VERIFY'])
  expect(warnings).toEqual([])
})

test('masks the key before any request', async () => {
  const { masked } = await run()
  expect(masked).toEqual([{ pem: expect.stringMatching(/^-----BEGIN PRIVATE KEY-----/), asked: 0 }])
})

test("a certificate that the API does not list is somebody else's: decides nothing", async () => {
  const others = [record('other', { serialNumber: 'AA' }), record('another', { serialNumber: 'BB' })]
  const { error } = await run(GOOD, fakeDigicert({ records: others }))
  expect(error).toMatchObject({
    code: 'CERT_UNKNOWN',
    message: expect.stringMatching(/\(serial number C0\) in 'p12' is not among the 2 certificates/),
    fix: expect.stringContaining("'api-key'"),
  })
})

test('finds a serial number that the API writes differently', async () => {
  const { seen } = await run(GOOD, fakeDigicert({ records: [{ ...GOOD.record, serialNumber: '00:c0' }] }))
  expect(seen?.stored.record.id).toBe('in use')
})

test('a certificate that is refused: a diagnosis as a warning, and the rotation continues', async () => {
  const disabled = { ...GOOD.record, enabled: false }
  const { seen, warnings } = await run(GOOD, fakeDigicert({ records: [disabled], verify: refuses }))
  expect(seen?.refused).toBe(true)
  expect(warnings).toEqual([expect.stringMatching(/is disabled/)])
})

test('does not try an expired one: its refusal would say nothing', async () => {
  const expired = await inUse(-3)
  const digicert = fakeDigicert({ records: [expired.record], verify: refuses })
  const { seen } = await run(expired, digicert)
  expect(seen?.refused).toBe(false)
  expect(digicert.calls).not.toContain('VERIFY')
})

test('an mTLS host that is down is not a refusal: decides nothing', async () => {
  const { error } = await run(GOOD, fakeDigicert({ records: [GOOD.record], verify: fails('SERVER_ERROR') }))
  expect(error).toMatchObject({ code: 'SERVER_ERROR' })
})

test.each<[ErrorCode, string]>([
  ['SERVER_ERROR', 'list'],
  ['GITHUB_PERMISSION', 'find'],
])('%s: does not guess what it cannot see (%s)', async (code, what) => {
  const records = [GOOD.record]
  const digicert = what === 'list' ? fakeDigicert({ list: fails(code) }) : fakeDigicert({ records })
  const secrets = fakeSecrets(DATES, what === 'find' ? { find: fails(code) } : {})
  const { error } = await run(GOOD, digicert, secrets)
  expect(error).toMatchObject({ code })
})

test('warns when no target feeds this workflow, because the next run reads the P12 from here', async () => {
  const { seen, warnings } = await run(GOOD, undefined, undefined, {}, targetsOf(APP))
  expect(seen).toBeDefined()
  expect(warnings).toEqual([expect.stringMatching(/^None of 'targets' is this workflow's own/)])
})

test('drops a line break after the password, and says so', async () => {
  const { seen, warnings } = await run(GOOD, undefined, undefined, { password: `${PASSWORD}\n` })
  expect(seen).toBeDefined()
  expect(warnings).toEqual([expect.stringMatching(/'p12-password' ends in a line break/)])
})

test('a wrong password stops it before any request', async () => {
  const { error, digicert, secrets } = await run(GOOD, undefined, undefined, { password: 'not this one' })
  expect(error).toMatchObject({ code: 'P12_PASSWORD' })
  expect([...digicert.calls, ...secrets.calls]).toEqual([])
})
