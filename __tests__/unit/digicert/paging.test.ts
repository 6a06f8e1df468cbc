import { expect, test } from '@jest/globals'
import type { PageEnd } from '../../../src/digicert/json.ts'
import { nextPage, UserIdWanted, userIdWanted, withUserId } from '../../../src/digicert/paging.ts'
import { ActionError } from '../../../src/errors.ts'

const ORIGIN = 'https://one.example'
const PATH = '/account/list'

test.each([
  ['<https://one.example/account/list?page=2>; rel="next"', '/account/list?page=2'],
  ['</account/list?page=2>; rel=next', '/account/list?page=2'],
  ['<?page=2>; rel="next"', '/account/list?page=2'],
  ['<?page=0>; rel="prev", <?page=2>; rel="next"', '/account/list?page=2'],
  ['<?page=2>; title="x"; REL="last next"', '/account/list?page=2'],
  ['<?ids=1,2>; rel="next"', '/account/list?ids=1,2'],
  ['<https://inner.gateway/account/list?page=2>; rel="next"', '/account/list?page=2'],
  ['<https://one.example//account//list?next=//>; rel="next"', '/account/list?next=//'],
  ['<?page=0>; rel="prev"', undefined],
  ['<?page=0>; rel="prev"; title="next"', undefined],
  ['<http://[>; rel="next"', undefined],
  ['nonsense', undefined],
])('Link %j leads to %s', (link, next) => {
  expect(nextPage(PATH, page(3), answer({ link }), ORIGIN)).toBe(next)
})

test('several Link headers count as one', () => {
  const link = ['<?page=0>; rel="prev"', '<?page=2>; rel="next"']
  expect(nextPage(PATH, page(3), answer({ link }), ORIGIN)).toBe('/account/list?page=2')
})

test.each([
  [PATH, page(100, { offset: 0, total: 250 }), `${PATH}?offset=100`],
  [`${PATH}?offset=100`, page(100, { offset: 100, total: 250 }), `${PATH}?offset=200`],
  [`${PATH}?offset=200`, page(50, { offset: 200, total: 250 }), undefined],
  [PATH, page(100, { offset: 0 }), `${PATH}?offset=100`],
  [PATH, page(100, { total: 250 }), `${PATH}?offset=100`],
  [`${PATH}?offset=100`, page(100, { total: 250 }), `${PATH}?offset=200`],
  [`${PATH}?limit=100`, page(100, { offset: 0, total: 250 }), `${PATH}?limit=100&offset=100`],
  [PATH, page(100), undefined],
])('after %s the envelope leads on', (path, list, next) => {
  expect(nextPage(path, list, answer({}), ORIGIN)).toBe(next)
})

test.each([
  [PATH, `${PATH}?user_id=u%2F1`],
  [`${PATH}?cursor=a+b%2B`, `${PATH}?cursor=a+b%2B&user_id=u%2F1`],
  [`${PATH}?user_id=other`, `${PATH}?user_id=other`],
  [`${PATH}?limit=2&user_id=other`, `${PATH}?limit=2&user_id=other`],
  [`${PATH}?by_user_id=1`, `${PATH}?by_user_id=1&user_id=u%2F1`],
])('%s with the user: %s', (path, asked) => {
  expect(withUserId(path, 'u/1')).toBe(asked)
})

test.each([
  [400, '{"errors":[{"code":"invalid_request","message":"user_id is required"}]}', true],
  [400, "Required request parameter 'userId' for method parameter type String is not present", true],
  [400, '{"errors":[{"code":"invalid_request","message":"limit is too large"}]}', false],
  [403, '{"errors":[{"code":"access_denied","message":"user_id is required"}]}', false],
  [400, '', false],
])('%i %s requires a user id: %s', (status, body, wanted) => {
  const reason = new ActionError('REQUEST_REFUSED', { what: 'what', why: 'why', fix: 'fix' })
  const error = userIdWanted.ofAnswer({ status, headers: {}, body }, reason)
  expect(error instanceof UserIdWanted).toBe(wanted)
  if (wanted) expect(error).toMatchObject({ message: 'what', reason })
})

function page(entries: number, { offset, total }: { offset?: number; total?: number } = {}): PageEnd {
  return { entries, offset, total }
}

function answer(headers: Record<string, string | string[]>) {
  return { status: 200, headers, body: '' }
}
