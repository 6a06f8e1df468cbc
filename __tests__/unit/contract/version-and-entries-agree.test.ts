import { expect, test } from '@jest/globals'
import { VERSION } from '../../../src/version.ts'
import { action, entries, exists, read, readJson } from './repository.ts'

test('package.json and src/version.ts name the same version, and the changelog knows it', () => {
  expect(readJson('package.json').version).toBe(VERSION)
  expect(read('CHANGELOG.md')).toContain(VERSION)
})

test('the action runs on Node 24', () => {
  expect(action.runs.using).toBe('node24')
})

test('the entries of every action exist, as bundle and as source', () => {
  expect(entries.length).toBeGreaterThanOrEqual(2)
  const files = entries.flatMap(({ bundle, source }) => [bundle, source])
  expect(files.filter(path => !exists(path))).toEqual([])
})

test('the clean-up runs whatever became of the job: post-if keeps its default, always()', () => {
  expect(action.runs).not.toHaveProperty('post-if')
})

test("README's commands are scripts of package.json", () => {
  const scripts = readJson('package.json').scripts as Record<string, string>
  const files = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/security.md', '__tests__/README.md']
  const named = files
    .map(read)
    .join('\n')
    .matchAll(/\bnpm (?:run )?(start|test|(?<=run )[a-z-]+)/g)
  const unknown = new Set([...named].map(([, name = '']) => name).filter(name => !(name in scripts)))
  expect([...unknown]).toEqual([])
})
