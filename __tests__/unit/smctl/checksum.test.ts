import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { cacheVersion, parseDigest, readChecksumFile } from '../../../src/smctl/checksum.ts'

const DIGEST = createHash('sha256').update('smctl').digest('hex')
const ADDRESS = new URL('https://mirror.example.com/smctl.sha256')

test.each([
  ['as sha256sum writes it', `${DIGEST}  smctl\n`],
  ['of a binary file', `${DIGEST} *smctl.exe\r\n`],
  ['alone', DIGEST],
  ['with a line break', `${DIGEST}\r\n`],
  ['in capitals', `${DIGEST.toUpperCase()}\tsmctl`],
  ['with a byte order mark', `\ufeff${DIGEST}  smctl\n`],
])('reads a checksum %s', (_name, text) => {
  expect(readChecksumFile(text, ADDRESS)).toBe(DIGEST)
})

test.each([
  ['nothing', ''],
  ['a web page', `<html>${DIGEST}</html>`],
  ['one digit less', DIGEST.slice(1)],
  ['one digit more', `${DIGEST}0`],
  ['a letter too far', `g${DIGEST.slice(1)}`],
  ['the digest in the second place', `smctl  ${DIGEST}`],
  ['the form of BSD', `SHA256 (smctl) = ${DIGEST}`],
])('%s is not a checksum, and nothing is installed', (_name, text) => {
  const error = expect.objectContaining({
    code: 'SMCTL_CHECKSUM',
    message: expect.stringContaining(ADDRESS.href),
  })
  expect(() => readChecksumFile(text, ADDRESS)).toThrow(error)
})

test('an input is a digest, with space around it, or is not', () => {
  expect(parseDigest(` ${DIGEST.toUpperCase()}\n`)).toBe(DIGEST)
  expect(parseDigest(`sha256:${DIGEST}`)).toBeUndefined()
})

test('the version in the tool cache names the digest, as DigiCert does', () => {
  expect(cacheVersion(DIGEST)).toBe(`0.0.0-${DIGEST}`)
})
