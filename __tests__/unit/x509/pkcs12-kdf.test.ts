import { expect, test } from '@jest/globals'
import forge from 'node-forge'
import { type Purpose, pkcs12Kdf } from '../../../src/x509/pkcs12/kdf.ts'
import { bmpPassword } from '../../../src/x509/pkcs12/password.ts'

const SALT = Buffer.from('0102030405060708', 'hex')

test.each([
  ['sha1', 64],
  ['sha256', 64],
  ['sha384', 128],
  ['sha512', 128],
] as const)(
  'the derivation with %s agrees with node-forge for every purpose and length',
  async (name, block) => {
    const derive = forge.pkcs12.generateKey as (...args: unknown[]) => forge.util.ByteBuffer
    for (const purpose of [1, 2, 3] satisfies Purpose[]) {
      for (const length of [1, 8, 24, 64, 100]) {
        const input = {
          digest: { name, block },
          password: bmpPassword('pässwörd'),
          salt: SALT,
          iterations: 37,
        }
        const salt = forge.util.createBuffer(SALT.toString('latin1'))
        const expected = derive('pässwörd', salt, purpose, 37, length, forge.md[name].create())
        expect((await pkcs12Kdf(purpose, length, input)).toString('hex')).toBe(expected.toHex())
      }
    }
  },
)

test('a published derivation: the 3DES key of RFC 7292 for smeg, from the example files of PKCS#12', async () => {
  const input = {
    digest: { name: 'sha1', block: 64 },
    password: bmpPassword('smeg'),
    salt: Buffer.from('0A58CF64530D823F', 'hex'),
    iterations: 1,
  }
  const key = await pkcs12Kdf(1, 24, input)
  expect(key.toString('hex').toUpperCase()).toBe('8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3')
  const iv = await pkcs12Kdf(2, 8, input)
  expect(iv.toString('hex').toUpperCase()).toBe('79993DFE048D3B76')
})

test('a long derivation lets other work run', async () => {
  let turns = 0
  const counter = setInterval(() => turns++, 1)
  const input = {
    digest: { name: 'sha1', block: 64 },
    password: bmpPassword('x'),
    salt: SALT,
    iterations: 200_000,
  }
  await pkcs12Kdf(1, 20, input)
  clearInterval(counter)
  expect(turns).toBeGreaterThan(3)
})
