import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import forge from 'node-forge'
import {
  type Asn1,
  bmpText,
  context,
  integer,
  newBmp,
  newInteger,
  newNull,
  newOctetString,
  newOid,
  newUtf8,
  octetString,
  octets,
  oid,
  readDer,
  readPrefix,
  sequence,
  toDer,
} from '../../../src/x509/der.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

const leaf = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map(bytes => newOctetString(Buffer.from(bytes))),
  fc.nat().map(newInteger),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map(newUtf8),
  fc.constant(newNull()),
)
const tree: fc.Arbitrary<Asn1> = fc.letrec<{ node: Asn1 }>(tie => ({
  node: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('node'), { maxLength: 5 }).map(values => sequence(...values)),
    fc.tuple(fc.nat(30), tie('node')).map(([number, value]) => context(number, value)),
  ),
})).node

test('reads back what it writes, whatever follows it', () => {
  fc.assert(
    fc.property(tree, fc.uint8Array({ maxLength: 9 }), (value, rest) => {
      const der = toDer(value)
      expect(readPrefix(Buffer.concat([der, rest]))).toEqual({ value, length: der.length })
    }),
  )
})

test('node-forge reads and writes the same', () => {
  const again = (der: Buffer) =>
    Buffer.from(
      forge.asn1.toDer(forge.asn1.fromDer(forge.util.createBuffer(der.toString('latin1')))).getBytes(),
      'latin1',
    )
  fc.assert(
    fc.property(tree, value => {
      const der = toDer(value)
      expect(again(der)).toEqual(der)
    }),
  )
})

test('object identifiers are as node-forge writes and reads them', () => {
  const arcs = fc.tuple(fc.nat(2), fc.nat(39), fc.array(fc.nat(), { minLength: 1, maxLength: 9 }))
  fc.assert(
    fc.property(arcs, ([root, second, rest]) => {
      const text = [root, second, ...rest].join('.')
      const value = newOid(text)
      expect(oid(readDer(toDer(value)))).toBe(text)
      expect(value.value).toEqual(Buffer.from(forge.asn1.oidToDer(text).getBytes(), 'latin1'))
    }),
  )
})

test.each([
  ['2.999', '88 37'],
  ['2.16.840.1.101.3.4.2.1', '60 86 48 01 65 03 04 02 01'],
  ['1.2.840.113549.1.7.1', '2a 86 48 86 f7 0d 01 07 01'],
])('OID %s', (text, content) => {
  expect(oid({ tag: 0x06, value: hex(content) })).toBe(text)
})

test('text of a BMPString', () => {
  const text = 'Zertifikat für 𝄞'
  expect(bmpText(readDer(toDer(newBmp(text))))).toBe(text)
  expect(bmpText(readDer(hex('1e 03 00 41 00')))).toBeUndefined()
  expect(bmpText(newNull())).toBeUndefined()
})

test.each([
  ['02 01 00', 0],
  ['02 02 00 80', 128],
  ['02 04 7f ff ff ff', 2 ** 31 - 1],
])('INTEGER %s', (der, value) => {
  expect(integer(readDer(hex(der)))).toBe(value)
})

test.each(['02 00', '02 01 80', `02 41 00 ${'01 '.repeat(64)}`, '04 01 00'])('not an INTEGER: %s', der => {
  expect(() => integer(readDer(hex(der)))).toThrow('ASN.1')
})

test('BER: values of indefinite length, and strings in pieces', () => {
  const value = readDer(hex('30 80 24 80 04 02 61 62 24 03 04 01 63 00 00 05 00 00 00'))
  expect(octetString((value.value as Asn1[])[0] as Asn1).toString()).toBe('abc')
  expect(toDer(value)).toEqual(hex('30 0d 24 09 04 02 61 62 24 03 04 01 63 05 00'))
  expect(octets(readDer(hex('80 02 61 62'))).toString()).toBe('ab')
  expect(readDer(hex('04 82 00 01 61')).value).toEqual(Buffer.from('a'))
})

test.each([
  ['nothing', ''],
  ['a tag alone', '30'],
  ['less than it says', '04 05 61'],
  ['a part that is longer than the whole', '30 03 04 05 61 62 63 64 65'],
  ['a length that is cut off', '04 82 01'],
  ['a length of five octets', '04 85 00 00 00 00 01 61'],
  ['no end of an indefinite length', '30 80 05 00'],
  ['an end before the beginning', '00 00'],
  ['an end in a value whose length is known', '30 04 05 00 00 00'],
  ['an indefinite length of something primitive', '04 80 61 00 00'],
  ['a tag number of more than one octet', '1f 81 01 00'],
  ['a hundred levels', '30 80'.repeat(100)],
])('refused: %s', (_what, der) => {
  expect(() => readDer(hex(der))).toThrow('ASN.1')
})
