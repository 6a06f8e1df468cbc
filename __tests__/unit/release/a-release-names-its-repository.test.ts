// What a user of a release copies works as is: OWNER/REPO is only in the working tree, never in a release.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { named } from '../../../scripts/named.ts'
import { type Tool, toolTest } from '../../support/p12-tools.ts'
import { filesUnder, parseYaml, ROOT, read, type Workflow } from '../contract/repository.ts'

const NAME = 'octo-org/sign.it'
const REUSABLE =
  "on:\n  workflow_call:\n    inputs: {}\njobs: { a: { steps: [{ uses: 'OWNER/REPO@v1' }] } }\n"

const files = (entries: Record<string, string>) => new Map(Object.entries(entries))

describe("the repository's name", () => {
  const here = new Map(
    filesUnder('')
      .filter(path => !path.startsWith('dist/') && !path.endsWith('.png') && !path.endsWith('.p12'))
      .map(path => [path, read(path)] as const),
  )
  const changed = named(here, NAME)

  test('is written to README, pages, examples, changelog and reusable workflows, and nowhere else', () => {
    expect(changed.size).toBeGreaterThan(30)
    const kinds = [...changed.keys()].map(path =>
      /^(README\.md|CHANGELOG\.md|docs\/|examples\/|\w+\/README\.md|\.github\/workflows\/(rotate|rotate-fleet|sign)\.yml)/.exec(
        path,
      ),
    )
    expect(kinds).not.toContain(null)
    for (const path of [
      'README.md',
      'examples/issue-smctl.yml',
      'examples/composite/action.yaml',
      'docs/emulator.md',
    ])
      expect([...changed.keys()]).toContain(path)
  })

  test('replaces OWNER/REPO, and changes no other character', () => {
    for (const [path, text] of changed) expect(text.replaceAll(NAME, 'OWNER/REPO')).toBe(here.get(path))
  })

  test('is unchanged by a second run', () => {
    expect(named(new Map([...here, ...changed]), NAME)).toEqual(new Map())
  })

  test('is not in the working tree', () => {
    expect(read('README.md')).toContain('uses: OWNER/REPO@v1')
  })
})

describe('a release is refused', () => {
  test.each([undefined, '', 'OWNER/REPO', 'name', 'a/b/c', '-a/b', 'a/b c', '$&/b', 'a/b\n'])(
    'for the name %j',
    repository => {
      expect(() => named(files({ 'README.md': 'OWNER/REPO' }), repository)).toThrow(
        'GITHUB_REPOSITORY must be the name of a repository, owner/name',
      )
    },
  )

  test.each(['OWNER / REPO', '`OWNER`/`REPO`', 'OWNER%2FREPO is OWNER', 'github.com/OWNER/x'])(
    'when %j remains in what users read',
    text => {
      expect(() => named(files({ 'docs/a.md': text }), NAME)).toThrow(
        'Still without the name of the repository: docs/a.md',
      )
    },
  )

  test.each([
    'action.yml',
    'check/action.yml',
    'src/x.ts',
    'dist/main/index.js',
    'guide/a.md',
    'tool/README.md',
  ])('when OWNER/REPO remains in %s, which is not one of the known places', path => {
    expect(() => named(files({ [path]: 'uses: OWNER/REPO@v1' }), NAME)).toThrow(
      `Still without the name of the repository: ${path}`,
    )
  })
})

test("names an action's own README, but not a maintainer's page", () => {
  const all = files({
    'check/action.yml': '',
    'check/README.md': 'OWNER/REPO/check@v1',
    'bench/README.md': 'OWNER/REPO',
    'CONTRIBUTING.md': 'OWNER/REPO',
    '__tests__/README.md': 'OWNER/REPO',
    '.github/workflows/ci.yml': 'on: push # OWNER/REPO',
    '.github/workflows/sign.yml': REUSABLE,
  })
  expect(named(all, NAME)).toEqual(
    files({
      'check/README.md': `${NAME}/check@v1`,
      '.github/workflows/sign.yml': REUSABLE.replace('OWNER/REPO', NAME),
    }),
  )
})

