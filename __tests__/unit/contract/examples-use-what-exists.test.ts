import { describe, expect, test } from '@jest/globals'
import {
  action,
  code,
  fencedBlocks,
  filesUnder,
  markdownFiles,
  parseYaml,
  read,
  type Step,
  type Workflow,
} from './repository.ts'

const OURS = 'OWNER/REPO@v1'
const EXAMPLES = filesUnder('examples', '.yml')

const stepsOf = (workflow: Workflow): Step[] =>
  Object.values(workflow.jobs ?? {}).flatMap(job => job.steps ?? [])

function unknownInputs(steps: Step[]): string[] {
  const inputs = steps.filter(({ uses }) => uses === OURS).flatMap(step => Object.keys(step.with ?? {}))
  return inputs.filter(name => !(name in action.inputs))
}

/** Outputs that a text takes from a step of ours, wherever that step has the given id. */
function unknownOutputs(text: string, steps: Step[]): string[] {
  const ids = steps.filter(({ uses }) => uses === OURS).map(step => String((step as { id?: string }).id))
  return [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    .filter(([, id = '', name = '']) => ids.includes(id) && !(name in action.outputs))
    .map(([match]) => match)
}

/** The variables that the action sets, as the source has them. */
const VARIABLES = new Set(code('src/action/outputs.ts').match(/\bSM_[A-Z_]+/g))

describe.each(EXAMPLES)('%s', path => {
  const text = read(path)
  const workflow = parseYaml(text) as Workflow

  test('is a workflow that uses the action', () => {
    expect(workflow).toMatchObject({
      name: expect.any(String),
      on: expect.anything(),
      jobs: expect.anything(),
    })
    expect(stepsOf(workflow).filter(({ uses }) => uses === OURS)).toHaveLength(1)
  })

  test('uses inputs and outputs that exist', () => {
    expect(unknownInputs(stepsOf(workflow))).toEqual([])
    expect(unknownOutputs(text, stepsOf(workflow))).toEqual([])
  })

  test('grants nothing by default, and a job at most reading the repository', () => {
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs ?? {})) {
      expect([{}, { contents: 'read' }]).toContainEqual(job.permissions)
    }
  })

  test('hands secrets to the action alone', () => {
    const others = stepsOf(workflow).filter(({ uses }) => uses !== OURS)
    expect(JSON.stringify(others)).not.toContain('secrets.')
  })

  test('puts nothing that others can choose into a script', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{')
  })

  test('uses third-party actions at a commit, or as DigiCert documents its own', () => {
    const others = stepsOf(workflow).flatMap(({ uses }) =>
      uses === undefined || uses === OURS ? [] : [uses],
    )
    const loose = others.filter(uses => !/@[0-9a-f]{40}$/.test(uses))
    expect(new Set(loose)).toEqual(
      new Set(loose.filter(uses => uses === 'digicert/code-signing-software-trust-action@v1')),
    )
  })

  test('is linked in the README', () => {
    expect(read('README.md')).toContain(`](${path})`)
  })
})

test('workflow lines in the docs use inputs and outputs that exist, too', () => {
  const problems = markdownFiles.flatMap(path =>
    fencedBlocks(read(path), 'yaml').flatMap(block => {
      const steps = stepsInBlock(parseYaml(block))
      return [...unknownInputs(steps), ...unknownOutputs(block, steps)].map(problem => `${path}: ${problem}`)
    }),
  )
  expect(problems).toEqual([])
})

/** A block shows steps, or jobs. */
function stepsInBlock(block: unknown): Step[] {
  return Array.isArray(block) ? (block as Step[]) : stepsOf(block as Workflow)
}

test('variables that examples and docs name are variables that the action sets', () => {
  const OTHERS = ['SM_CLIENT_CERT_FILE_B64', 'SM_KEYPAIR_ALIAS', 'SM_CERTIFICATE_ALIAS', 'SM_HASH']
  const known = new Set([...VARIABLES, ...OTHERS])
  const named = [...EXAMPLES, ...markdownFiles].flatMap(
    path => read(path).match(/\bSM_[A-Z0-9_]*[A-Z0-9]/g) ?? [],
  )
  expect([...new Set(named)].filter(name => !known.has(name))).toEqual([])
})
