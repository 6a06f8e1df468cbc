import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newNickname, nicknamePrefix, runPrefix } from '../../../src/operations/nickname.ts'
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

test('two nicknames of one prefix differ', () => {
  const random = fakeRandom()
  expect(newNickname('a', random)).not.toBe(newNickname('a', random))
  expect(newNickname('', constantRandom(0))).toBe('aaaaaaaaaa')
})
