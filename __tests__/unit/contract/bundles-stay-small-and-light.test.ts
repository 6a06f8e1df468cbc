import { statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { entries, filesUnder, ROOT, read } from './repository.ts'

/** Kilobytes. The hard limits are 500 for `main` and 250 for `post`; more than this is worth a second look. */
const LARGEST = {
  main: 190,
  post: 62,
  check: 185,
  access: 195,
  rotate: 620,
  'emulator-start': 40,
  'emulator-stop': 40,
}

const bundles = entries.map(({ bundle }) => posix.dirname(bundle))
const nameOf = (bundle: string) => posix.basename(bundle)

/** All that Node could load from a bundle, parts that load on demand included. */
const codeOf = (bundle: string) => filesUnder(bundle).filter(path => /\.(js|cjs|mjs|wasm|node)$/.test(path))

test.each(bundles)(
  '%s is one file after the check of the Node version, and no larger than needed',
  bundle => {
    const files = codeOf(bundle)
    expect(files).toEqual([`${bundle}/index.js`, `${bundle}/step.js`])
    const kilobytes = files.reduce((sum, path) => sum + statSync(join(ROOT, path)).size, 0) / 1000
    expect(kilobytes).toBeLessThan(LARGEST[nameOf(bundle) as keyof typeof LARGEST])
  },
)

/** A text that only this package's code contains. */
const MARKS = {
  undici: 'UND_ERR_',
  '@octokit/core': 'octokit-core.js',
  '@noble/ciphers': 'expand 16-byte k',
  '@actions/tool-cache': 'Expected RUNNER_TOOL_CACHE to be defined',
  'node-forge': 'ByteStringBuffer',
}

test.each(
  bundles
    .filter(bundle => nameOf(bundle) !== 'rotate')
    .flatMap(bundle => Object.entries(MARKS).map(([name, mark]) => [bundle, name, mark] as const)),
)('%s does not contain %s', (bundle, _name, mark) => {
  expect(codeOf(bundle).filter(path => read(path).includes(mark))).toEqual([])
})

test.each([
  ['smctl', '@actions/tool-cache'],
  ['rc2', 'node-forge'],
] as const)('the part %s contains %s', (part, name) => {
  expect(read(`dist/parts/${part}/index.js`)).toContain(MARKS[name])
})

test('rotate contains GitHub’s client, the sealed box, and undici exactly once', () => {
  const text = read('dist/rotate/step.js')
  const { undici, '@octokit/core': octokit, '@noble/ciphers': box } = MARKS
  for (const mark of [undici, octokit, box]) expect(text).toContain(mark)
  expect(text.split('undici.globalDispatcher.1')).toHaveLength(2)
})
