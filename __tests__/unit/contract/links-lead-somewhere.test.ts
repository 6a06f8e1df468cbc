import { posix } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { exists, filesUnder, markdownFiles, proseOf, ROOT, read } from './repository.ts'

/** The anchors that GitHub gives to a page: lower case, spaces as dashes, other punctuation gone. */
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

test('every page is linked in the README and listed in docs/README.md', () => {
  const pages = markdownFiles.filter(path => path.startsWith('docs/') && path !== 'docs/README.md')
  const listed = relativeLinks('docs/README.md').map(link => posix.join('docs', link))
  const linked = relativeLinks('README.md')
  expect(pages.filter(path => !listed.includes(path) || !linked.includes(path))).toEqual([])
  expect(linked).toContain('docs/README.md')
})

test('error messages of the source name pages that exist', () => {
  const named = filesUnder('src', '.ts').flatMap(path => read(path).match(/\bdocs\/[\w-]+\.md/g) ?? [])
  expect(named).not.toEqual([])
  expect(named.filter(page => !exists(page))).toEqual([])
})

describe('a clone works anywhere', () => {
  const texts = filesUnder('').filter(path =>
    /\.(ts|mjs|js|json|ya?ml|md|sh|txt)$|(^|\/)\.\w+$|^\.ci\//.test(path),
  )

  test('no file names a package registry, so that whichever is configured is used', () => {
    const registry =
      /\bregistry\.[a-z0-9-]+\.[a-z]{2,}|\b(?:npm|pypi|maven|repo1?)\.[a-z0-9-]+\.(?:org|com|io|net)\b/i
    expect(texts.filter(path => registry.test(read(path)))).toEqual([])
    expect(read('package-lock.json')).not.toContain('"resolved": "http')
  })

  test('no file names the folder that this clone is in', () => {
    expect(texts.filter(path => read(path).includes(ROOT))).toEqual([])
  })
})
