import { expect, test } from '@jest/globals'
import {
  choice,
  duration,
  exactText,
  flag,
  integer,
  list,
  missing,
  text,
} from '../../../src/action/fields.ts'

const SECRET = 'Tr0ub4dor-and-3'
const given = <T>(value: string, read: (env: NodeJS.ProcessEnv) => T) => read({ 'INPUT_A-B': value })
const INVALID = expect.objectContaining({ code: 'INPUT_INVALID' })

test('text is trimmed, or used as is where that matters', () => {
  expect(given(' x\n', env => text(env, 'a-b'))).toBe('x')
  expect(given(' x\n', env => exactText(env, 'a-b'))).toBe(' x\n')
  expect(text({}, 'not-set')).toBe('')
})

test.each([
  ['true', true],
  ['True', true],
  ['FALSE', false],
  ['', true],
])('flag %j is %s', (value, expected) => {
  expect(given(value, env => flag(env, 'a-b', true))).toBe(expected)
})

test.each(['yes', '1', 'on', 'tRUE'])('%j is not a flag', value => {
  expect(() => given(value, env => flag(env, 'a-b', true))).toThrow(INVALID)
})

test.each([
  ['', 4],
  ['0', 0],
  ['20', 20],
  [' 7 ', 7],
])('integer %j is %i', (value, expected) => {
  expect(given(value, env => integer(env, 'a-b', 4, 0, 20))).toBe(expected)
})

test.each(['21', '-1', '1.0', '1e1', '0x1', '٣', '99999999999'])(
  '%j is not an integer from 0 to 20',
  value => {
    expect(() => given(value, env => integer(env, 'a-b', 4, 0, 20))).toThrow(INVALID)
  },
)

test('the first choice is the default, and case is ignored', () => {
  const read = (env: NodeJS.ProcessEnv) => choice(env, 'a-b', ['issue', 'stored'])
  expect(given('', read)).toBe('issue')
  expect(given(' Stored', read)).toBe('stored')
})

test('a list is split at commas and line breaks', () => {
  expect(given('A, B\r\nC\n\n,D', env => list(env, 'a-b'))).toEqual(['A', 'B', 'C', 'D'])
  expect(given(' ', env => list(env, 'a-b'))).toEqual([])
})

test.each<[string, (env: NodeJS.ProcessEnv) => unknown]>([
  ['flag', env => flag(env, 'a-b', true)],
  ['duration', env => duration(env, 'a-b', '1d')],
  ['integer', env => integer(env, 'a-b', 1, 0, 9)],
  ['choice', env => choice(env, 'a-b', ['x'])],
])('names an invalid %s without repeating it', (_name, read) => {
  const error = thrown(() => given(SECRET, read))
  expect(error.message).toContain("'a-b'")
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain(SECRET)
})

test('explains an empty secret by forks', () => {
  expect(missing('api-key')).toMatchObject({
    code: 'INPUT_MISSING',
    why: expect.stringMatching(/^The secret belongs to an environment .* `environment:`.*fork/),
    fix: expect.stringMatching(
      /^If the secret belongs to an environment, add `environment: .* to the job\..*`api-key: /,
    ),
  })
})

function thrown(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
