import { describe, expect, test } from '@jest/globals'
import {
  actions,
  code,
  codeOf,
  fencedBlocks,
  filesUnder,
  markdownFiles,
  parseYaml,
  read,
  type Step,
  sectionOf,
  stepsOf,
  tableRows,
  type Workflow,
} from './repository.ts'

const EXAMPLES = filesUnder('examples', '.yml')

/** Reusable workflows of this repository, by what a job writes after `uses:`. */
const REUSABLE = new Map(
  filesUnder('.github/workflows', '.yml')
    .map(path => [path, parseYaml(read(path)) as Workflow] as const)
    .filter(([, { on }]) => on?.workflow_call !== undefined)
    .map(([path, workflow]) => [`OWNER/REPO/${path}@v1`, workflow]),
)

interface Caller {
  uses?: string
  with?: Record<string, unknown>
  secrets?: Record<string, unknown> | 'inherit'
}

const callersOf = (workflow: Workflow): Caller[] =>
  Object.values(workflow.jobs ?? {}).filter(job => (job as Caller).uses !== undefined) as Caller[]

/** What is wrong with how a job calls one of our reusable workflows. */
function miscalls({ uses = '', with: given = {}, secrets = {} }: Caller): string[] {
  const call = REUSABLE.get(uses)?.on?.workflow_call
  if (call === undefined) return [`there is no ${uses}`]
  const declared = { ...call.inputs, ...call.secrets }
  const handed = Object.keys({ ...given, ...(secrets === 'inherit' ? {} : secrets) })
  const absent = Object.entries(declared).filter(([name, { required }]) => required && !handed.includes(name))
  return [
    ...handed.filter(name => !(name in declared)).map(name => `${uses} has no ${name}`),
    ...absent.map(([name]) => `${uses} needs ${name}`),
  ]
}

/** Needs no secret, so an example may use it next to the action that it shows, and in pull requests from forks. */
const EMULATOR = 'OWNER/REPO/emulator@v1'

/** Disables what vanished runners left: may be used next to a check, and has to read the repository's workflow runs. */
const SWEEP = 'OWNER/REPO/access@v1'

const sweeps = ({ uses, with: given = {} }: Step): boolean =>
  uses === SWEEP && String(given.leftovers) === 'true'

/** The composite action of an example, by what the example writes after `uses:`. */
const COMPOSITE_PATH = 'examples/composite/action.yaml'
const COMPOSITE_USES = './.github/actions/sign'
const COMPOSITE = parseYaml(read(COMPOSITE_PATH)) as {
  inputs: Record<string, { required?: boolean }>
  runs: { using: string; steps: Step[] }
}

const isOurs = ({ uses = '' }: Step): boolean => uses.startsWith('OWNER/REPO')

const isTrusted = (step: Step): boolean => isOurs(step) || step.uses === COMPOSITE_USES

/** With the composite action replaced by its contents. */
const unfolded = (steps: Step[]): Step[] =>
  steps.flatMap(step => (step.uses === COMPOSITE_USES ? COMPOSITE.runs.steps : [step]))

type Job = NonNullable<Workflow['jobs']>[string]

const hasSecrets = (job: Job): boolean => JSON.stringify(job).includes('secrets.')

/** The permissions that a job may request, by what it does. */
function permissionsFor(job: Job): Record<string, string>[] {
  const { steps = [] } = job
  if (steps.some(sweeps)) return [{ actions: 'read' }]
  const alone = !hasSecrets(job) && !steps.some(isTrusted)
  const hands = steps.some(({ with: given }) => given?.publish === 'outputs')
  return [
    {},
    { contents: 'read' },
    ...(alone ? [{ issues: 'write' }, { contents: 'write' }] : []),
    ...(hands ? [{ 'id-token': 'write' }] : []),
  ]
}

/** Steps with which a job signs, and those with which it verifies what it signed. */
const SIGNS = /^(Sign|Pack and sign)\b/
const VERIFIES = /^Check the signature/

const signingJobs = (workflow: Workflow): Job[] =>
  Object.values(workflow.jobs ?? {}).filter(({ steps = [] }) =>
    steps.some(({ name = '' }) => SIGNS.test(name)),
  )

