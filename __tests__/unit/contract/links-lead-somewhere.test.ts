import { posix } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { actions, exists, filesUnder, markdownFiles, proseOf, ROOT, read } from './repository.ts'

/** The anchors that GitHub generates for a page: lower case, spaces as dashes, other punctuation removed. */
function anchorsOf(path: string): string[] {
  return [...proseOf(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function relativeLinks(path: string): string[] {
  return [...proseOf(read(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target))
}

function isBroken(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? page : posix.join(posix.dirname(page), file)
  if (!exists(target)) return true
  return anchor !== undefined && !anchorsOf(target).includes(anchor)
}

describe.each(markdownFiles)('%s', path => {
  test('links to files and headings that exist', () => {
    expect(relativeLinks(path).filter(link => isBroken(path, link))).toEqual([])
  })
})

test("every page is listed in docs/README.md, and the README links to it and to every action's README", () => {
  const pages = markdownFiles.filter(path => path.startsWith('docs/') && path !== 'docs/README.md')
  const listed = relativeLinks('docs/README.md').map(link => posix.join('docs', link))
  expect(pages.filter(path => !listed.includes(path))).toEqual([])
  const folders = [...actions.values()].map(({ folder }) => folder).filter(folder => folder !== '.')
  const readmes = ['docs', 'examples', ...folders].map(folder => `${folder}/README.md`)
  expect(readmes.filter(path => !relativeLinks('README.md').includes(path))).toEqual([])
})

test('error messages in the source name pages and headings that exist', () => {
  const texts = filesUnder('src', '.ts').map(read)
  const named = texts.flatMap(text => text.match(/\b[\w-]+\/[\w-]+\.md\b/g) ?? [])
  expect(named).not.toEqual([])
  expect(named.filter(page => !exists(page))).toEqual([])
  const headings = texts.flatMap(text => [...text.matchAll(/see '([^']+)' in ([\w/-]+\.md)/g)])
  expect(headings).not.toEqual([])
  for (const [, heading, page = ''] of headings) expect(read(page)).toContain(`\n## ${heading}\n`)
})

describe('a clone works anywhere', () => {
  const texts = filesUnder('').filter(path =>
    /\.(ts|mjs|js|json|ya?ml|md|sh|txt)$|(^|\/)\.\w+$|^\.ci\//.test(path),
  )

  test('no file names a package registry, so that the configured one is used', () => {
    const registry =
      /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\b(?:npm|pypi|maven|repo1?)\.[a-z0-9-]+\.(?:org|com|io|net)\b/i
    expect(texts.filter(path => registry.test(read(path)))).toEqual([])
    expect(read('package-lock.json')).not.toContain('"resolved": "http')
  })

  test('no file names the folder of this clone', () => {
    expect(texts.filter(path => read(path).includes(ROOT))).toEqual([])
  })
})
