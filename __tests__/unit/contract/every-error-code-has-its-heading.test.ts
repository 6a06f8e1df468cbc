import { describe, expect, test } from '@jest/globals'
import { ERROR_CODES, type ErrorCode } from '../../../src/errors.ts'
import { actions, code, filesUnder, markdownFiles, proseOf, read, tableRows } from './repository.ts'

const TROUBLESHOOTING = read('docs/troubleshooting.md')
const SOURCES = filesUnder('src', '.ts')
const SOURCE = [...SOURCES, 'src/node-version.cts']
  .filter(path => path !== 'src/errors.ts')
  .map(code)
  .join('\n')

/** Each section by its heading, up to the next heading of any level. */
const SECTIONS = new Map(
  [...TROUBLESHOOTING.matchAll(/^## (.+)\n([\s\S]*?)(?=^##? |(?![\s\S]))/gm)].map(
    ([, heading = '', body = '']) => [heading, body],
  ),
)

test('docs/troubleshooting.md has one heading for each code, in the order of src/errors.ts', () => {
  const headings = [...proseOf(TROUBLESHOOTING).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual([...ERROR_CODES])
})

test('the index on top has every code once, in the groups of the page, and each is a link to its section', () => {
  const groups = proseOf(TROUBLESHOOTING)
    .split(/^# /m)
    .map(
      text =>
        [text.split('\n')[0] ?? '', [...text.matchAll(/^## (.+)$/gm)].map(([, name = '']) => name)] as const,
    )
    .filter(([, codes]) => codes.length > 0)
  const expected = groups.map(([group, codes]) => [
    `[${group}](#${group.toLowerCase().replaceAll(' ', '-')})`,
    codes.map(name => `[\`${name}\`](#${name.toLowerCase()})`).join(', '),
  ])
  expect(groups.flatMap(([, codes]) => codes)).toEqual([...ERROR_CODES])
  expect(tableRows(TROUBLESHOOTING, 'About', 'Codes')).toEqual(expected)
})

test('the anchor that the action links to is the one that GitHub generates for the heading', () => {
  expect(code('src/action/report.ts')).toContain(`docs/troubleshooting.md#\${code.toLowerCase()}`)
  // GitHub lower-cases a heading and keeps letters, digits, underscores and dashes.
  for (const heading of SECTIONS.keys()) expect(heading).toMatch(/^[A-Z0-9_]+$/)
})

/** As the first argument of a call that makes an error, after its pattern in a table, or in the line of a canceled step. */
function isThrown(name: ErrorCode): boolean {
  return new RegExp(`\\w\\(\\s*'${name}'|/[a-z]*,\\s*'${name}'|\\(${name}\\)`).test(SOURCE)
}

test('every code is thrown somewhere', () => {
  expect(ERROR_CODES.filter(name => !isThrown(name))).toEqual([])
})

test('no page names a code that does not exist', () => {
  const codes: readonly string[] = ERROR_CODES
  const prefixes = new Set(codes.map(name => name.split('_')[0]))
  const named = markdownFiles.flatMap(path => read(path).match(/(?<=[`[])[A-Z0-9]+_[A-Z_]+(?=[`\]])/g) ?? [])
  expect(named.length).toBeGreaterThan(3)
  const unknown = named.filter(name => prefixes.has(name.split('_')[0]) && !codes.includes(name))
  expect(unknown).toEqual(unknown.filter(name => ENVIRONMENT.includes(name)))
})

test('documents accepted values only for inputs that exist, and for every true-or-false input', () => {
  const rows = tableRows(TROUBLESHOOTING, 'Input', 'Takes')
  const told = rows.flatMap(([inputs = '']) =>
    [...inputs.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
  const inputs = [...actions.values()].flatMap(action => Object.entries(action.inputs))
  const names = inputs.map(([name]) => name)
  expect(told.filter(name => !names.includes(name))).toEqual([])
  const switches = inputs.filter(
    ([name, { default: value = '' }]) => /^(true|false)$/.test(value) || name === 'enabled',
  )
  expect(switches.map(([name]) => name).filter(name => !told.includes(name))).toEqual([])
})

/** Variables of the runner that begin like a code. */
const ENVIRONMENT = [
  'RUNNER_TEMP',
  'RUNNER_TOOL_CACHE',
  'RUNNER_TEMP_DIR', // not one of the runner's, as docs/migration.md says
  'GITHUB_TOKEN',
  'GITHUB_STATE',
  'GITHUB_OUTPUT',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_API_URL',
]

describe.each([...ERROR_CODES])('%s', name => {
  const body = SECTIONS.get(name) ?? ''
  const quotes = [...body.matchAll(/^> (.+)$/gm)].map(([, quote = '']) => quote)

  test('begins with what the action says, and then explains it', () => {
    expect(body.trim()).toMatch(/^> /)
    expect(body.replace(/^> .*$/gm, '').trim().length).toBeGreaterThan(150)
  })

  test('quotes words that are in the source', () => {
    // "…" stands for what differs from case to case.
    const fragments = quotes
      .flatMap(quote => quote.split('…'))
      .map(part => part.replace(/^[\s.,:;()"']+|[\s.,:;()"']+$/g, ''))
      .filter(part => part.length > 3)
    expect(fragments.filter(part => !SOURCE.includes(part))).toEqual([])
  })
})
