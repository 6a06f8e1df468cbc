import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ListReader } from '../../../src/digicert/list-reader.ts'
import { ActionError } from '../../../src/errors.ts'

const EXPECTED = 'a list of things'

/** All entries and the end, as the pieces arrive. */
function read(pieces: Buffer[], most = Number.POSITIVE_INFINITY) {
  const entries: unknown[] = []
  const reader = new ListReader(EXPECTED, entry => entries.push(entry) < most)
  const isWanted = pieces.every(piece => reader.write(piece))
  const { entries: count, ...end } = reader.end()
  expect(count).toBe(entries.length)
  return { entries, isWanted, ...end }
}

const bytesOf = (text: string) => [...Buffer.from(text)].map(byte => Buffer.of(byte))
const inTwo = (text: string, at: number) => {
  const bytes = Buffer.from(text)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

/** What JSON.parse returns for the whole. */
function whole(text: string) {
  const value = JSON.parse(text) as unknown[] | { items: unknown[]; total?: number; offset?: number }
  if (Array.isArray(value)) return { entries: value, total: undefined, offset: undefined }
  return { entries: value.items, total: value.total, offset: value.offset }
}

const RECORD = {
  id: 'a-1',
  name: 'Größe 🔑 \u202e "quoted" \\ \n \u0000 \ud800',
  enabled: false,
  numbers: [0, 1.5e-7, -3],
  x509_cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  nested: [[], {}, [{ items: [{ id: 'inner' }], total: 9 }], null, true],
  __proto__: null,
}
const LISTS = [
  '[]',
  ' [ ] ',
  JSON.stringify([RECORD, {}, RECORD]),
  JSON.stringify([RECORD, RECORD], null, 2),
  '[1,"two",null,[3],{"__proto__":{"a":1}},{"constructor":1}]',
  JSON.stringify({ items: [RECORD, RECORD], total: 7, offset: 2 }),
  JSON.stringify({ total: 7, meta: { items: [1], total: 3 }, items: [RECORD], links: [{ items: [{}] }] }),
  '{"items":[]}',
  '[12345678901234567890,-1e400,-0,0.1e+2]',
]

test.each(LISTS)('reads %j the same whole, byte by byte, and cut anywhere', text => {
  const { entries, total, offset } = whole(text)
  const same = { entries, isWanted: true, total, offset }
  expect(read([Buffer.from(text)])).toEqual(same)
  expect(read(bytesOf(text))).toEqual(same)
  for (let at = 1; at < Buffer.byteLength(text); at++) expect(read(inTwo(text, at))).toEqual(same)
})

test('reads any JSON in a list, however it is cut, as JSON.parse does', () => {
  const lists = fc.array(fc.jsonValue({ maxDepth: 6 }), { maxLength: 8 })
  const envelopes = fc.record({ items: lists, total: fc.nat(), offset: fc.nat() })
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 6 })
  fc.assert(
    fc.property(fc.oneof(lists, envelopes), fc.nat({ max: 2 }), cuts, (value, indent, places) => {
      const bytes = Buffer.from(JSON.stringify(value, null, indent))
      const ends = [...places.filter(at => at < bytes.length), bytes.length].sort((a, b) => a - b)
      const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      expect(read(pieces)).toEqual({ isWanted: true, ...whole(bytes.toString()) })
    }),
  )
})

test('rejects what is not JSON, like JSON.parse, and never fails in another way', () => {
  const parts = fc.constantFrom(...'[]{},:"\\u0e+-.1 ntrfalse', 'null', '"id"', '{"id":"1"}', '\n', 'é')
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), found => {
      const text = found.join('')
      const [one, other] = [() => whole(text), () => read(bytesOf(text))].map(attempt => {
        try {
          return attempt()
        } catch (error) {
          return error
        }
      })
      if (one instanceof SyntaxError) expect(other).toBeInstanceOf(SyntaxError)
      else if (other instanceof Error) expect(other).toMatchObject({ code: 'RESPONSE_INVALID' })
      else expect(other).toMatchObject(one as object)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  'null',
  '"x"',
  '7',
  'true',
  '{}',
  '{"items":{}}',
  '{"items":{"a":{}}}',
  '{"items":"[]"}',
  '{"errors":[{}]}',
])('%s is not a list', text => {
  for (const pieces of [[Buffer.from(text)], bytesOf(text)]) {
    expect(() => read(pieces)).toThrow(
      expect.objectContaining({
        code: 'RESPONSE_INVALID',
        message: `The server sent something that is not ${EXPECTED}.`,
      }),
    )
  }
})

test.each([
  '',
  ' ',
  '[',
  '[1',
  '[1,',
  '[1,]',
  '{"items":[]',
  '[]]',
  '[] x',
  '<html>',
  '[01]',
  '["\n"]',
  '[nul]',
])('%j is not complete JSON', text => {
  expect(() => read([Buffer.from(text)])).toThrow(SyntaxError)
  expect(() => read(bytesOf(text))).toThrow(SyntaxError)
})

test('skips a byte order mark, and decodes invalid UTF-8 as others do', () => {
  expect(read([Buffer.from('\ufeff[1]')]).entries).toEqual([1])
  expect(read(bytesOf('\ufeff[1]')).entries).toEqual([1])
  const bytes = Buffer.concat([Buffer.from('["a'), Buffer.of(0xff, 0xe2, 0x82), Buffer.from('b"]')])
  for (const pieces of [[bytes], [...bytes].map(byte => Buffer.of(byte))]) {
    expect(read(pieces).entries).toEqual(JSON.parse(bytes.toString('utf8')))
  }
})

test('once nothing more is wanted, reads nothing more, not even to check that it is JSON', () => {
  expect(read([Buffer.from('[1,2,3,4]'), Buffer.from('<html>')], 2)).toMatchObject({
    entries: [1, 2],
    isWanted: false,
  })
})

test('an entry that is a __proto__ is nobody’s prototype', () => {
  const [entry] = read([Buffer.from('[{"__proto__":{"enabled":true}}]')]).entries as [Record<string, unknown>]
  expect(entry.enabled).toBeUndefined()
  expect(({} as Record<string, unknown>).enabled).toBeUndefined()
})

test('passes on what taking an entry throws', () => {
  const reader = new ListReader(EXPECTED, () => {
    throw new ActionError('RESPONSE_INVALID', { what: 'w', why: 'y', fix: 'f' })
  })
  expect(() => reader.write(Buffer.from('[1]'))).toThrow('w')
})