/** Commands that build, or that run other people's code during installation. */
const BUILDS =
  /build\.(sh|ps1)|gradlew|\bmvn\b|\bmake\b|\bcargo\b|\bgo (build|run|install)\b|\bgoreleaser\b|dotnet (build|pack|publish)|tauri build|electron-builder (?!.*--prepackaged)|npm (run|install|i|test)\b|npm ci(?! --ignore-scripts)/

/** What is wrong with a job that has secrets: somebody else's code would run with access to them. */
function builds({ steps = [] }: Job): string[] {
  return steps.flatMap(({ uses = '', run = '', with: given = {} }) => [
    ...(uses.startsWith('actions/checkout@') && given['sparse-checkout'] !== '.github/actions' ? [uses] : []),
    ...(uses.startsWith('actions/cache@') || uses.startsWith('goreleaser/') ? [uses] : []),
    ...(BUILDS.test(run) ? [run] : []),
  ])
}

/** The root action's inputs that only apply in one mode, according to the README's table. */
const MODES = new Map(
  tableRows(sectionOf(read('README.md'), 'Inputs'), 'Input', 'Default', 'Mode').map(([name, , mode]) => [
    codeOf(name),
    mode,
  ]),
)

function idleInputs({ uses, with: given = {} }: Step): string[] {
  if (uses !== 'OWNER/REPO@v1') return []
  if (String(given.mode).startsWith('${{')) return [] // its caller decides
  const idle = given.mode === 'stored' ? 'issue' : 'stored'
  return Object.keys(given).filter(name => MODES.get(name) === idle)
}

/** What is wrong with how these steps use our actions. */
function misuses(steps: Step[]): string[] {
  return steps.filter(isOurs).flatMap(step => {
    const { uses = '', with: given = {} } = step
    const action = actions.get(uses)
    if (action === undefined) return [`there is no ${uses}`]
    const unknown = Object.keys(given).filter(name => !(name in action.inputs))
    const absent = Object.keys(action.inputs).filter(
      name => action.inputs[name]?.required === true && !(name in given),
    )
    return [
      ...unknown.map(name => `${uses} has no ${name}`),
      ...absent.map(name => `${uses} needs ${name}`),
      ...idleInputs(step).map(name => `${name} does nothing in this mode`),
    ]
  })
}

/** Outputs that a text uses from one of our steps, and that its action does not have. */
function unknownOutputs(text: string, steps: Step[]): string[] {
  return [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)]
    .filter(([, id, name = '']) => {
      const step = steps.find(found => isOurs(found) && found.id === id)
      return step !== undefined && !(name in (actions.get(step.uses ?? '')?.outputs ?? {}))
    })
    .map(([match]) => match)
}

/** The variables that the action sets, from the source. */
const VARIABLES = new Set(code('src/action/outputs.ts').match(/\bSM_[A-Z0-9_]+/g))

