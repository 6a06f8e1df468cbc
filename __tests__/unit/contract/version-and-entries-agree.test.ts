import { describe, expect, test } from '@jest/globals'
import { VERSION } from '../../../src/version.ts'
import {
  actions,
  code,
  entries,
  exists,
  filesUnder,
  markdownFiles,
  read,
  readJson,
  SERVER,
} from './repository.ts'

test('package.json and src/version.ts name the same version, and the changelog contains it', () => {
  expect(readJson('package.json').version).toBe(VERSION)
  expect(read('CHANGELOG.md')).toContain(VERSION)
})

test('there are these actions', () => {
  expect([...actions.keys()].sort()).toEqual([
    'OWNER/REPO/access@v1',
    'OWNER/REPO/check@v1',
    'OWNER/REPO/emulator@v1',
    'OWNER/REPO/rotate@v1',
    'OWNER/REPO@v1',
  ])
})

describe.each([...actions])('%s', (_, { folder, runs }) => {
  test('runs on Node 24', () => {
    expect(runs.using).toBe('node24')
  })

  test('has only metadata and a README in a folder of its own', () => {
    // The emulator is older than its action, and is in the same folder.
    if (folder === '.' || folder === 'emulator') return
    expect(filesUnder(folder)).toEqual([`${folder}/README.md`, `${folder}/action.yml`])
  })

  test('has a post step that runs whatever the result of the job, or none: post-if keeps its default, always()', () => {
    expect(runs).not.toHaveProperty('post-if')
    expect(runs.post !== undefined).toBe(folder === '.' || folder === 'emulator')
  })
})

test('the entries of every action exist, as bundle and as source', () => {
  const files = entries.flatMap(({ bundle, source }) => [bundle, source])
  expect(files.filter(path => !exists(path))).toEqual([])
  expect(new Set(entries.map(({ bundle }) => bundle)).size).toBe(entries.length)
})

/** The names in a list of the build script. */
function listed(name: string): string[] {
  const [, list = ''] =
    new RegExp(`^const ${name}(?:: string\\[\\])? = \\[(.*)\\]$`, 'm').exec(code('scripts/build.ts')) ?? []
  return [...list.matchAll(/'([^']+)'/g)].map(([, found = '']) => found)
}

test('the build makes a bundle for each entry and for the emulator, and no others', () => {
  const built = [
    ...listed('ENTRIES').map(name => ({ bundle: `dist/${name}/index.js`, source: `src/${name}.ts` })),
    ...listed('EMULATOR').map(step => ({
      bundle: `dist/emulator-${step}/index.js`,
      source: `emulator/action/${step}.ts`,
    })),
  ]
  const byBundle = (a: { bundle: string }, b: { bundle: string }) => (a.bundle < b.bundle ? -1 : 1)
  expect(built.sort(byBundle)).toEqual([...entries, SERVER].sort(byBundle))
  const bundles = filesUnder('dist', '/index.js').filter(path => path.split('/').length === 3)
  expect(bundles).toEqual(built.map(({ bundle }) => bundle))
})

test('the build makes a bundle for each part that is loaded on demand, and no others', () => {
  const built = listed('PARTS')
  const partsIn = (folder: string, file: string) =>
    filesUnder(folder, file).map(path => path.slice(folder.length + 1, -file.length))
  expect(partsIn('src/parts', '/index.ts')).toEqual(built.sort())
  expect(partsIn('dist/parts', '/index.js')).toEqual(built)
})

test('the commands in all pages are scripts in package.json', () => {
  const scripts = readJson('package.json').scripts as Record<string, string>
  const named = markdownFiles
    .map(read)
    .join('\n')
    .matchAll(/\bnpm (?:run )?(start|test|(?<=run )[a-z0-9:-]+)/g)
  const unknown = new Set([...named].map(([, name = '']) => name).filter(name => !(name in scripts)))
  expect([...unknown]).toEqual([])
})
