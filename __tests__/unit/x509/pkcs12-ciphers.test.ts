import { expect, test } from '@jest/globals'
import { rc2, rc4 } from '../../../src/x509/pkcs12/ciphers.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

// RFC 6229 §2: the key stream is what zeros decrypt to.
test.each([
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c'],
])('RC4 with the key %s gives the key stream of RFC 6229', async (key, stream) => {
  const cipher = rc4(hex(key).length)
  const zeros = Buffer.alloc(32)
  expect((await cipher.decrypt(hex(key), Buffer.alloc(0), zeros)).toString('hex')).toBe(stream)
  expect(zeros.equals(Buffer.alloc(32))).toBe(true)
})

test('RC2 decrypts a block of RFC 2268 §5 that happens to end in padding, and refuses incomplete blocks', async () => {
  const cipher = rc2(8)
  const iv = Buffer.alloc(8)
  const plaintext = await cipher.decrypt(hex('3000000000000000'), iv, hex('30649edf9be7d2c2'))
  expect(plaintext.toString('hex')).toBe('10000000000000')
  await expect(cipher.decrypt(Buffer.alloc(8), iv, Buffer.alloc(7))).rejects.toThrow('bad decrypt')
})