describe.each(EXAMPLES)('%s', path => {
  const text = read(path)
  const workflow = parseYaml(text) as Workflow

  test('is a workflow that uses the action', () => {
    expect(workflow).toMatchObject({
      name: expect.any(String),
      on: expect.anything(),
      jobs: expect.anything(),
    })
    const steps = unfolded(stepsOf(workflow)).filter(isOurs)
    const uses = [...steps, ...callersOf(workflow)].map(step => step.uses)
    const checks = uses.includes('OWNER/REPO/check@v1')
    const beside = [EMULATOR, ...(checks && steps.some(sweeps) ? [SWEEP] : [])]
    expect(new Set(uses.filter(name => name === undefined || !beside.includes(name))).size).toBe(1)
  })

  test('uses inputs and outputs that exist', () => {
    expect(misuses(stepsOf(workflow))).toEqual([])
    expect(callersOf(workflow).flatMap(miscalls)).toEqual([])
    expect(unknownOutputs(text, stepsOf(workflow))).toEqual([])
  })

  test('grants nothing by default, and a job at most to read the repository, or its runs to find leftovers; one without secrets and our actions may write an issue or a release; one that rotates in a store may log in to it', () => {
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs ?? {}))
      expect(permissionsFor(job)).toContainEqual(job.permissions)
  })

  test('builds nothing in a job with secrets, and gives the others no environment', () => {
    for (const job of Object.values(workflow.jobs ?? {})) {
      if (hasSecrets(job)) expect(builds(job)).toEqual([])
      else expect(job.environment).toBeUndefined()
    }
  })

  test('signs in a job of its own, which downloads, signs, verifies and uploads', () => {
    for (const { needs, environment, permissions, steps = [] } of signingJobs(workflow)) {
      expect(needs).toBe('build')
      expect(workflow.jobs?.build).toBeDefined()
      expect(environment).toContain('release')
      const sparse = steps.some(({ uses = '' }) => uses.startsWith('actions/checkout@'))
      expect(permissions).toEqual(sparse ? { contents: 'read' } : {})
      const at = (found: (step: Step) => boolean) => unfolded(steps).findLastIndex(found)
      const order = [
        at(({ uses = '' }) => uses.startsWith('actions/download-artifact@')),
        at(({ uses }) => uses === 'OWNER/REPO@v1'),
        at(({ name = '' }) => SIGNS.test(name)),
        at(({ name = '' }) => VERIFIES.test(name)),
        at(({ uses = '' }) => uses.startsWith('actions/upload-artifact@')),
      ]
      // Two service users take turns, so the last use comes after the first signature.
      expect(order.every(index => index >= 0)).toBe(true)
      expect(order).toEqual(order.toSorted((one, other) => one - other))
    }
  })

  test('a check fails when there was nothing to check', () => {
    const checks = stepsOf(workflow).filter(({ uses }) => uses === 'OWNER/REPO/check@v1')
    for (const { with: given = {} } of checks) expect(given['if-none-found'] ?? 'error').toBe('error')
  })

  test('a failure at night reaches more people than the one whom GitHub notifies', () => {
    if (!/^ {2}schedule:/m.test(text) || !text.includes('OWNER/REPO/check@v1')) return
    // Also after a success, if it closes what it opened.
    const tells = Object.values(workflow.jobs ?? {}).filter(({ if: condition = '' }) =>
      /^(failure\(\)|\$\{\{ !cancelled\(\) \}\})$/.test(condition),
    )
    expect(tells).toMatchObject([{ permissions: { issues: 'write' }, needs: 'check' }])
  })

  test('passes secrets only to the action', () => {
    const others = stepsOf(workflow).filter(step => !isTrusted(step))
    expect(JSON.stringify(others)).not.toContain('secrets.')
  })

  test('puts nothing that others can choose into a script', () => {
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{')
  })

  test('uses third-party actions at a commit, or as DigiCert documents its own', () => {
    const others = stepsOf(workflow).flatMap(step =>
      step.uses === undefined || isTrusted(step) ? [] : [step.uses],
    )
    const loose = others.filter(uses => !/@[0-9a-f]{40}$/.test(uses))
    expect(new Set(loose)).toEqual(
      new Set(loose.filter(uses => uses === 'digicert/code-signing-software-trust-action@v1')),
    )
  })

  test('uses each field of its form, and no others', () => {
    const fields = Object.keys(workflow.on?.workflow_dispatch?.inputs ?? {})
    const used = [...text.matchAll(/\binputs\.([\w-]+)/g)].map(([, name = '']) => name)
    expect([...new Set(used)].sort()).toEqual(fields.sort())
  })

  test('has no secrets where a fork could start it: without them it would only fail', () => {
    if (!/^ {2}pull_request:/m.test(text)) return
    for (const { if: condition, steps = [] } of Object.values(workflow.jobs ?? {}).filter(hasSecrets)) {
      const emulator = steps.find(({ uses }) => uses === EMULATOR)
      if (emulator === undefined)
        expect(condition).toContain('github.event.pull_request.head.repo.fork != true')
      else expect(emulator.if).toBe("github.event_name == 'pull_request'")
    }
  })

  test('never runs for a fork with secrets', () => {
    expect(text).not.toMatch(/pull_request_target|workflow_run/)
  })

  test('is linked in the README, or in that of the examples', () => {
    expect(`${read('README.md')}${read('examples/README.md').replaceAll('](', '](examples/')}`).toContain(
      `](${path})`,
    )
  })
})

