import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { describeStray, newPassword } from '../../../src/operations/password.ts'
import type { Random } from '../../../src/ports.ts'

test('is 40 letters and digits, whatever the random bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), bytes => {
      const usable = bytes.some(byte => byte < 248)
      fc.pre(usable)
      const random: Random = { bytes: () => Buffer.from(bytes) }
      expect(newPassword(random)).toMatch(/^[A-Za-z0-9]{40}$/)
    }),
  )
})

test('drops bytes that would make some letters likelier than others', () => {
  const blocks = [Buffer.alloc(40, 248), Buffer.alloc(40, 255), Buffer.alloc(40, 247)]
  const random: Random = { bytes: () => blocks.shift() ?? Buffer.alloc(0) }
  expect(newPassword(random)).toBe('9'.repeat(40))
})

test.each([
  ['x\n', 'x', 'ends in a line break that is not part', 'without the line break'],
  ['\ufeffx', 'x', 'begins with a byte order mark that is not part', 'without the byte order mark'],
  [
    '\ufeffx\r\n',
    'x',
    'begins with a byte order mark and ends in a line break that are not part',
    'without both',
  ],
])('names what surrounds the password in the secret %j', (secret, password, what, fix) => {
  const line = describeStray(secret, password)
  expect(line).toContain(`'p12-password' ${what}`)
  expect(line).toContain(`Store the secret again ${fix}:`)
})
