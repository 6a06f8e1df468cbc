import { describe, expect, test } from '@jest/globals'
import { ERROR_CODES } from '../../../src/errors.ts'
import { filesUnder, parseYaml, read, type Workflow } from './repository.ts'

const EXAMPLES = filesUnder('examples', '.yml')
const OWN = filesUnder('.github/workflows', '.yml')
const parse = (path: string) => parseYaml(read(path)) as Workflow

/** `uses:` of other people's actions, with the comment after them. */
const pins = [...EXAMPLES, ...OWN].flatMap(path =>
  [...read(path).matchAll(/uses: ([^\s./][^\s@]*)@(\S+)(?: # (\S+))?/g)]
    .filter(([, name = '']) => !name.startsWith('OWNER/REPO') && !name.startsWith('digicert/'))
    .map(([, name = '', ref = '', version = '']) => ({ path, name, ref, version })),
)

test("other people's actions are pinned at a commit, with the version in a comment", () => {
  expect(pins.length).toBeGreaterThan(20)
  const loose = pins.filter(
    ({ ref, version }) => !/^[0-9a-f]{40}$/.test(ref) || !/^v\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
})

test('each of them has one version', () => {
  // The parts of one repository, such as codeql-action/init, share its commit.
  const repositories = new Map<string, Set<string>>()
  for (const { name, ref, version } of pins) {
    const repository = name.split('/').slice(0, 2).join('/')
    repositories.set(repository, (repositories.get(repository) ?? new Set()).add(`${ref} ${version}`))
  }
  expect([...repositories].filter(([, versions]) => versions.size > 1)).toEqual([])
})

describe.each(OWN)('%s', path => {
  const jobs = Object.values(parse(path).jobs ?? {})

  test('grants nothing by default, and each job no more than a list of its own', () => {
    expect(parse(path).permissions).toEqual({})
    for (const { permissions } of jobs) expect(permissions).toEqual(expect.any(Object))
  })

  test('only a release may write to the repository', () => {
    const writes = jobs.filter(({ permissions }) =>
      JSON.stringify(permissions).includes('"contents":"write"'),
    )
    expect(writes).toHaveLength(path.endsWith('/release.yml') ? 1 : 0)
  })

  test('has a time limit', () => {
    for (const job of jobs) expect(job).toHaveProperty('timeout-minutes', expect.any(Number))
  })

  test('leaves no credentials in the work tree', () => {
    const checkouts = jobs
      .flatMap(({ steps = [] }) => steps)
      .filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false })
  })
})

test('a reusable workflow that runs an action by its tag says so where people pin it', () => {
  const reusable = OWN.filter(path => /^\s+uses: OWNER\/REPO\S*@v1$/m.test(read(path)))
  expect(reusable).toEqual([
    '.github/workflows/rotate-fleet.yml',
    '.github/workflows/rotate.yml',
    '.github/workflows/sign.yml',
  ])
  for (const path of reusable) {
    const [head = ''] = read(path).split(/^name: /m)
    expect(head).toContain('If you pin this workflow to a commit, you pin this file alone')
    const callers = EXAMPLES.filter(example => read(example).includes(`OWNER/REPO/${path}@v1`))
    expect(callers).toHaveLength(1)
    for (const caller of callers) expect(read(caller).split(/^name: /m)[0]).toContain('Pinning')
  }
  expect(read('docs/security.md')).toContain('**The reusable workflows are the exception.**')
})

test('the form for failures offers every error code, in the order of src/errors.ts', () => {
  const form = parseYaml(read('.github/ISSUE_TEMPLATE/failure.yml')) as {
    body: { id?: string; attributes?: { options?: string[] } }[]
  }
  const code = form.body.find(({ id }) => id === 'code')
  expect(code?.attributes?.options).toEqual(['none, or another', ...ERROR_CODES])
})

test('the form for failures offers every action', () => {
  const form = read('.github/ISSUE_TEMPLATE/failure.yml')
  const folders = filesUnder('', 'action.yml').filter(path => !path.startsWith('__tests__/'))
  for (const path of folders) {
    const folder = path.replace(/\/?action\.yml$/, '')
    expect(form).toContain(folder === '' ? '- OWNER/REPO (' : `- OWNER/REPO/${folder}\n`)
  }
})
