import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { newPassword } from '../../../src/operations/password.ts'
import type { Random } from '../../../src/ports.ts'

test('40 letters and digits, whatever the random bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 40, maxLength: 40 }), bytes => {
      const usable = bytes.some(byte => byte < 248)
      fc.pre(usable)
      const random: Random = { bytes: () => Buffer.from(bytes) }
      expect(newPassword(random)).toMatch(/^[A-Za-z0-9]{40}$/)
    }),
  )
})

test('bytes that would make some letters likelier than others are left out', () => {
  const blocks = [Buffer.alloc(40, 248), Buffer.alloc(40, 255), Buffer.alloc(40, 247)]
  const random: Random = { bytes: () => blocks.shift() ?? Buffer.alloc(0) }
  expect(newPassword(random)).toBe('9'.repeat(40))
})
