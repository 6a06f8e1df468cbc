import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import { createBoxKey, prepareSealedBoxes } from '../../../emulator/github/sealed-boxes.ts'
import { seal } from '../../../src/github/sealed-box.ts'

beforeAll(prepareSealedBoxes)

test.each([0, 1, 31, 32, 33, 63, 64, 65, 1_000, 48 * 1024])(
  'libsodium opens the box of a secret of %d bytes',
  length => {
    const secret = randomBytes(length).toString('latin1')
    const key = createBoxKey()
    expect(key.open(seal(secret, key.publicKey) ?? '').toString()).toBe(secret)
  },
)

test('text that is not ASCII arrives as UTF-8', () => {
  const key = createBoxKey()
  expect(key.open(seal('pässwörd 🔑', key.publicKey) ?? '').toString()).toBe('pässwörd 🔑')
})

test('no two boxes are the same, and only the owner of the private key opens one', () => {
  const [key, other] = [createBoxKey(), createBoxKey()]
  const [first = '', second = ''] = [seal('secret', key.publicKey), seal('secret', key.publicKey)]
  expect(first).not.toBe(second)
  expect(() => other.open(first)).toThrow()
})

test.each([
  ['zeros', Buffer.alloc(32)],
  ['a point of small order', Buffer.from([1, ...Buffer.alloc(31)])],
  [
    'a point of order eight',
    Buffer.from('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', 'hex'),
  ],
  ['nothing', Buffer.alloc(0)],
  ['31 bytes', Buffer.alloc(31, 9)],
  ['33 bytes', Buffer.alloc(33, 9)],
  [
    'an RSA key',
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' }),
  ],
])('rejects a key of %s', (_name, key) => {
  expect(seal('secret', key.toString('base64'))).toBeUndefined()
})
