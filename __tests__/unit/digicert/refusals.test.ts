import { expect, test } from '@jest/globals'
import { explainNoJson, explainRefusal } from '../../../src/digicert/errors.ts'

const request = (method: string) => ({ method, path: '/account/list', origin: 'https://one.example' })
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
    message: `one.example answered GET /account/list with ${status} (${code === '' ? '' : `${code}: `}Slow down.).`,
    fix: expect.stringContaining('fewer jobs'),
  })
})

test('a 403 to a request for a certificate names who may issue, and the way for those who may not', () => {
  const said = { code: 'access_denied', message: 'No.' }
  const refused = explainRefusal(answer(403), said, request('POST'))
  expect(refused).toMatchObject({
    code: 'ACCESS_DENIED',
    message: 'one.example answered POST /account/list with 403 (access_denied: No.).',
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
    why: expect.stringContaining('End dates of users and keys are whole days and pass at 23:59:59 UTC.'),
  })
})

test.each([
  [204, '', 'application/json'],
  [200, ' \r\n', 'text/html'],
])('%i with the body %j is called what it is', (status, body, type) => {
  expect(explainNoJson(answer(status, body, type), request('POST'))).toMatchObject({
    code: 'RESPONSE_INVALID',
    message: `one.example answered POST /account/list with ${status} but without a body.`,
    why: expect.stringContaining('dropped the body'),
  })
})
