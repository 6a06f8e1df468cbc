import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { generateKey } from '../../../src/x509/key.ts'

test('makes a key of the requested size without blocking this thread', async () => {
  let turns = 0
  const counter = setInterval(() => turns++, 1)
  const key = await generateKey(3072)
  clearInterval(counter)
  expect(key.type).toBe('private')
  expect(key.asymmetricKeyType).toBe('rsa')
  expect(key.asymmetricKeyDetails).toEqual({ modulusLength: 3072, publicExponent: 65537n })
  expect(turns).toBeGreaterThan(0)
})

test('the module imports only node:crypto, because it is loaded before everything else', () => {
  const source = readFileSync(new URL('../../../src/x509/key.ts', import.meta.url), 'utf8')
  const imports = [...source.matchAll(/from '([^']+)'/g)].map(match => match[1])
  expect(imports).toEqual(['node:crypto'])
})
