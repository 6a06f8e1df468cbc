import { expect, test } from '@jest/globals'
import { explainNoJson, explainRefusal } from '../../../src/digicert/errors.ts'

const request = (method: string, withKey = true) => ({
  method,
  path: '/account/list',
  origin: 'https://one.example',
  withKey,
})
const answer = (status: number, body = '', type = 'application/json') => ({
  status,
  headers: { 'content-type': type },
  body,
})

test.each([
  [429, 'request_limit_exceeded'],
  [429, ''],
  [403, 'request_limit_exceeded'],
  [400, 'REQUEST_LIMIT_EXCEEDED'],
  [503, 'request_limit_exceeded'],
])('%i with the code %j is a rate limit', (status, code) => {
  const error = explainRefusal(answer(status), { code, message: 'Slow down.' }, request('GET'))
  expect(error).toMatchObject({
    code: 'RATE_LIMITED',
    message: `one.example responded to GET /account/list with ${status} (${code === '' ? '' : `${code}: `}Slow down.).`,
    fix: expect.stringContaining('fewer jobs'),
  })
})

test('a 403 to a request for a certificate names who may issue, and the alternative for those who may not', () => {
  const said = { code: 'access_denied', message: 'No.' }
  const refused = explainRefusal(answer(403), said, request('POST'))
  expect(refused).toMatchObject({
    code: 'ACCESS_DENIED',
    message: 'one.example responded to POST /account/list with 403 (access_denied: No.).',
    why: expect.stringMatching(/inactive.*"Default" \(older name: "View user"\).*service users/),
    fix: expect.stringMatching(/every preset role.*administrator.*'mode: stored'/),
  })
  const other = explainRefusal(answer(403), said, request('GET'))
  expect(other.code).toBe('ACCESS_DENIED')
  expect([other.why, other.fix].join()).not.toMatch(/stored|Default/)
})

test('a refused API key: its end date may have passed last midnight, in UTC', () => {
  const error = explainRefusal(answer(401), { code: 'invalid_api_key', message: '' }, request('GET'))
  expect(error).toMatchObject({
    code: 'API_KEY_INVALID',
    why: expect.stringContaining('Users and keys expire at 23:59:59 UTC on their last day.'),
  })
})

test.each([
  [204, '', 'application/json'],
  [200, ' \r\n', 'text/html'],
])('%i with the body %j gets its proper name', (status, body, type) => {
  expect(explainNoJson(answer(status, body, type), request('POST'))).toMatchObject({
    code: 'RESPONSE_INVALID',
    message: `one.example responded to POST /account/list with ${status} but without a body.`,
    why: expect.stringContaining('dropped the body'),
  })
})

const SAID_NOTHING = { code: '', message: '' }
const page = (title: string, text = '') =>
  `<html><head><title>${title}</title></head><body><h1>${title}</h1>${text}</body></html>`

test.each([
  [405, /does not forward this method/],
  [407, /requires a user name and password/],
  [411, /does not forward a request without a body/],
  [413, /allows less than the few kB/],
  [414, /an address as long/],
  [415, /does not forward JSON/],
  [421, /does not serve this host name/],
  [426, /a version of HTTP or TLS/],
  [431, /a header as large/],
  [444, /responds by itself/],
  [451, /legal reasons/],
  [460, /responds by itself/],
  [463, /so many proxies/],
  [464, /responds by itself/],
  [494, /a header as large/],
  [495, /mTLS host was set as 'host': .* verifies client certificates/],
  [496, /mTLS host was set as 'host': .* requires a client certificate/],
  [497, /forwards plain HTTP/],
  [511, /captive portal/],
  [520, /Cloudflare/],
  [522, /Cloudflare/],
  [526, /Cloudflare/],
])('%i is about a front end, not about the values that were sent', (status, why) => {
  for (const body of ['', page('An error'), '{"message":"x"}']) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const type = body.startsWith('<') ? 'text/html' : 'application/json'
      const error = explainRefusal(answer(status, body, type), SAID_NOTHING, request(method))
      expect(error.why).toMatch(why)
      expect([error.why, error.fix].join()).not.toMatch(/'name'|'key-size'|'subject'|role|API key is wrong/)
    }
  }
})