describe('the commit of a release', () => {
  const SCRIPTS = ['named', 'name-repository', 'prepare-release', 'release', 'release-notes'].map(
    name => `scripts/${name}.ts`,
  )
  const { steps = [] } = (parseYaml(read('.github/workflows/release.yml')) as Workflow).jobs?.verify ?? {}
  const verify = steps.find(({ name = '' }) => name.startsWith('The tag is a commit of main'))?.run ?? ''
  const env = {
    ...process.env,
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap(who => [
        [`GIT_${who}_NAME`, 'A'],
        [`GIT_${who}_EMAIL`, 'a@example.com'],
      ]),
    ),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GITHUB_REPOSITORY: NAME,
  }
  let folder: string
  let clone: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'))
    clone = join(folder, 'clone')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const git = (...args: string[]) => execFileSync('git', args, { cwd: clone, env, encoding: 'utf8' }).trim()
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), text)
  }
  const commit = (message: string) => {
    git('add', '--all')
    git('commit', '--quiet', '--message', message)
  }

  /** An origin and a clone of it, at version 1.2.3. */
  function begin() {
    const origin = join(folder, 'origin')
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin], { env })
    execFileSync('git', ['clone', '--quiet', origin, clone], { env, stdio: 'ignore' })
    for (const path of SCRIPTS) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      cpSync(join(ROOT, path), join(clone, path))
    }
    write('README.md', 'uses: OWNER/REPO@v1\n')
    write('.github/workflows/sign.yml', REUSABLE)
    write('dist/main/index.js', 'bundle\n')
    setVersion('1.2.3')
    git('checkout', '--quiet', '-B', 'main')
    commit('1.2.3')
    git('push', '--quiet', 'origin', 'main')
  }

  function setVersion(version: string) {
    write('package.json', `{"version":"${version}","type":"module"}\n`)
    write('src/version.ts', `export const VERSION = '${version}'\n`)
    write('CHANGELOG.md', `## [${version}] - 2026-11-26\n\n- OWNER/REPO signs.\n`)
  }

  function prepare(tag: string, variables: Record<string, string> = {}) {
    const options = { cwd: clone, env: { ...env, ...variables }, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/prepare-release.ts', tag],
      options,
    )
    return { status, text: stdout + stderr }
  }

  /** Pushes as the script says, and checks as release.yml does. */
  function pushAndVerify(tag: string) {
    git('push', '--quiet', '--force', 'origin', tag, `${tag}^{}:refs/heads/releases/v1`)
    return verifyTag(tag)
  }

  function verifyTag(tag: string) {
    const checkout = mkdtempSync(join(folder, 'checkout-'))
    execFileSync('git', ['clone', '--quiet', join(folder, 'origin'), checkout], { env })
    execFileSync('git', ['checkout', '--quiet', '--detach', tag], { cwd: checkout, env })
    const GITHUB_SHA = git('rev-parse', `${tag}^{commit}`)
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
    const options = { cwd: checkout, env: { ...env, PATH, GITHUB_SHA }, encoding: 'utf8' } as const
    const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', verify], options)
    const readme = readFileSync(join(checkout, 'README.md'), 'utf8')
    return { accepted: status === 0, readme }
  }

  const needs: Tool[] = ['git', 'bash']

  toolTest(needs, 'is one of main with the name filled in, and release.yml accepts it', async () => {
    begin()
    expect(prepare('v1.2.3')).toEqual({
      status: 0,
      text: expect.stringContaining('git push --atomic origin v1.2.3 v1.2.3^{}:refs/heads/releases/v1'),
    })
    expect(git('show', 'v1.2.3:README.md')).toBe(`uses: ${NAME}@v1`)
    expect(git('show', 'v1.2.3:.github/workflows/sign.yml')).toContain(`uses: '${NAME}@v1'`)
    expect(git('diff', '--name-only', 'main', 'v1.2.3').split('\n')).toEqual([
      '.github/workflows/sign.yml',
      'CHANGELOG.md',
      'README.md',
    ])
    expect(git('status', '--porcelain')).toBe('')
    expect(git('worktree', 'list').split('\n')).toHaveLength(1)
    // The rest of the job runs on what was reviewed on main.
    expect(pushAndVerify('v1.2.3')).toEqual({ accepted: true, readme: 'uses: OWNER/REPO@v1\n' })
  })

  toolTest(needs, 'takes the name from origin when no variable contains it', async () => {
    begin()
    expect(prepare('v1.2.3', { GITHUB_REPOSITORY: '' }).status).toBe(1)
    const { GITHUB_REPOSITORY: _, ...rest } = env
    const options = { cwd: clone, env: rest, encoding: 'utf8' } as const
    expect(spawnSync(process.execPath, ['scripts/prepare-release.ts', 'v1.2.3'], options).status).toBe(0)
    expect(git('show', 'v1.2.3:README.md')).toMatch(/^uses: [^/]+\/origin@v1$/)
  })

  toolTest(needs, 'follows the earlier one, so that their branch only moves forward', async () => {
    begin()
    prepare('v1.2.3')
    pushAndVerify('v1.2.3')
    setVersion('1.2.4')
    commit('1.2.4')
    git('push', '--quiet', 'origin', 'main')
    expect(prepare('v1.2.4').status).toBe(0)
    expect(git('rev-parse', 'v1.2.4^1', 'v1.2.4^2')).toBe(git('rev-parse', 'main', 'v1.2.3'))
    expect(pushAndVerify('v1.2.4').accepted).toBe(true)
  })

  toolTest(
    needs,
    'is refused when anything else differs: a bundle, a new file, a commit that is not on main',
    async () => {
      begin()
      const tampered = (tag: string, change: () => void) => {
        git('checkout', '--quiet', '--detach', 'v1.2.3')
        change()
        git('add', '--all')
        git('commit', '--quiet', '--amend', '--no-edit')
        git('tag', tag)
        return pushAndVerify(tag).accepted
      }
      prepare('v1.2.3')
      expect(tampered('v1.2.3-same', () => {})).toBe(true)
      expect(tampered('v1.2.3-bundle', () => write('dist/main/index.js', 'another\n'))).toBe(false)
      expect(tampered('v1.2.3-file', () => write('dist/main/part.js', 'more\n'))).toBe(false)
      expect(tampered('v1.2.3-name', () => write('README.md', 'uses: octo-evil/sign.it@v1\n'))).toBe(false)
      expect(
        tampered('v1.2.3-script', () => {
          write('dist/main/index.js', 'another\n')
          write('scripts/name-repository.ts', '')
        }),
      ).toBe(false)
      git('checkout', '--quiet', '--detach', 'v1.2.3')
      write('README.md', 'twice\n')
      commit('next to main')
      git('tag', 'v1.2.3-beside')
      expect(pushAndVerify('v1.2.3-beside').accepted).toBe(false)
    },
  )

  toolTest(needs, 'is not made from what is not on main, not committed, or another version', async () => {
    begin()
    expect(prepare('v1.2.4').text).toContain('The tag says 1.2.4, the repository says 1.2.3.')
    write('README.md', 'changed\n')
    expect(prepare('v1.2.3').text).toContain('The work tree has uncommitted changes.')
    commit('not pushed')
    expect(prepare('v1.2.3').text).toContain("The checked-out commit is not on origin's main.")
    expect(git('tag')).toBe('')
  })
})
