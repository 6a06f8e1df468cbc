import { describe, expect, test } from '@jest/globals'
import {
  fencedBlocks,
  markdownFiles,
  parseYaml,
  read,
  type Step,
  stepsOf,
  type Workflow,
} from './repository.ts'

const README = read('README.md')
const words = (text: string) => text.split(/\s+/).filter(word => word !== '')

describe('README.md', () => {
  test('has at most 320 lines and 2,300 words', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(320)
    expect(words(README).length).toBeLessThanOrEqual(2300)
  })

  test('shows steps that issue and sign within its first 20 lines', () => {
    const head = README.split('\n').slice(0, 20).join('\n')
    const [block = ''] = fencedBlocks(head, 'yaml')
    const [issue, sign] = parseYaml(block) as Step[]
    expect(issue?.uses).toBe('OWNER/REPO@v1')
    expect(sign?.run).toMatch(/^smctl sign .*--exit-non-zero-on-fail/)
  })

  test('says in its first 30 lines that DigiCert is not involved, and once what OWNER/REPO is', () => {
    const head = README.split('\n').slice(0, 30).join('\n')
    expect(head).toContain('not affiliated with or endorsed by DigiCert')
    expect(head).toContain('`OWNER/REPO` is this repository.')
  })
})

test('no page asks users to replace the name of this repository', () => {
  const pages = markdownFiles.filter(path => !path.startsWith('__tests__/'))
  const explained = pages.filter(path => /`OWNER\/REPO` (is|stands|means)|placeholder/i.test(read(path)))
  expect(explained).toEqual(['README.md'])
})

test("the README's Windows workflow runs what the tested example runs, step by step", () => {
  const blocks = fencedBlocks(README, 'yaml').map(block => parseYaml(block) as Workflow)
  const [workflow = {}] = blocks.filter(({ jobs }) => jobs !== undefined)
  const example = parseYaml(read('examples/windows-signtool.yml')) as Workflow
  const ours = stepsOf(workflow).map(shown)
  expect(ours.length).toBeGreaterThan(10)
  expect(ours).toEqual(stepsOf(example).map(shown))
})

/** What a step does, whichever version of other actions it names. */
function shown({ uses = '', run = '' }: Step): string {
  return uses.startsWith('actions/') ? uses.replace(/@.*/, '') : `${uses}${run}`
}