describe.each([...REUSABLE])('%s', (uses, workflow) => {
  const { inputs = {} } = workflow.on?.workflow_call ?? {}
  const [step] = stepsOf(workflow).filter(isOurs)
  const action = actions.get(step?.uses ?? '')

  test('is used by an example', () => {
    const called = EXAMPLES.flatMap(path => callersOf(parseYaml(read(path)) as Workflow))
    expect(called.map(caller => caller.uses)).toContain(uses)
  })

  test('passes inputs that exist to the action, with its defaults', () => {
    expect(misuses(stepsOf(workflow))).toEqual([])
    const shared = Object.entries(inputs).filter(([name]) => name in (action?.inputs ?? {}))
    expect(shared.length).toBeGreaterThan(3)
    for (const [name, { default: value }] of shared.filter(([, input]) => !input.required)) {
      const own = action?.inputs[name]?.default ?? ''
      expect([name, String(value)]).toEqual([name, String(own)])
    }
  })

  test('grants nothing, builds nothing, and two rotations of one secret never overlap', () => {
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs ?? {})) {
      expect(job.permissions).toEqual({})
      expect(builds(job)).toEqual([])
      if (job.steps?.some(({ uses }) => uses === 'OWNER/REPO/rotate@v1') !== true) continue
      expect(job.concurrency).toEqual({ group: expect.stringMatching(/\$\{\{/), 'cancel-in-progress': false })
    }
  })

  test('passes secrets only to the action, and puts nothing from its caller into a script', () => {
    expect(JSON.stringify(stepsOf(workflow).filter(found => !isOurs(found)))).not.toContain('secrets.')
    for (const { run = '' } of stepsOf(workflow)) expect(run).not.toContain('${{')
  })

  test('uses every input that it declares', () => {
    const text = read(uses.replace('OWNER/REPO/', '').replace('@v1', ''))
    expect(Object.keys(inputs).filter(name => !text.includes(`inputs.${name}`))).toEqual([])
  })
})

describe(COMPOSITE_PATH, () => {
  const { inputs, runs } = COMPOSITE

  test('is a composite action that uses ours, with inputs that exist', () => {
    expect(runs.using).toBe('composite')
    expect(runs.steps.filter(isOurs).map(({ uses }) => uses)).toEqual(['OWNER/REPO@v1'])
    expect(misuses(runs.steps)).toEqual([])
  })

  test('gets what it needs, and nothing else', () => {
    const callers = EXAMPLES.flatMap(path => stepsOf(parseYaml(read(path)) as Workflow)).filter(
      ({ uses }) => uses === COMPOSITE_USES,
    )
    expect(callers.map(({ with: given = {} }) => Object.keys(given))).toEqual([Object.keys(inputs)])
  })

  test('uses each input, and puts none into a script', () => {
    const text = read(COMPOSITE_PATH)
    expect(Object.keys(inputs).filter(name => !text.includes(`inputs.${name} `))).toEqual([])
    for (const { run = '' } of runs.steps) expect(run).not.toContain('${{')
  })
})

test.each<[Step]>([
  [{ uses: 'actions/checkout@v6' }],
  [{ uses: 'actions/checkout@v6', with: { 'sparse-checkout': 'src' } }],
  [{ uses: 'actions/cache@v5' }],
  [{ run: './build.sh' }],
  [{ run: './gradlew build' }],
  [{ run: 'npm ci' }],
  [{ run: 'npm run build' }],
  [{ run: 'dotnet pack' }],
  [{ run: 'npx electron-builder --dir' }],
  [{ run: 'npx electron-builder --win nsis --publish never' }],
])('would notice %j next to a secret', step => {
  expect(builds({ steps: [step] })).toHaveLength(1)
})

test('there are examples that sign, on each system and with each tool, and the README lists them in a table', () => {
  const signing = EXAMPLES.filter(
    path => signingJobs(parseYaml(read(path)) as Workflow).length > 0 || read(path).includes('/sign.yml@v1'),
  )
  expect(signing.length).toBeGreaterThan(14)
  const listed = tableRows(sectionOf(read('README.md'), 'Sign'), 'You sign with', 'Runner', 'Example')
  const cells = listed.map(([, , example = '']) => example).join()
  expect(signing.filter(path => !cells.includes(`](${path})`))).toEqual([])
})

