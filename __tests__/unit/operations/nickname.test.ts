import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isOfRun, newNickname, nicknamePrefix, runPrefix } from '../../../src/operations/nickname.ts'
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

test('DigiCert takes every nickname: its characters, 64 of them, no space at an end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat({ max: 255 }), (text, byte) => {
      const nickname = newNickname(nicknamePrefix(text), constantRandom(byte))
      expect(nickname).toMatch(/^[A-Za-z0-9_][A-Za-z0-9 _-]{8,62}[a-z0-9]$/)
    }),
  )
})

test('a run is named to its end, however long the repository is called', () => {
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

test('every nickname of a run fits DigiCert, and is known as that run’s and as no other’s', () => {
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
])('%j is of run 1234567890-1: %s', (nickname, of) => {
  expect(isOfRun(nickname, '1234567890-1')).toBe(of)
})

test('where the run has no id, every nickname may be its own', () => {
  expect(isOfRun('octo-app-abcdefghij', '')).toBe(true)
})

test('two nicknames of one prefix differ', () => {
  const random = fakeRandom()
  expect(newNickname('a', random)).not.toBe(newNickname('a', random))
  expect(newNickname('', constantRandom(0))).toBe('aaaaaaaaaa')
})
