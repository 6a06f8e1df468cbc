// Server text is data: what must hold for everything a step shows, whatever the server called its certificates.
import { expect } from '@jest/globals'
import type { StepResult } from './runner.ts'

/** Everything that a terminal, the runner or GitHub's Markdown would act upon. */
export const HOSTILE =
  'x\n::error::pwned\r\n::set-output name=a::b\n##[error]pwned\u001b[31mred\u001b]0;title\u0007' +
  '\u202Egnp\u2066.\u200Bjs <img src=x onerror=alert(1)> **bold** | [link](https://evil.example) `code` @octocat #1 &lt;' +
  '\n```\n# heading\n```mermaid\ngantt\nclick c0 href "https://evil.example"'

const COMMANDS = ['add-mask', 'error', 'warning', 'notice']

/** @param columns of every table in the summary */
export function expectHarmless(result: StepResult, columns: number): void {
  for (const line of result.raw.split(/[\r\n]+/)) {
    const command = /^\s*::([\w-]+)/.exec(line)?.[1]
    if (command !== undefined) expect(COMMANDS).toContain(command)
    expect(line).not.toMatch(/##\[/)
  }
  expect(result.annotations.filter(({ message }) => message.startsWith('pwned'))).toEqual([])
  expect(result.raw).not.toMatch(/[\u001b\u0007\u202e\u2066\u200b]/)
  expectNoMarkup(result.summary, columns)
}

function expectNoMarkup(summary: string, columns: number): void {
  expect(summary).not.toMatch(/<(?!\/?code>|br>)/)
  expect(summary).not.toMatch(/\]\(|https?:\/\/evil|\*\*bold|`code`|@octocat|^# heading/m)
  const shown = summary.replace(/&#(\d+);/g, (_entity, code: string) => String.fromCodePoint(Number(code)))
  expect(shown).not.toMatch(/[\u001b\u0007\u202e\u2066\u200b]/)
  const table = summary.split('\n').filter(line => line.startsWith('|'))
  for (const row of table) expect(row.split('|')).toHaveLength(columns + 2)
  const fences = summary.split('\n').filter(line => line.includes('```'))
  expect(fences).toEqual(fences.length === 0 ? [] : ['```mermaid', '```'])
}