test('every KSP tool signs after the certificate is registered with Windows, one command a step', () => {
  const ksp = EXAMPLES.filter(path => /\bsigntool sign|nuget sign/.test(read(path)))
  expect(ksp).toHaveLength(3)
  for (const path of ksp) {
    const runs = stepsOf(parseYaml(read(path)) as Workflow).map(({ run = '' }) => run)
    const sync = runs.findIndex(run => run.startsWith('smctl windows certsync'))
    const sign = runs.findIndex(run => /signtool sign|nuget sign/.test(run))
    expect(sync).toBeGreaterThanOrEqual(0)
    expect(sign).toBeGreaterThan(sync)
    // PowerShell continues after a command that failed, and exits with the result of the last.
    const native = runs.filter(run => /^(smctl|signtool|dotnet|npx|npm)\b/m.test(run))
    expect(native.filter(run => run.trim().includes('\n'))).toEqual([])
  }
})

test('what electron-builder packs unsigned can update itself: only an NSIS target gets app-update.yml, and nothing is published', () => {
  const workflow = parseYaml(read('examples/windows-electron-builder.yml')) as Workflow
  const runs = stepsOf(workflow).map(({ run = '' }) => run.trim())
  const packs = runs.filter(run => run.startsWith('npx electron-builder'))
  expect(packs).toHaveLength(2)
  for (const pack of packs) expect(pack).toMatch(/^npx electron-builder --win nsis .*--publish never/)
})

test("electron-builder's configuration is the same at the top of the example and in the page about Windows", () => {
  const [head = ''] = /^(#.*\n)+/.exec(read('examples/windows-electron-builder.yml')) ?? []
  const inExample = parseYaml([...head.matchAll(/^# {3}(.*)$/gm)].map(([, line]) => line).join('\n'))
  const blocks = fencedBlocks(sectionOf(read('docs/windows.md'), 'electron-builder'), 'yaml')
  const [inPage] = blocks.map(block => parseYaml(block) as { win?: unknown; publish?: unknown })
  expect(inExample).toMatchObject({ win: { signtoolOptions: { publisherName: expect.any(String) } } })
  expect(inPage).toEqual({ ...(inExample as object), publish: expect.any(Object) })
})

test('each example says which secrets and variables it takes, unless the README or Setup has them stored', () => {
  const pages = `${read('README.md')}${read('docs/setup.md')}${read('rotate/README.md')}`
  const stored = [...pages.matchAll(/gh (?:secret|variable) set ([A-Z0-9_]+)/g)].map(([, name]) => name)
  const untold = EXAMPLES.flatMap(path => {
    const [head = ''] = /^(#.*\n)+/.exec(read(path)) ?? []
    const taken = [...read(path).matchAll(/\b(?:secrets|vars)\.([A-Z0-9_]+)/g)].map(([, name = '']) => name)
    return [...new Set(taken)]
      .filter(name => !stored.includes(name) && !new RegExp(`\\b${name}\\b`).test(head))
      .map(name => `${path}: ${name}`)
  })
  expect(untold).toEqual([])
})

test('there is an example for every action', () => {
  const used = EXAMPLES.flatMap(path => stepsOf(parseYaml(read(path)) as Workflow).filter(isOurs))
  expect([...new Set(used.map(({ uses = '' }) => uses))].sort()).toEqual([...actions.keys()].sort())
})

test('workflow lines in the docs use inputs and outputs that exist, too', () => {
  const problems = markdownFiles.flatMap(path =>
    fencedBlocks(read(path), 'yaml').flatMap(block => {
      const steps = stepsInBlock(parseYaml(block))
      return [...misuses(steps), ...unknownOutputs(block, steps)].map(problem => `${path}: ${problem}`)
    }),
  )
  expect(problems).toEqual([])
})

/** A block shows steps, or jobs. */
function stepsInBlock(block: unknown): Step[] {
  return Array.isArray(block) ? (block as Step[]) : stepsOf(block as Workflow)
}

test('variables that examples and docs name are ones that the action sets', () => {
  const OTHERS = ['SM_CLIENT_CERT_FILE_B64', 'SM_HASH']
  const known = new Set([...VARIABLES, ...OTHERS])
  const named = [...EXAMPLES, ...markdownFiles].flatMap(
    path => read(path).match(/\bSM_[A-Z0-9_]*[A-Z0-9]/g) ?? [],
  )
  expect([...new Set(named)].filter(name => !known.has(name))).toEqual([])
})
