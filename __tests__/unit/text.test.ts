import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { abridged, clean } from '../../src/text.ts'

test.each([
  ['a\u001b[31mred\u001b[0m word', 'ared word'],
  ['line\r\nbreak', 'line break'],
  ['##[error]pwned', '# #[error]pwned'],
  ['#\u200b#[error]', '# #[error]'],
  ['##\u001b[0m[error]', '# #[error]'],
  ['a\u202eb\u2066c', 'a b c'],
  ['\ud800 alone', 'alone'],
  ['Bücher 日本 🔑', 'Bücher 日本 🔑'],
])('%j becomes %j', (text, expected) => {
  expect(clean(text)).toBe(expected)
})

test.each([undefined, null, 7, {}, ['x'], true])('%j is not text', value => {
  expect(clean(value)).toBe('')
})

test('whatever a server says is one line without control characters, of limited length', () => {
  const piece = fc.constantFrom(
    '\u001b[',
    '31m',
    '##',
    '[',
    '\r',
    '\n',
    '::error::',
    '\u200b',
    '\u2028',
    'x',
    '🔑',
  )
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 50 }), (text, limit) => {
      const said = clean(text, limit)
      expect(said).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|##\[/u)
      expect([...said].length).toBeLessThanOrEqual(limit)
      expect(said.isWellFormed()).toBe(true)
    }),
  )
})

test('cleaning clean text changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(clean(clean(text, 1e6), 1e6)).toBe(clean(text, 1e6))
    }),
  )
})

test('a shortened text keeps its beginning and its end, and no half of a character', () => {
  expect(abridged('short', 20)).toBe('short')
  expect(abridged('a beginning, much between, and the end.', 20)).toBe('a begin…and the end.')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 60 }), (text, limit) => {
      const short = abridged(text, limit)
      expect([...short].length).toBeLessThanOrEqual(limit)
      expect(short.isWellFormed()).toBe(text.isWellFormed())
    }),
  )
})
