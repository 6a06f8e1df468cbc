import { expect, test } from '@jest/globals'
import { ActionError, ERROR_CODES, type ErrorCode } from '../../../src/errors.ts'
import { explainNetwork } from '../../../src/net/errors.ts'
import { OWN_CERTIFICATE, OWN_CHAIN } from '../../../src/net/native-codes.ts'
import { failedInstead, makesUnusable, REASONS, type Stage } from '../../../src/operations/fallback.ts'
import { notVerified } from '../../../src/operations/preflight/errors.ts'

const WORDS = { what: 'It failed.', why: 'A reason.', fix: 'Mend it.' }
const falling = (stage: Stage) =>
  ERROR_CODES.filter(code => makesUnusable(new ActionError(code, WORDS), stage))

const OF_THE_P12: ErrorCode[] = [
  'P12_ENCODING',
  'P12_MALFORMED',
  'P12_PASSWORD',
  'P12_UNSUPPORTED',
  'P12_LIMIT',
  'P12_NO_KEY',
  'P12_NO_CERTIFICATE',
  'P12_KEY_MISMATCH',
  'CERT_EXPIRED',
  'CERT_EXPIRING',
  'CERT_NOT_YET_VALID',
  'CERT_DISABLED',
  'CERT_UNKNOWN',
]

test('classifies every code, in the order of src/errors.ts', () => {
  expect(Object.keys(REASONS)).toEqual([...ERROR_CODES])
})

test('only what is wrong with the P12 or its certificate is a reason', () => {
  expect(falling('using')).toEqual(OF_THE_P12)
})

test('so is an empty input, or a missing file', () => {
  expect(falling('reading')).toEqual(['INPUT_MISSING', 'FILE_READ', ...OF_THE_P12])
})

/** What a native TLS failure becomes, at a host that gets the certificate. */
const tlsFailure = (code: string) =>
  explainNetwork(Object.assign(new Error(code), { code }), 'clientauth.example', {
    what: native => `No TLS connection (${native}).`,
    fixes: { network: 'Look at the network.' },
  })

test.each([
  [OWN_CERTIFICATE, true],
  ['ERR_SSL_EE_KEY_TOO_SMALL', true],
  [OWN_CHAIN, false],
  ['EPROTO', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false],
])('of the TLS failures, %s: %s', (native, expected) => {
  const error = tlsFailure(native)
  expect(error.code).toBe('TLS_FAILED')
  expect(makesUnusable(error, 'using')).toBe(expected)
  expect(makesUnusable(notVerified(error), 'using')).toBe(false)
})

test('a bug in this action is not a reason', () => {
  expect(makesUnusable(new TypeError('x is undefined'), 'using')).toBe(false)
  expect(makesUnusable(undefined, 'reading')).toBe(false)
})

test('when both fail, reports both in order, with the code of the latter and both fixes', () => {
  const first = new ActionError('CERT_EXPIRED', { what: 'It expired.', why: 'Time.', fix: 'Replace it.' })
  const second = new ActionError('ACCESS_DENIED', { what: 'It said 403.', why: 'A role.', fix: 'Add it.' })
  const error = failedInstead(first, second)
  expect(error).toMatchObject({
    code: 'ACCESS_DENIED',
    message:
      'The stored P12 cannot be used (CERT_EXPIRED): It expired. Issuing a certificate for this job instead failed: It said 403.',
    why: 'A role.',
    fix: 'Add it. Or make the stored P12 usable: Replace it.',
    cause: second,
  })
})
