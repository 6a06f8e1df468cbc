// The model of the runner's masker does what the tests of actions/runner require (HostContextL0, ActionCommandManagerL0).
import { describe, expect, test } from '@jest/globals'
import { RunnerMasker } from '../support/runner-masker.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

function knowing(...secrets: string[]): RunnerMasker {
  const masker = new RunnerMasker()
  for (const secret of secrets) masker.addSecret(secret)
  return masker
}

describe('of these secrets', () => {
  const masker = knowing(
    'Password123!',
    'Pass"word"123!',
    'Pass word 123!',
    'Pass<word>123!',
    "Pass'word'123!",
    '"Password123!!"',
    '"short"',
  )

  test.each([
    ['123Password123!123', '123***123'],
    ['password123', 'password123'],
    ['123Pass\\"word\\"123!123', '123***123'],
    ['123Pass%20word%20123%21123', '123***123'],
    ['123Pass&lt;word&gt;123!123', '123***123'],
    ["123Pass''word''123!123", '123***123'],
    ['123Password123!!123', '123***123'],
    ['123short123', '123short123'],
    ['123"short"123', '123***123'],
  ])('%s is shown as %s', (line, shown) => {
    expect(masker.mask(line)).toBe(shown)
  })

  test.each([
    [':', 'OlBh***'],
    ['a:', 'YTpQ***'],
    ['ab:', 'YWI6***'],
    ['abc:', 'YWJjOlBh***'],
    ['abcd:', 'YWJjZDpQ***'],
    ['abcde:', 'YWJjZGU6***'],
  ])('after %j, masks base64 wherever it begins', (before, shown) => {
    expect(masker.mask(base64(`${before}Password123!`))).toBe(shown)
  })
})

test.each([
  ['secret&secret&secret', 'secret&secret&<secret>', '***<***>'],
  ['secret&secret+secret', 'secret&<secret+secret>', '***<***>'],
  ['secret+secret&secret', 'secret+secret&<secret>', '***<***>'],
  ['secret&secret&+secretsecret', 'secret&secret&+<s>ecretsecret', '***<s>***'],
  ['secret&+secret&secret', 'secret&+<s>ecret&secret', '***<s>***'],
  ['secret&+secret&+secret', 'secret&+<s>ecret&+secret', '***<s>***'],
  ['secret&+secret&secret&+secret', 'secret&+<s>ecret&secret&+secret', '***<s>***'],
  ['secret&secret&+', 'secret&secret&+<>', '***<>'],
  ['a&b', 'a& b', 'a& b'],
])('masks the parts of %s that PowerShell colors separately, except short ones', (secret, line, shown) => {
  expect(knowing(secret).mask(line)).toBe(shown)
})

test('add-mask masks the data and each line of it, however short, but nothing blank', () => {
  const masker = new RunnerMasker()
  masker.addMask('abc\rdef\nghi\r\njkl')
  masker.addMask(' \r  \n   \r\n    \r')
  for (const line of ['abc', 'def', 'ghi', 'jkl', 'abc\rdef\nghi\r\njkl'])
    expect(masker.mask(line)).toBe('***')
  for (const blank of ['', ' ', '  ', '   ', '    ']) expect(masker.mask(blank)).toBe(blank)
  masker.addMask('x\n=')
  expect(masker.mask('a=b')).toBe('a***b')
})

test('add-mask takes its data as is, and a secret is trimmed', () => {
  const masker = new RunnerMasker()
  masker.addMask('abcd ')
  expect(masker.values).toContain('abcd ')
  expect(masker.values).toContain('abcd')
  expect(knowing(' abcd ').values).not.toContain(' abcd ')
})

test('overlapping or adjacent matches become one row of stars', () => {
  expect(knowing('abcd', 'cdef').mask('xabcdefx')).toBe('x***x')
  expect(knowing('abcd', 'efgh').mask('xabcdefghx')).toBe('x***x')
  expect(knowing('aa').mask('xaaax')).toBe('x***x')
  expect(knowing('abcdef', 'cd').mask('abcdefcd')).toBe('***')
})

test.each([
  ['letters and digits of whole bytes: itself and three times base64', 'abcdef', 4],
  ['base64 with a plus, a slash and padding: those of a URL as well', 'ab+/ef==', 5],
  ['a quote: arguments and JSON agree, XML and URL do not', 'abc"ef', 7],
  ['a text of two lines that are the same', 'abcdef\nabcdef', 10],
])('%s', (_what, value, count) => {
  const masker = new RunnerMasker()
  masker.addMask(value)
  masker.addMask(value)
  expect(masker.values.size).toBe(count)
})

test.each([
  ['a/b\tc', 'a/b\\tc'],
  ['a\u0001b', 'a\\u0001b'],
  ['a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
  ['ä€\u{1f511}', 'ä€\u{1f511}'],
])('JSON of %j is %s', (value, json) => {
  expect(knowing(value).values).toContain(json)
})

test("a URL escapes everything except RFC 3986's unreserved characters, in UTF-8", () => {
  expect(knowing("a-._~!'()*ä b").values).toContain('a-._~%21%27%28%29%2A%C3%A4%20b')
})
