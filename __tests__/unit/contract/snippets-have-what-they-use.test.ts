// A snippet that uses a program installs it, or the page or example says that it has to be there: "Needed".
import { describe, expect, test } from '@jest/globals'
import { filesUnder, parseYaml, read, type Step, type Workflow } from './repository.ts'

const PROGRAMS = [
  ...[
    'apksigner',
    'aws',
    'az',
    'curl',
    'dotnet',
    'gh',
    'jarsigner',
    'java',
    'jq',
    'jsign',
    'keytool',
    'npm',
    'npx',
  ],
  ...['openssl', 'osslsigncode', 'signtool', 'smctl', 'vault'],
]

/** How a snippet itself gets a program, or finds it or fails with a message. */
const INSTALLS: Partial<Record<string, RegExp>> = {
  apksigner: /-name apksigner/,
  osslsigncode: /apt-get install .*\bosslsigncode\b/,
  signtool: /signtool\.exe"\n[\s\S]*throw 'There is no signtool/,
  smctl: /install-smctl: true|code-signing-software-trust-action@|ssm-code-signing@/,
}

/** The programs that a script's commands run. */
function programsIn(script: string): string[] {
  const commands = script.replace(/(^|\s)#.*$/gm, '')
  return PROGRAMS.filter(name => new RegExp(`(^|[\\s|(!\`])${name}(?=\\s|$)`, 'm').test(commands))
}

function missingIn(script: string, whole: string, needed: string): string[] {
  return programsIn(script).filter(
    name => INSTALLS[name]?.test(whole) !== true && !new RegExp(`\\b${name}\\b`).test(needed),
  )
}

const PAGES = [...filesUnder('docs', '.md'), 'README.md', ...['check', 'access', 'rotate'].map(readmeOf)]

function readmeOf(folder: string): string {
  return `${folder}/README.md`
}

describe.each(PAGES)('%s', path => {
  const text = read(path)
  const blocks = [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)]

  test('says what its snippets need before the first that needs it', () => {
    const missing = blocks.flatMap(({ index, 2: language = '', 3: body = '' }) => {
      const script = scriptOf(language, body)
      const paragraphs = text.slice(0, index).split('\n\n')
      const needed = paragraphs.filter(paragraph => paragraph.startsWith('**Needed')).join('\n')
      return missingIn(script, body, needed).map(name => `${name}: ${script.slice(0, 60)}`)
    })
    expect(missing).toEqual([])
  })
})

function scriptOf(language: string, body: string): string {
  if (['sh', 'bash', 'powershell'].includes(language)) return body
  if (language !== 'yaml') return ''
  const parsed = parseYaml(body) as Step[] | Workflow
  const steps = Array.isArray(parsed)
    ? parsed
    : Object.values(parsed.jobs ?? {}).flatMap(job => job.steps ?? [])
  return steps.map(({ run = '' }) => run).join('\n')
}

const EXAMPLES = [...filesUnder('examples', '.yml'), ...filesUnder('examples', '.yaml')]

describe.each(EXAMPLES)('%s', path => {
  const text = read(path)
  const { jobs, runs } = parseYaml(text) as Workflow & { runs?: { steps: Step[] } }
  const jobsOrAction = [...Object.values(jobs ?? {}), ...(runs === undefined ? [] : [runs])]
  const script = jobsOrAction.flatMap(({ steps = [] }) => steps.map(({ run = '' }) => run)).join('\n')
  const needed = [.../^# Needed on the runner.*$/gm[Symbol.matchAll](text)].join('\n')

  test('installs the programs that it uses, or says at the top that the runner must have them', () => {
    expect(missingIn(script, text, needed)).toEqual([])
  })

  test('says so about no program that it does not use', () => {
    const [, list = ''] = /: (.+?)\.?$/.exec(needed) ?? []
    const named = list.split(/,? and |, /).filter(name => name !== '')
    expect(named.filter(name => !programsIn(script).includes(name))).toEqual([])
  })
})

test.each([
  ['jq . file', ['jq']],
  ['x | gh issue list', ['gh']],
  ['name=$(openssl version)', ['openssl']],
  ['# jq is not used\necho jqx', []],
  ['if ! signtool verify /pa x.exe; then :; fi', ['signtool']],
])('the programs of %j are %j', (script, programs) => {
  expect(programsIn(script)).toEqual(programs)
})
