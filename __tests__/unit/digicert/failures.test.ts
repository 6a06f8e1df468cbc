import { expect, test } from '@jest/globals'
import { explainExchange, explainRefusal, isNicknameTaken } from '../../../src/digicert/errors.ts'
import { ExchangeError } from '../../../src/net/endpoint.ts'
import { ProxyFailure } from '../../../src/net/errors.ts'
import { isBrokenOff, isCertificateAlert, nativeCode } from '../../../src/net/native-codes.ts'

const REQUEST = { method: 'GET', path: '/account/x', origin: 'https://one.example:8443', withKey: true }

test.each([
  ['ENOTFOUND', 'HOST_NOT_FOUND'],
  ['EAI_AGAIN', 'HOST_NOT_FOUND'],
  ['ERR_CONNECT_TIMEOUT', 'TIMEOUT'],
  ['ETIMEDOUT', 'TIMEOUT'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS_UNTRUSTED'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS_UNTRUSTED'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'TLS_UNTRUSTED'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS_NAME_MISMATCH'],
  ['CERT_HAS_EXPIRED', 'TLS_SERVER_EXPIRED'],
  ['CERT_NOT_YET_VALID', 'TLS_SERVER_EXPIRED'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS_FAILED'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TLS_FAILED'],
  ['EPROTO', 'TLS_FAILED'],
  ['ECONNREFUSED', 'CONNECTION_FAILED'],
  ['ECONNRESET', 'CONNECTION_FAILED'],
  ['EHOSTUNREACH', 'CONNECTION_FAILED'],
  ['', 'CONNECTION_FAILED'],
])('%j is %s, with the host, a cause and a fix', (code, expected) => {
  const native = Object.assign(new Error('words of Node'), code === '' ? {} : { code })
  const error = explainExchange(new ExchangeError(true, native), REQUEST.origin, 30_000)
  expect(error.code).toBe(expected)
  expect(error.message).toContain('one.example:8443')
  expect(error.cause).toBe(native)
  for (const words of [error.message, error.why, error.fix]) expect(words).toMatch(/\S.*\.$/)
})

test('a proxy reports its own failures', () => {
  const failure = new ProxyFailure('it responded with status 407', {
    isLasting: true,
    why: 'Why.',
    fix: 'Fix.',
  })
  const error = explainExchange(new ExchangeError(false, failure), REQUEST.origin, 30_000)
  expect(error).toMatchObject({
    code: 'PROXY_REFUSED',
    message: 'The proxy opened no connection to one.example:8443: it responded with status 407.',
    why: 'Why.',
    fix: 'Fix.',
    cause: failure,
  })
})

test.each([
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /intermediate/],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', /does not serve that name/],
])('%s: names the likely cause', (code, why) => {
  const native = Object.assign(new Error('words of Node'), { code })
  expect(explainExchange(new ExchangeError(false, native), REQUEST.origin, 30_000).why).toMatch(why)
})

test('several addresses that refused count as one refusal', () => {
  const refused = Object.assign(new Error(''), { code: 'ECONNREFUSED' })
  expect(nativeCode(new AggregateError([refused, refused], ''))).toBe('ECONNREFUSED')
})

test.each([undefined, null, 'text', 7, new Error('x'), { code: 7 }, { errors: [] }])(
  '%p has no code',
  error => {
    expect(nativeCode(error)).toBe('')
  },
)

test.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', true],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', true],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', true],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', true],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN', true],
  ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', true],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', false],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', false],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false],
  ['CERT_HAS_EXPIRED', false],
  ['ECONNRESET', false],
])('%s is about our certificate: %s', (code, expected) => {
  expect(isCertificateAlert(new ExchangeError(true, { code }))).toBe(expected)
})

test('a connection that closes without an alert is broken off; an alert is a refusal', () => {
  for (const code of ['ECONNRESET', 'EPIPE'])
    expect(isBrokenOff(new ExchangeError(true, { code }))).toBe(true)
  expect(isBrokenOff(new ExchangeError(true, { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' }))).toBe(false)
})

test.each([
  ['GET', 400, '', 'REQUEST_REFUSED'],
  ['POST', 400, 'duplicate_error', 'REQUEST_REFUSED'],
  ['GET', 401, '', 'API_KEY_INVALID'],
  ['GET', 403, '', 'ACCESS_DENIED'],
  ['POST', 404, 'resource_not_found', 'WRONG_HOST'],
  ['PUT', 404, '', 'WRONG_HOST'],
  ['PUT', 404, 'resource_not_found', 'NOT_FOUND'],
  ['POST', 413, '', 'REQUEST_REFUSED'],
  ['POST', 302, '', 'WRONG_HOST'],
  ['POST', 429, '', 'RATE_LIMITED'],
  ['POST', 500, '', 'SERVER_ERROR'],
  ['POST', 599, '', 'SERVER_ERROR'],
])('%s with response %i (%s) is %s', (method, status, code, expected) => {
  const error = explainRefusal(
    { status, headers: {}, body: '' },
    { code, message: 'm' },
    { ...REQUEST, method },
  )
  expect(error.code).toBe(expected)
  expect(error.message).toContain(`one.example:8443 responded to ${method} /account/x with ${status}`)
})

test.each([
  [{ code: 'duplicate_error', message: '' }, true],
  [{ code: 'DUPLICATE_NAME', message: '' }, true],
  [{ code: 'x', message: 'Nickname "a" already exists. Enter a different nickname.' }, true],
  [{ code: 'x', message: 'A user already exists.' }, false],
  [{ code: '', message: '' }, false],
])('%j means a taken nickname: %s', (said, expected) => {
  expect(isNicknameTaken(said)).toBe(expected)
})
