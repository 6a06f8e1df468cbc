import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ActionError } from '../../../src/errors.ts'
import { parseSubject, type Rdn } from '../../../src/x509/subject.ts'

function refused(text: string): ActionError {
  try {
    parseSubject(text)
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

test('RFC 4514 text is reversed into certificate order, OpenSSL text is not', () => {
  const expected = [
    { type: 'C', value: 'US' },
    { type: 'O', value: 'Example Inc' },
    { type: 'CN', value: 'Signing Service' },
  ]
  expect(parseSubject('CN=Signing Service,O=Example Inc,C=US')).toEqual(expected)
  expect(parseSubject(' cn = Signing Service , O=Example Inc, c=us ')).toEqual(expected)
  expect(parseSubject('/CN=Signing Service/O=Example Inc/C=US')).toEqual(expected.toReversed())
})

test.each([
  ['CN=Acme\\, Inc.', 'Acme, Inc.'],
  ['CN="Acme, Inc."', 'Acme, Inc.'],
  ['CN="say \\"hi\\", please"', 'say "hi", please'],
  ['CN=Acme\\2C Inc.', 'Acme, Inc.'],
  ['CN=C\\+\\+ Team', 'C++ Team'],
  ['CN=back\\\\slash', 'back\\slash'],
  ['CN=\\"quoted\\"', '"quoted"'],
  ['CN=\\ padded\\ ', ' padded '],
  ['CN=\\#1', '#1'],
  ['CN=Lu\\C4\\8Di\\C4\\87', 'Lučić'],
  ['CN=署名サービス', '署名サービス'],
  ['CN=a=b', 'a=b'],
  ['CN=https://ci.example.com/x', 'https://ci.example.com/x'],
  ['/CN=a\\/b', 'a/b'],
  ['/CN=Acme, Inc.', 'Acme, Inc.'],
  ['/CN=say "hi"', 'say "hi"'],
  ['/CN=a\\\\b', 'a\\b'],
])('%s names %s', (text, value) => {
  expect(parseSubject(text)).toEqual([{ type: 'CN', value }])
})

test('an attribute may appear several times', () => {
  expect(parseSubject('CN=x,OU=b,OU=a')).toEqual([
    { type: 'OU', value: 'a' },
    { type: 'OU', value: 'b' },
    { type: 'CN', value: 'x' },
  ])
})

test.each([
  ['', 'is empty'],
  ['   ', 'is empty'],
  ['O=Example Inc', 'no CN'],
  ['CN=x,E=a@example.com', 'uses E, which is not supported'],
  ['CN=x,emailAddress=a@example.com', 'not supported'],
  ['CN=x,2.5.4.5=7', '2.5.4.5, which is not supported'],
  ['CN=x,\u202eO=y', 'an attribute, which is not supported'],
  ['CN=', 'CN is empty'],
  ['CN=\\ ', 'CN is empty'],
  ['CN=""', 'CN is empty'],
  ['/CN=/O=x', 'CN is empty'],
  ['CN=x,C=USA', 'not two letters'],
  ['CN=x,C=1A', 'not two letters'],
  ['CN=x+OU=y', 'unescaped +'],
  ['/CN=x+OU=y', 'unescaped +'],
  ['CN=x;O=y', 'unescaped ;'],
  ['CN=a"b"', 'unescaped "'],
  ['CN="open', 'without a closing one'],
  ['CN=#0c0141', 'starts with #'],
  ['CN=x\\', 'lone backslash'],
  ['CN=x,', 'NAME=value'],
  ['Signing Service', 'NAME=value'],
  ['CN=Acme, Inc.', 'NAME=value'],
  ['/CN=https://x', 'NAME=value'],
  ['CN=a\nb', 'control character'],
  ['CN=a\\0Ab', 'control character'],
  ['CN=\\FF', 'broken UTF-8'],
  [`CN=${'x'.repeat(65)}`, '65 characters long; X.520 allows 64'],
  [`CN=x,L=${'x'.repeat(129)}`, 'allows 128'],
])('%j is refused: %s', (text, words) => {
  const error = refused(text)
  expect(error.code).toBe('INPUT_INVALID')
  expect(error.message).toContain(words)
  expect(error.why).not.toBe('')
  expect(error.fix).not.toBe('')
})

test('the error for an unknown attribute lists the known ones', () => {
  expect(refused('CN=x,DC=com').why).toContain('CN, O, OU, C, ST and L')
})

test('upper bounds count characters, not bytes', () => {
  expect(parseSubject(`CN=${'é'.repeat(64)}`)).toHaveLength(1)
  expect(parseSubject(`CN=${'😀'.repeat(64)}`)).toHaveLength(1)
})

/** RFC 4514 text of a name that is in certificate order. */
function formatSubject(rdns: Rdn[]): string {
  return rdns
    .map(({ type, value }) => `${type}=${escapeValue(value)}`)
    .reverse()
    .join(',')
}

/** RFC 4514 §2.4. */
function escapeValue(value: string): string {
  return value
    .replace(/[\\",+;<>]/g, '\\$&')
    .replace(/[\p{Cc}]/gu, char => `\\${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`)
    .replace(/^[# ]/, '\\$&')
    .replace(/ $/, '\\ ')
}

test('reads whatever RFC 4514 can write', () => {
  const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  const value = printable.filter(
    text =>
      text.trim() !== '' &&
      !/[\p{Cc}\ufffd\u2028\u2029]/u.test(text) &&
      text.isWellFormed() &&
      [...text].length <= 64,
  )
  const rdn = fc.record({ type: fc.constantFrom<Rdn['type'][]>('O', 'OU', 'ST', 'L'), value })
  fc.assert(
    fc.property(fc.array(rdn, { maxLength: 5 }), value, (rdns, commonName) => {
      const subject: Rdn[] = [...rdns, { type: 'CN', value: commonName }]
      expect(parseSubject(formatSubject(subject))).toEqual(subject)
    }),
    { seed: 1, numRuns: 500 },
  )
})

test.each([' ', '\\', ',', '"', '=', 'CN=x,', '+'])('a hundred kilobytes of %j take no time', unit => {
  const start = performance.now()
  try {
    parseSubject(`CN=${unit.repeat(100_000 / unit.length)}x`)
  } catch (error) {
    expect(error).toBeInstanceOf(ActionError)
  }
  expect(performance.now() - start).toBeLessThan(1000)
})

test('any text is read or refused with an explanation', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      for (const subject of [text, `CN=x,${text}`, `/CN=x/${text}`]) {
        try {
          parseSubject(subject)
        } catch (error) {
          expect(error).toBeInstanceOf(ActionError)
        }
      }
    }),
    { seed: 2, numRuns: 500 },
  )
})
