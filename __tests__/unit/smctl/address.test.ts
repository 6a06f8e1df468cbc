import { expect, test } from '@jest/globals'
import { parseMirror } from '../../../src/smctl/address.ts'

test.each([
  ['', 'https://pki-downloads.digicert.com/stm/latest/'],
  ['mirror.example.com', 'https://mirror.example.com/stm/latest/'],
  ['mirror.example.com:8443', 'https://mirror.example.com:8443/stm/latest/'],
  ['https://mirror.example.com/', 'https://mirror.example.com/stm/latest/'],
  ['mirror.example.com/digicert', 'https://mirror.example.com/digicert/'],
  ['https://mirror.example.com/digicert/smctl/', 'https://mirror.example.com/digicert/smctl/'],
])('%j is %s', (text, address) => {
  expect(parseMirror(text).href).toBe(address)
})

test('a file is below it', () => {
  expect(new URL('smctl.sha256', parseMirror('mirror.example.com/digicert')).href).toBe(
    'https://mirror.example.com/digicert/smctl.sha256',
  )
})

test.each([
  ['http://mirror.example.com', 'uses http'],
  ['file:///opt/smctl', 'uses file'],
  ['https://user:secret@mirror.example.com', 'user name or password'],
  ['user@mirror.example.com', 'user name or password'],
  ['https://mirror.example.com/?token=secret', 'has a query'],
  ['https://mirror.example.com/#secret', 'has a query'],
  ['mirror example', 'is not an address'],
  ['https://', 'is not an address'],
  ['mirror.example.com\\digicert', 'is not an address'],
])('%j is refused: it %s', (text, problem) => {
  const error = expect.objectContaining({
    code: 'INPUT_INVALID',
    message: expect.stringContaining(problem),
  })
  expect(() => parseMirror(text)).toThrow(error)
  expect(() => parseMirror(text)).not.toThrow(/secret/)
})
