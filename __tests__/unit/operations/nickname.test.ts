import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  isOfRun,
  newNickname,
  nicknamePrefix,
  readRun,
  rotationNickname,
  runPrefix,
  runTag,
} from '../../../src/operations/nickname.ts'
import { constantRandom, fakeRandom } from '../../support/ports.ts'

test.each([
  ['nightly build', 'nightly build'],
  ['team/app@v1.2', 'team-app-v1-2'],
  ['  - x - ', 'x'],
  ['日本語', ''],
  ['a_b-c 1', 'a_b-c 1'],
  ['', ''],
])('%j becomes %j', (text, prefix) => {
  expect(nicknamePrefix(text)).toBe(prefix)
})

test('DigiCert accepts every nickname: its characters, 64 of them, without a space at either end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat({ max: 255 }), (text, byte) => {
      const nickname = newNickname(nicknamePrefix(text), constantRandom(byte))
      expect(nickname).toMatch(/^[A-Za-z0-9_][A-Za-z0-9 _-]{8,62}[a-z0-9]$/)
    }),
  )
})

test('contains the whole run id, however long the repository name is', () => {
  const name = fc.stringMatching(/^[\w.-]{1,100}\/[\w.-]{1,100}$/)
  fc.assert(
    fc.property(name, fc.nat({ max: 1e10 }), fc.integer({ min: 1, max: 99 }), (repository, id, attempt) => {
      expect(runPrefix(repository, `${id}-${attempt}`).endsWith(`${id}-${attempt}`)).toBe(true)
    }),
  )
  expect(runPrefix('octo/app', '')).toBe('octo-app')
})

test.each([
  ['nightly build', 'nightly build-18345678901-1'],
  ['team/app@v1.2', 'team-app-v1-2-18345678901-1'],
  ['日本語', '18345678901-1'],
  ['', '18345678901-1'],
  // Owner and repository both stay recognizable.
  [`${'a'.repeat(38)}/${'b'.repeat(30)}`, `${'a'.repeat(12)}-${'b'.repeat(26)}-18345678901-1`],
  [`${'a'.repeat(38)}/short`, `${'a'.repeat(33)}-short-18345678901-1`],
  // Cut without leaving two dashes in a row.
  [`${'a'.repeat(38)}-${'b'.repeat(30)}`, `${'a'.repeat(38)}-18345678901-1`],
])('%j names its run as %j', (text, prefix) => {
  expect(runPrefix(text, '18345678901-1')).toBe(prefix)
})

test('every nickname of a run fits DigiCert, and is recognized as that run’s and no other’s', () => {
  const run = fc.tuple(fc.nat({ max: 1e12 }), fc.integer({ min: 1, max: 999 })).map(part => part.join('-'))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), run, run, (text, own, other) => {
      const nickname = newNickname(runPrefix(text, own), fakeRandom())
      expect(nickname).toMatch(/^[A-Za-z0-9_][A-Za-z0-9 _-]{8,62}[a-z0-9]$/)
      expect(isOfRun(nickname, own)).toBe(true)
      if (!own.endsWith(`-${other}`) && own !== other) expect(isOfRun(nickname, other)).toBe(false)
    }),
  )
})

test.each([
  ['release-2025', false],
  ['octo-app-1234567890-1', false],
  ['octo-app-1234567890-2-abcdefghij', false],
  ['octo-app-91234567890-1-abcdefghij', false],
  ['1234567890-1-abcdefghij', true],
  ['octo-app-1234567890-1-abcdefghij', true],
])('%j is from run 1234567890-1: %s', (nickname, of) => {
  expect(isOfRun(nickname, '1234567890-1')).toBe(of)
})

test('without a run id, every nickname may be its own', () => {
  expect(isOfRun('octo-app-abcdefghij', '')).toBe(true)
})

test('two nicknames with one prefix differ', () => {
  const random = fakeRandom()
  expect(newNickname('a', random)).not.toBe(newNickname('a', random))
  expect(newNickname('', constantRandom(0))).toBe('aaaaaaaaaa')
})

test('reads back the run from what it wrote, whatever the name before it', () => {
  const id = fc.oneof(
    fc.integer({ min: 1, max: 99_999 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  )
  const attempt = fc.integer({ min: 1, max: 9999 })
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constantFrom('', 'app-1-2', '9-9-9', 'octo/app', `${'a'.repeat(38)}/${'b'.repeat(30)}`),
  )
  fc.assert(
    fc.property(text, id, attempt, fc.nat({ max: 255 }), (name, run, count, byte) => {
      const nickname = newNickname(runPrefix(name, runTag(String(run), String(count))), constantRandom(byte))
      expect(readRun(nickname)).toEqual({ id: String(run), attempt: count })
    }),
  )
})

test.each([
  ['octo-app-18345678901-1-abcdefghij', '18345678901', 1],
  ['42-3-abcdefghij', '42', 3],
  ['9-1834-1-abcdefghij', '1834', 1],
  ['nightly 2026-11-18345678901-12-2345678923', '18345678901', 12],
])('%s was made in run %s, attempt %i', (nickname, id, attempt) => {
  expect(readRun(nickname)).toEqual({ id, attempt })
})

test.each([
  ['no suffix', 'octo-app-18345678901-1'],
  ['a suffix too short', 'octo-app-18345678901-1-abcdefghi'],
  ['a suffix too long', 'octo-app-18345678901-1-abcdefghijk'],
  ['a suffix in upper case', 'octo-app-18345678901-1-ABCDEFGHIJ'],
  ['characters that no suffix has: l, o, 0, 1', 'octo-app-18345678901-1-ablo01efgh'],
  ['a leading zero of the id', 'octo-app-018345678901-1-abcdefghij'],
  ['a leading zero of the attempt', 'octo-app-18345678901-01-abcdefghij'],
  ['an id of 0', 'octo-app-0-1-abcdefghij'],
  ['an id too large for a number', 'octo-app-9007199254740992-1-abcdefghij'],
  ['an id of 40 digits', `octo-app-${'9'.repeat(40)}-1-abcdefghij`],
  ['no attempt', 'octo-app-18345678901-abcdefghij'],
  ['no dash before the id', 'octo-app18345678901-1-abcdefghij'],
  ['a dash first', '-18345678901-1-abcdefghij'],
  ['two dashes before the id', 'octo--18345678901-1-abcdefghij'],
  ['characters that DigiCert does not take', 'octo/app-18345678901-1-abcdefghij'],
  ['digits of another script', 'octo-app-١٢٣-1-abcdefghij'],
  ['more than 64 characters', `${'a'.repeat(50)}-18345678901-1-abcdefghij`],
  ['a line break', 'octo-app-18345678901-1-abcdefghij\n'],
  ['something before a line break', 'x\n18345678901-1-abcdefghij'],
  ['nothing', ''],
])('made in no run: %s', (_why, nickname) => {
  expect(readRun(nickname)).toBeUndefined()
})

test('a rotation nickname was made in no run', () => {
  expect(readRun(rotationNickname('app-18345678901-1', 'ABCDEF', fakeRandom()))).toBeUndefined()
  expect(readRun(newNickname(nicknamePrefix('octo/app'), fakeRandom()))).toBeUndefined()
})
