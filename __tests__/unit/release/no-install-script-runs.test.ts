// What is built and tested here comes from packages that ran no code of their own when they were installed.
import { expect, test } from '@jest/globals'
import { filesUnder, read } from '../contract/repository.ts'

const PLACES = [
  '.ci/run',
  'package.json',
  ...filesUnder('scripts'),
  ...filesUnder('.github/workflows'),
  ...filesUnder('', '.md').filter(path => !path.startsWith('__tests__/')),
]

test('every npm ci has --ignore-scripts, and there is no npm install of this repository', () => {
  const found = PLACES.flatMap(path =>
    [...read(path).matchAll(/npm (?:ci|i|install)\b[^`\n)]*/g)].map(([command]) => `${path}: ${command}`),
  )
  expect(found.length).toBeGreaterThan(1)
  expect(found.filter(command => !command.includes('npm ci --ignore-scripts'))).toEqual([])
  expect(read('scripts/setup.mjs')).toContain("['ci', '--ignore-scripts', ")
})
