import { describe, expect, test } from '@jest/globals'
import { notesFor } from '../../../scripts/release-notes.ts'

const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- Not yet out.

## [1.2.3] - 2026-11-24

### Fixed

- A thing, see [the page] and \`## code\`.

### Added

- Another.

## [1.2.0] - 2026-10-01

- Older.

[Unreleased]: https://example.com/head
[1.2.3]: https://example.com/1.2.3
[the page]: https://example.com/page
`

const release = (tag: string, versions = [tag.slice(1), tag.slice(1)], changelog = CHANGELOG) =>
  notesFor(tag, { versions, changelog })

test('the notes are the section of the version, with the links that it uses', () => {
  expect(release('v1.2.3')).toBe(
    '### Fixed\n\n- A thing, see [the page] and `## code`.\n\n### Added\n\n- Another.\n\n[the page]: https://example.com/page\n',
  )
})

test('the last section ends where the links begin', () => {
  expect(release('v1.2.0')).toBe('- Older.\n')
})

test('Windows line endings make no difference', () => {
  expect(release('v1.2.3', ['1.2.3'], CHANGELOG.replaceAll('\n', '\r\n'))).toEqual(release('v1.2.3'))
})

test('a version with a suffix has a section of its own', () => {
  const changelog = CHANGELOG.replaceAll('1.2.3', '12.0.0-rc.1')
  expect(release('v12.0.0-rc.1', ['12.0.0-rc.1'], changelog)).toBe(release('v1.2.3'))
})

describe('is refused', () => {
  test.each(['1.2.3', 'v1.2', 'v1.2.3.4', 'v01.2.3', 'v1.2.3-', 'v1.2.3+build', 'latest'])(
    'the tag %s',
    tag => {
      expect(() => release(tag)).toThrow(`The tag ${tag} is not a version`)
    },
  )

  test('a tag that differs from one of the versions in the repository', () => {
    expect(() => release('v1.2.3', ['1.2.3', '1.2.2'])).toThrow(
      'The tag says 1.2.3, the repository says 1.2.2.',
    )
  })

  test('a version that the changelog does not contain, even if another begins with it', () => {
    expect(() => release('v1.2.4')).toThrow('CHANGELOG.md has no section')
    expect(() => release('v1.2.3-rc.1')).toThrow('CHANGELOG.md has no section')
  })

  test('a section without a date or without text', () => {
    expect(() => release('v1.2.3', ['1.2.3'], CHANGELOG.replace(' - 2026-11-24', ''))).toThrow('has no date')
    expect(() => release('v2.0.0', ['2.0.0'], `${CHANGELOG}\n## [2.0.0] - 2026-12-01\n`)).toThrow('is empty')
  })
})
