import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readEmulatorInputs } from '../../../emulator/action/inputs.ts'
import { readAccessInputs } from '../../../src/action/access-inputs.ts'
import { readCheckInputs } from '../../../src/action/check-inputs.ts'
import { setCheckOutputs } from '../../../src/action/check-outputs.ts'
import { readRootInputs } from '../../../src/action/inputs.ts'
import { exportEnvironment, setOutputs } from '../../../src/action/outputs.ts'
import { readRotateInputs } from '../../../src/action/rotate-inputs.ts'
import type { Delivered } from '../../../src/operations/deliver.ts'
import { readCommandFile } from '../../support/runner.ts'
import { actions, code, codeOf, codesOf, read, sectionOf, tableRows } from './repository.ts'

/** The start of a PKCS#12 file, which is all that the inputs check. */
const P12 = Buffer.from('3003020103', 'hex').toString('base64')
const ACCESS = { 'api-key': 'key', enabled: 'true' }

interface Contract {
  uses: string
  /** The README in the action's folder, which has the tables of inputs and outputs. */
  readme: string
  parse: (env: NodeJS.ProcessEnv) => unknown
  /** The minimum that the action accepts, in each way to use it. */
  least: Record<string, Record<string, string>>
}

const CONTRACTS: Contract[] = [
  {
    uses: 'OWNER/REPO@v1',
    readme: read('README.md'),
    parse: readRootInputs,
    least: { issue: { 'api-key': 'key' }, stored: { mode: 'stored', p12: P12 } },
  },
  {
    uses: 'OWNER/REPO/check@v1',
    readme: read('check/README.md'),
    parse: readCheckInputs,
    least: { 'an API key': { 'api-key': 'key' }, 'a P12': { p12: P12 } },
  },
  {
    uses: 'OWNER/REPO/access@v1',
    readme: read('access/README.md'),
    parse: readAccessInputs,
    least: {
      'an id': { ...ACCESS, 'certificate-id': 'a' },
      'a serial number': { ...ACCESS, 'serial-number': '1' },
      'a nickname': { ...ACCESS, name: 'a' },
      'a P12': { ...ACCESS, p12: P12 },
      all: { 'api-key': 'key', enabled: 'false', all: 'true' },
      leftovers: { 'api-key': 'key', enabled: 'false', leftovers: 'true', 'github-token': 'token' },
    },
  },
  {
    uses: 'OWNER/REPO/rotate@v1',
    readme: read('rotate/README.md'),
    parse: readRotateInputs,
    least: {
      'a secret of GitHub': { 'api-key': 'key', p12: P12, 'github-token': 'token' },
      'any store': { 'api-key': 'key', p12: P12, publish: 'outputs' },
    },
  },
  {
    uses: 'OWNER/REPO/emulator@v1',
    readme: read('emulator/README.md'),
    parse: readEmulatorInputs,
    least: { nothing: {} },
  },
]

/** What the root action's README explains for all, and the sentence with which the others link there. */
const SHARED = ['host', 'clientauth-host', 'ca-certificates', 'timeout', 'retries', 'summary']
const POINTER = /^It also takes (.+), \[as `OWNER\/REPO` does\]\(\.\.\/README\.md#inputs\)\.$/m

const { env } = process
beforeEach(() => {
  // Masks are workflow commands on stdout.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  process.env = env
  jest.restoreAllMocks()
})

/** What a parser returns for these inputs, and the names of all inputs that it read. */
function run(parse: Contract['parse'], inputs: Record<string, string>) {
  const asked = new Set<string>()
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  )
  // @actions/core, which the emulator's action uses, only reads the process's own environment.
  process.env = new Proxy(Object.assign(given, { GITHUB_REPOSITORY: 'octo-org/hello', GITHUB_RUN_ID: '1' }), {
    get: (target, key) => {
      if (typeof key === 'string' && key.startsWith('INPUT_')) asked.add(key.slice(6).toLowerCase())
      return Reflect.get(target, key)
    },
  })
  return { parsed: parse(process.env), asked }
}

