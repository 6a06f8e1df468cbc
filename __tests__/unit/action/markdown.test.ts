import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { code, details, escapeMarkdown, table } from '../../../src/action/markdown.ts'
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
