// Server text is data: what must be true for everything a step shows, whatever the server called its certificates.
import { expect } from '@jest/globals'
import type { StepResult } from './runner.ts'

/** Everything that a terminal, the runner or GitHub's Markdown would interpret. */
export const HOSTILE =
  'x\n::error::pwned\r\n::set-output name=a::b\n##[error]pwned\u001b[31mred\u001b]0;title\u0007' +
  '\u202Egnp\u2066.\u200Bjs <img src=x onerror=alert(1)> **bold** | [link](https://evil.example) `code` @octocat #1 &lt;' +
  '\n```\n# heading\n```mermaid\ngantt\nclick c0 href "https://evil.example"'

/** As many as fit below the length at which server text is cut off. */
export const HOSTILES = [
  HOSTILE,
  'pwned\u2028::add-mask::a\u2029::stop-commands::x\u0085##[group]y%0A::error::pwned%0D%250A::warning::z\r::notice::pwned' +
    '\n##vso[task.setvariable]x\nEOF\nghadelimiter_1\nSM_HOST=evil\u0000\n::save-state name=directory::/',
  'pwned \u009b31mC1\u009d8;;https://evil.example\u009clink\u001b]8;;https://evil.example\u001b\\osc\u001b]8;;\u001b\\ ' +
    '\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u2067\u2068\u2069\ufeff\u00ad\u2060\u200c\u200d\u{e0041}\u001bc\b\b\u007f',
  'pwned ![i](https://evil.example/i.png) <https://evil.example> www.evil.example [^1] ~~s~~ __u__ *i* $x$ :tada: @a/b a#1\n' +
    '|-|-|\n<details><!-- -->&commat;octocat\n[^1]: note\n- [ ] t\n> q\n%%{init: {"theme":"x"}}%%\nsection a;b:c,crit\n---',
] as const

const COMMANDS = ['add-mask', 'error', 'warning', 'notice', 'debug']

/** @param columns how many the tables in the summary have */
export function expectHarmless(result: StepResult, ...columns: number[]): void {
  for (const line of result.raw.split(/[\r\n]+/)) {
    const command = /^\s*::([\w-]+)/.exec(line)?.[1]
    if (command !== undefined) expect(COMMANDS).toContain(command)
    expect(line).not.toMatch(/##\[/)
  }
  expect(result.annotations.filter(({ message }) => message.startsWith('pwned'))).toEqual([])
  const told = result.annotations.map(({ title, message }) => `${title} ${message}`).join('\n')
  for (const text of [result.raw, told]) expect(text).not.toMatch(INVISIBLE)
  for (const [name, value] of [...Object.entries(result.outputs), ...Object.entries(result.env)])
    expect({ name, value }).toEqual({ name, value: expect.not.stringMatching(INVISIBLE_OR_BREAK) })
  expectNoMarkup(result.summary, columns)
}

/** Control, format and separator characters except the line break: escapes, directions, zero width. */
const INVISIBLE = /(?!\r?\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const INVISIBLE_OR_BREAK = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function expectNoMarkup(summary: string, columns: number[]): void {
  // Our own: grouped lines.
  expect(summary).not.toMatch(/<(?!\/?code>|br>|\/?details>|\/?summary>)/)
  expect(summary).not.toMatch(
    /\]\(|https?:\/\/evil|www\.evil|\*\*bold|`code`|@octocat|@a|~~|__u|\[\^|^# heading|^> |^- \[|(?<!```mermaid\n)%%\{/m,
  )
  const shown = summary.replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
  expect(shown).not.toMatch(INVISIBLE)
  const table = summary.split('\n').filter(line => line.startsWith('|'))
  for (const row of table) expect(columns).toContain(row.split('|').length - 2)
  const fences = summary.split('\n').filter(line => line.includes('```'))
  expect(fences).toEqual(fences.length === 0 ? [] : ['```mermaid', '```'])
}
