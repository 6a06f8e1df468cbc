import { describe, expect, test } from '@jest/globals'
import { actions, code, filesUnder } from './repository.ts'

/** What a native reader stumbles over, and what is written instead. */
const GLOSSARY: [pattern: RegExp, instead: string][] = [
  [/\banswer(s|ed)?\b/i, 'the response, responded'],
  [/\bprove[sn]?\b|\bproof\b/i, 'verify'],
  [/\bwhoever\b/i, 'if you …'],
  [/\bholds? (a|an|the|it|no)\b/i, 'contains'],
  [/\b(ask|try)(s|ing)? again\b/i, 'retry'],
  [/\ball the same\b/i, 'anyway'],
  [/\bas it is\b/i, 'as is'],
  [/\bif it stays\b/i, 'if the problem persists'],
  [/\bis no (directory|boolean|number|path|file|JSON)\b/i, 'is not a …'],
  [/\bbetter \d/i, 'preferably'],
  [/\bof others\b|\bothers'/i, "somebody else's"],
  [/\bresponded, but with\b/i, 'sent …'],
  [/\b(near its|its) end\b/, 'expires soon, expiry'],
  [/\b(colou?red|colour|organis|licence|armour|normalis|initialis|grey\b|cancelled\b)/, 'American spelling'],
]

/** Quoted or in backquotes; one word alone is a name. */
function messagesIn(path: string): string[] {
  const literals = code(path).match(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g) ?? []
  return literals
    .filter(literal => /[a-z] [a-z]/i.test(literal))
    .map(literal => literal.replace(/\$\{[^}]*\}/g, '…'))
}

function descriptions(): string[] {
  return [...actions.values()]
    .flatMap(({ inputs, outputs }) => [...Object.values(inputs), ...Object.values(outputs)])
    .map(({ description }) => description)
}

const TEXTS = [...filesUnder('src', '.ts').flatMap(messagesIn), ...descriptions()]

test('there are messages to look at', () => {
  expect(TEXTS.length).toBeGreaterThan(500)
})

describe.each(GLOSSARY)('%s', (pattern, instead) => {
  test(`is written: ${instead}`, () => {
    expect(TEXTS.filter(text => pattern.test(text))).toEqual([])
  })
})

test('a line of the log names its subject', () => {
  const lines = filesUnder('src', '.ts').flatMap(path => [
    ...code(path).matchAll(/\b(?:log\.)?(?:info|notice|warning)\(\s*(['"`])(.{0,40})/g),
  ])
  expect(lines.length).toBeGreaterThan(50)
  expect(lines.map(([, , begins = '']) => begins).filter(text => /^(It|That one)\b/.test(text))).toEqual([])
})