test('every action has its contract here', () => {
  expect(CONTRACTS.map(({ uses }) => uses).sort()).toEqual([...actions.keys()].sort())
})

describe.each(CONTRACTS)('$uses: inputs', ({ uses, readme, parse, least }) => {
  const section = sectionOf(readme, 'Inputs')
  const declared = actions.get(uses)?.inputs ?? {}
  const defaults = Object.fromEntries(
    Object.entries(declared).flatMap(([name, input]) =>
      input.default === undefined ? [] : [[name, String(input.default)]],
    ),
  )

  test('the parser reads those in action.yml, all of them and no others', () => {
    const asked = new Set(Object.values(least).flatMap(given => [...run(parse, given).asked]))
    expect([...asked].sort()).toEqual(Object.keys(declared).sort())
  })

  test.each(Object.entries(least))(
    'given %s, the defaults of action.yml are those of the parser',
    (_, given) => {
      expect(run(parse, { ...defaults, ...given }).parsed).toEqual(run(parse, given).parsed)
    },
  )

  test('action.yml requires those that the parser always requires', () => {
    const ways = Object.values(least)
    const insisted = Object.keys(declared).filter(name =>
      ways.every(given => {
        const { [name]: _, ...others } = given
        return name in given && failsWith(() => run(parse, others), 'INPUT_MISSING', `'${name}'`)
      }),
    )
    const required = Object.keys(declared).filter(name => declared[name]?.required === true)
    expect(insisted).toEqual(required)
  })

  test('the table in its README has each of them, in order, with its default', () => {
    const documented = tableRows(section, 'Input', 'Default').flatMap(([names, byDefault]) =>
      codesOf(names).map(name => [name, byDefault]),
    )
    const [, pointedTo = ''] = POINTER.exec(section) ?? []
    const elsewhere = [...pointedTo.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    const actual = Object.entries(declared)
      .filter(([name]) => !elsewhere.includes(name))
      .map(([name, input]) => [name, defaultCell(input)])
    expect(documented).toEqual(actual)
    // The root action's are explained in full, and the emulator contacts no server.
    const whole = ['OWNER/REPO@v1', 'OWNER/REPO/emulator@v1'].includes(uses)
    expect(elsewhere).toEqual(whole ? [] : SHARED)
  })

  test('those that all actions share are the same everywhere', () => {
    const common = actions.get('OWNER/REPO@v1')?.inputs ?? {}
    if (uses === 'OWNER/REPO/emulator@v1') return
    for (const name of SHARED) expect({ name, ...declared[name] }).toEqual({ name, ...common[name] })
  })

  test('action.yml explains each in a whole sentence', () => {
    for (const { description } of Object.values(declared)) expect(description).toMatch(/^\S.{15,}\.$/)
  })
})

function defaultCell(input: { default?: string; required?: boolean }): string {
  if (input.required === true) return '**required**'
  return input.default === undefined ? '' : `\`${input.default}\``
}

function failsWith(act: () => unknown, errorCode: string, words: string): boolean {
  try {
    act()
    return false
  } catch (error) {
    const { code: found, message } = error as { code?: string; message?: string }
    return found === errorCode && message?.includes(words) === true
  }
}

const delivered: Delivered = {
  mode: 'issue',
  facts: {
    serialNumber: '01',
    publicKey: '',
    fingerprintSha256: '02',
    subject: 'CN=a',
    issuer: 'CN=b',
    notBefore: new Date(0),
    notAfter: new Date(0),
  },
  name: '',
  certificateId: '',
  user: undefined,
  verified: true,
  permissions: [],
  password: 'p',
  files: { p12: '/p12', certificate: '/crt', chain: '', key: '', signingCertificate: '' },
  signing: {
    keypairId: 'k',
    keypairAlias: 'release-key',
    certificateAlias: 'c',
    certificate: {
      facts: {
        serialNumber: '03',
        publicKey: '',
        fingerprintSha256: '04',
        subject: 'CN=c',
        issuer: 'CN=d',
        notBefore: new Date(0),
        notAfter: new Date(0),
      },
      sha1: '05',
      signer: 'Example Inc',
      certificate: undefined as never,
      chain: [],
      daysRemaining: 1,
      expiring: false,
    },
  },
  clientauthUrl: 'https://clientauth.one.digicert.com',
  daysRemaining: 0,
  expiring: false,
}

/** Runs `act` with command files and returns what it wrote to one of them. */
function written(file: 'GITHUB_OUTPUT' | 'GITHUB_ENV', act: () => void): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'))
  try {
    const path = join(folder, 'commands')
    writeFileSync(path, '')
    process.env = { [file]: path }
    act()
    expect(readFileSync(path, 'utf8')).not.toBe('')
    return readCommandFile(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const nothing = {
  certificates: [],
  expiringCount: 0,
  count: 0,
  concerningCount: 0,
  expiredCount: 0,
  shortLivedCount: 0,
  next: undefined,
  nothing: undefined,
  now: new Date(0),
}

/** The outputs that the code of each action sets, in order. */
const SET: Record<string, () => string[]> = {
  'OWNER/REPO@v1': () => Object.keys(written('GITHUB_OUTPUT', () => setOutputs(delivered))),
  'OWNER/REPO/check@v1': () =>
    Object.keys(written('GITHUB_OUTPUT', () => setCheckOutputs(nothing, '/report'))),
  'OWNER/REPO/access@v1': () =>
    [...code('src/action/access.ts').matchAll(/\bsetOutput\('([^']+)'/g)].map(([, name = '']) => name),
  'OWNER/REPO/rotate@v1': () =>
    [...code('src/action/rotate.ts').matchAll(/\bsetOutput\('([^']+)'/g)].map(([, name = '']) => name),
  'OWNER/REPO/emulator@v1': () => {
    const [, outputs = ''] = /const outputs = \{([^}]+)\}/.exec(code('emulator/action/start.ts')) ?? []
    return [...outputs.matchAll(/^ +'?([a-z0-9-]+)'?:/gm)].map(([, name = '']) => name)
  },
}

describe.each(CONTRACTS)('$uses: outputs', ({ uses, readme }) => {
  const declared = actions.get(uses)?.outputs ?? {}

  test('the action sets those in action.yml, all of them and no others', () => {
    expect(SET[uses]?.()).toEqual(Object.keys(declared))
  })

  test('the table in its README has each of them, in order', () => {
    expect(tableRows(sectionOf(readme, 'Outputs'), 'Output').flatMap(([names]) => codesOf(names))).toEqual(
      Object.keys(declared),
    )
  })

  test('action.yml explains each in a whole sentence', () => {
    for (const { description } of Object.values(declared)) expect(description).toMatch(/^\S.{11,}\.$/)
  })
})

test("README's section on outputs has every variable that later steps find, beside the output with its value", () => {
  const outputs = sectionOf(read('README.md'), 'Outputs')
  const documented = tableRows(outputs, 'Output', 'Variable')
    .filter(([, variable]) => variable !== '')
    .map(([name, variable]) => [codeOf(variable), codeOf(name)])
  const variables = written('GITHUB_ENV', () => exportEnvironment(delivered, 'key'))
  const values = written('GITHUB_OUTPUT', () => setOutputs(delivered))
  const fromOutputs = documented.map(([variable = '', output = '']) => [variable, values[output]])
  expect({ ...Object.fromEntries(fromOutputs), SM_API_KEY: 'key' }).toEqual(variables)
  expect(outputs).toContain('`SM_API_KEY`, if `api-key` was given')
})
