import { expect, test } from '@jest/globals'
import { exists, read, readJson, tableRows } from './repository.ts'

const rows = tableRows(read('docs/security.md'), 'Who', 'What stops them', 'Covered by')

test('there are claims', () => {
  expect(rows.length).toBeGreaterThan(10)
})

test.each(rows)('%s: the tests that cover it exist', (_who, _what, held = '') => {
  const named = [...held.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(0)
  const scripts = readJson('package.json').scripts as Record<string, string>
  const isThere = (name: string) =>
    name.startsWith('npm run ')
      ? name.slice('npm run '.length) in scripts
      : exists(`__tests__/${name}.test.ts`)
  expect(named.filter(name => !isThere(name))).toEqual([])
})

test('the forms that masks cover, and the words that they leave alone, are those in the code', () => {
  const [, ordinary = ''] = /const ORDINARY = .*?\|(.*)\)\$\/isu/.exec(read('src/action/masks.ts')) ?? []
  const spared = ordinary.split('|')
  expect(spared.length).toBeGreaterThan(3)
  for (const word of spared) expect(read('docs/security.md')).toContain(`\`${word}\``)
})
