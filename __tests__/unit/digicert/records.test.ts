import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parsePage } from '../../../src/digicert/json.ts'
import {
  parseCertificateRecord,
  parseListedRecord,
  parseServerError,
  parseUser,
  readEnabled,
} from '../../../src/digicert/records.ts'
import { ActionError } from '../../../src/errors.ts'

const parseListPage = (value: unknown) => parsePage(value, parseListedRecord, 'a list of certificates')
const INVALID = expect.objectContaining({ code: 'RESPONSE_INVALID' })

test('a certificate record needs an id, and nothing else', () => {
  expect(parseCertificateRecord({ id: 'a-1' })).toEqual({
    id: 'a-1',
    name: '',
    userId: '',
    publicKey: '',
    serialNumber: '',
    enabled: undefined,
    startDate: undefined,
    endDate: undefined,
    certificate: '',
    caCertificates: '',
  })
  expect(parseCertificateRecord({ id: 42, user_id: 7 })).toMatchObject({ id: '42', userId: '7' })
})

test.each([
  {},
  { id: '' },
  { id: '../x' },
  { id: 'a/b' },
  { id: 'a b' },
  { id: '-' },
  { id: '.' },
  { id: null },
  { id: 'x'.repeat(101) },
])('rejects an id that could change a URL: %j', value => {
  expect(() => parseCertificateRecord(value)).toThrow(INVALID)
})

test('ignores fields of an undocumented type', () => {
  const record = parseCertificateRecord({
    id: 'a',
    name: 7,
    enabled: 'true',
    end_date: 0,
    start_date: 'x',
    x509_cert: [],
  })
  expect(record).toMatchObject({
    name: '',
    enabled: undefined,
    endDate: undefined,
    startDate: undefined,
    certificate: '',
  })
})

test('certificates may come as a list of texts', () => {
  expect(parseCertificateRecord({ id: 'a', x509_cert: ['A', null, 'B'], ca_cert: [] })).toMatchObject({
    certificate: 'A\nB',
    caCertificates: '',
  })
})

test('a user has an id, a name of some kind, and the permissions of all applications', () => {
  const applications = [{ permissions: ['A', 7, 'B'] }, { permissions: 'C' }, null, { permissions: ['D'] }]
  expect(parseUser({ id: 'u', email: 'a@b.c', status: 'ACTIVE', applications })).toEqual({
    id: 'u',
    name: 'a@b.c',
    status: 'ACTIVE',
    permissions: ['A', 'B', 'D'],
  })
  expect(parseUser({ id: 'u', friendly_name: 'Builder', email: 'a@b.c' }).name).toBe('Builder')
  expect(parseUser({ id: 7, created: {}, applications: null }).id).toBe('7')
  expect(() => parseUser({ email: 'a@b.c' })).toThrow(INVALID)
})

test.each([
  [{ errors: [{ code: 'a', message: 'b' }] }, 'a', 'b'],
  [{ error: { code: 'a', message: 'b' } }, 'a', 'b'],
  [{ error: { status: 'a', message: 'b' } }, 'a', 'b'],
  [{ errors: [] }, '', ''],
  [{ error: 'words' }, '', 'words'],
  [{ message: 'words' }, '', 'words'],
  [{ errors: ['words'] }, '', 'words'],
  [{ timestamp: 't', status: 500, error: 'Internal Server Error', path: '/p' }, '', 'Internal Server Error'],
  [{ timestamp: 't', status: 400, error: 'Bad Request', message: 'words', path: '/p' }, '', 'words'],
  [{ status: 400, error: 'Bad Request', message: '', path: '/p' }, '', 'Bad Request'],
  [{ error: 'Bad Request', code: 'a_b', message: 'words' }, 'a_b', 'words'],
  [{ error: 'request_limit_exceeded', message: 'words' }, 'request_limit_exceeded', 'words'],
  [{ code: 'a', message: 'words' }, 'a', 'words'],
  [[], '', ''],
  [null, '', ''],
])('server error %j', (value, code, message) => {
  expect(parseServerError(value)).toEqual({ code, message })
})

test.each([
  [[{ id: 'a' }], 1, undefined, undefined],
  [{ items: [{ id: 'a' }], total: 3, offset: 0 }, 1, 3, 0],
  [{ items: [], total: -1, offset: 1.5 }, 0, undefined, undefined],
])('list %j', (value, count, total, offset) => {
  const page = parseListPage(value)
  expect(page.records).toHaveLength(count)
  expect(page).toMatchObject({ total, offset })
})

test.each([null, 'x', {}, { items: {} }, [null], { items: [{}] }])('%j is not a list', value => {
  expect(() => parseListPage(value)).toThrow(INVALID)
})

test.each([
  ['{"enabled":false}', false],
  ['{"enabled":true}', true],
  ['{"enabled":"no"}', undefined],
  ['[]', undefined],
  ['', undefined],
  ['OK', undefined],
])('the response %j says enabled: %s', (body, enabled) => {
  expect(readEnabled(body)).toBe(enabled)
})

test('any JSON is either read or refused with an explanation', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      for (const read of [parseCertificateRecord, parseUser, parseListPage, parseServerError]) {
        try {
          read(value)
        } catch (error) {
          expect(error).toBeInstanceOf(ActionError)
        }
      }
    }),
  )
})
