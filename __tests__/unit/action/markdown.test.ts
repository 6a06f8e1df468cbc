import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  code,
  details,
  escapeMarkdown,
  fittingName,
  leftToRight,
  paragraphs,
  prose,
  table,
} from '../../../src/action/markdown.ts'
import { utcDay, utcMinute } from '../../../src/dates.ts'

const entities = (text: string) =>
  text.replace(/&#(\d+);/g, (_entity, number: string) => String.fromCodePoint(Number(number)))

test.each([
  ['CN=Signing Service,O=Example Inc', 'CN=Signing Service,O=Example Inc'],
  ['a_b one.digicert.com:8443', 'a_b one.digicert.com:8443'],
  ['<b>', '&#60;b&#62;'],
  ['a|b', 'a&#124;b'],
  ['_x_', '&#95;x&#95;'],
  ['@octocat #1', '&#64;octocat &#35;1'],
  ['https://x', 'https&#58;//x'],
  ['www.x', 'www&#46;x'],
  ['line\nbreak', 'line&#10;break'],
])('%j becomes %j', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped)
})

const TEXT = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '*',
        '_',
        '`',
        '[',
        '](',
        '<img>',
        'www.',
        'http://',
        '&lt;',
        '|',
        '\n',
        '~',
        'x',
        '@y',
        '#1',
        '$',
        '\\',
      ),
    )
    .map(parts => parts.join('')),
)

test('a reader sees exactly the text', () => {
  fc.assert(fc.property(TEXT, text => expect(entities(escapeMarkdown(text))).toBe(text)))
})

test('whatever the text, nothing is left that Markdown or HTML could interpret', () => {
  fc.assert(
    fc.property(TEXT, text => {
      const bare = escapeMarkdown(text).replace(/&#\d+;/g, '')
      expect(bare).not.toMatch(/[<>&|`*[\]()~$\\@#!\r\n"']|www\.|:\//i)
      expect(code(text)).toMatch(/^<code>[^<>]*<\/code>$/)
    }),
  )
})

test('times are UTC and marked as such', () => {
  const time = new Date('2026-11-24T09:41:59Z')
  expect(utcMinute(time)).toBe('2026-11-24 09:41 UTC')
  expect(utcDay(time)).toBe('2026-11-24')
})

test('a table of names and values has no empty header row', () => {
  const rows: [string, string][] = [
    ['Valid until', '**2026**'],
    ['Id', code('a|b')],
  ]
  expect(table(rows)).toBe('| Valid until | **2026** |\n|:---|:---|\n| Id | <code>a&#124;b</code> |')
  expect(details('Ids', rows)).toBe(`<details><summary>Ids</summary>\n\n${table(rows)}\n\n</details>`)
})

test('in words of ours, what stands between backticks is code, and a single backtick is one', () => {
  expect(prose('Write `permissions:` with `actions: <read>`.')).toBe(
    'Write <code>permissions:</code> with <code>actions: &#60;read&#62;</code>.',
  )
  expect(prose('a ` b')).toBe('a &#96; b')
})

test('a message with a list becomes paragraphs and a list', () => {
  expect(paragraphs('Two match:\n- "a|b"\n- "c"\nName one.')).toEqual([
    'Two match:',
    '',
    '* &#34;a&#124;b&#34;',
    '* &#34;c&#34;',
    '',
    'Name one.',
    '',
  ])
  expect(paragraphs('One line.')).toEqual(['One line.', ''])
})

test.each([
  ['"شهادة" expires', 'Certificate &#34;شهادة&#34; expires'],
  ['1 תעודה', 'Certificate 1 תעודה'],
  ['"release شهادة" expires', '&#34;release شهادة&#34; expires'],
  ['7 🔑', '7 &#128273;'],
])('%j is read from left to right', (text, markdown) => {
  expect(leftToRight(text)).toBe(markdown)
})

test('a name fits into a cell: it breaks somewhere, and its beginning and its end are there', () => {
  expect(fittingName('octo-hello-worl-replaces-468791CB486C371EB3142F11E5163E53-mkdpwq')).toBe(
    'octo-hello-worl-replaces-468791CB486C371EB3142F11E5163E53-mkdpwq',
  )
  expect(fittingName(`begin${'x'.repeat(200)}the-end`)).toBe(`begin${'x'.repeat(22)}…${'x'.repeat(9)}the-end`)
  const many = fittingName(`first ${'word '.repeat(100)}last`)
  expect([...many]).toHaveLength(120)
  expect(many).toMatch(/^first word .*….*word last$/)
  fc.assert(
    fc.property(TEXT, text => {
      const words = fittingName(text).split(/[\s-]/)
      for (const word of words) expect([...word].length).toBeLessThanOrEqual(40)
    }),
  )
})