test.each([
  [400, '400 Request Header Or Cookie Too Large', /a header as large/],
  [400, '400 The plain HTTP request was sent to HTTPS port', /plain HTTP/],
  [400, '400 No required SSL certificate was sent', /requires a client certificate/],
  [400, '400 The SSL certificate error', /does not accept what it received/],
  [400, 'Bad Request', /responds by itself/],
  [403, 'Attention Required! | Cloudflare', /firewall or gateway/],
  [403, 'Access Denied', /firewall or gateway/],
  [409, 'Conflict', /responds by itself/],
  [422, 'Unprocessable', /responds by itself/],
  [502, '502 Bad Gateway', /gets no response from the server behind/],
  [504, '504 Gateway Time-out', /gets no response from the server behind/],
])('%i with the page %j is about a front end, and names the page', (status, title, why) => {
  const error = explainRefusal(answer(status, page(title), 'text/html'), SAID_NOTHING, request('POST'))
  expect(error).toMatchObject({
    message: `one.example responded to POST /account/list with ${status} (a web page, "${title}").`,
    why: expect.stringMatching(why),
  })
  expect([error.why, error.fix].join()).not.toMatch(/'name'|'key-size'|role/)
})

test('what the server refuses in JSON is still about the values', () => {
  for (const status of [400, 409, 422]) {
    const said = { code: 'invalid_request', message: 'No.' }
    expect(explainRefusal(answer(status), said, request('POST')).fix).toContain("'key-size'")
  }
})

test.each(['Cannot perform Post-Handshake Authentication.', 'Renegotiation failed'])(
  'a 403 that says %j: the certificate is requested too late',
  text => {
    const body = page('403 Forbidden', `<p>Reason: ${text}<br /></p>`)
    expect(explainRefusal(answer(403, body, 'text/html'), SAID_NOTHING, request('GET'))).toMatchObject({
      code: 'REQUEST_REFUSED',
      why: expect.stringMatching(/only after the TLS handshake.*Node does not support/),
      fix: expect.stringMatching(/in the handshake.*'clientauth-host'/),
    })
  },
)

test('a rate limit where no key was sent does not mention one', () => {
  const error = explainRefusal(answer(429), SAID_NOTHING, request('GET', false))
  expect(error.code).toBe('RATE_LIMITED')
  expect([error.message, error.why, error.fix].join()).not.toMatch(/\bkey/)
  expect(explainRefusal(answer(429), SAID_NOTHING, request('GET')).why).toContain('per API key')
})

test.each([
  [400, 'invalid_request', 'Maximum number of client authentication certificates reached.'],
  [403, 'access_denied', 'The limit of 10 active certificates per user has been reached.'],
  [409, 'quota_exceeded', ''],
  [422, 'certificate_limit_exceeded', 'No more.'],
  [400, '', 'User already has too many certificates'],
  [400, '', 'Quota exceeded'],
])('%i %j %j: the limit of certificates is reached', (status, code, message) => {
  expect(explainRefusal(answer(status), { code, message }, request('POST'))).toMatchObject({
    code: 'REQUEST_REFUSED',
    why: expect.stringContaining('as many client authentication certificates as DigiCert ONE allows'),
    fix: expect.stringMatching(/disable certificates.*If disabled ones count as well.*another service user/),
  })
})

test.each([
  'Validity exceeds the maximum of 397 days',
  'The name exceeds the maximum length',
  'The certificate end date is beyond the limit',
  'Key size is above the maximum of this certificate profile',
  'This is a limited certificate',
])('%j is not a limit of certificates', message => {
  const error = explainRefusal(answer(400), { code: 'invalid_request', message }, request('POST'))
  expect(error.fix).toContain("'validity'")
})
