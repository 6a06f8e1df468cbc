import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readRootInputs } from '../../../src/action/inputs.ts'
import { exportEnvironment, setOutputs } from '../../../src/action/outputs.ts'
import type { Delivered } from '../../../src/operations/request.ts'
import { readCommandFile } from '../../support/runner.ts'
import { action, code, codeOf, read, tableRows } from './repository.ts'

const README = read('README.md')
/** The start of a PKCS#12 file, which is all that the inputs look at. */
const P12 = Buffer.from('3003020103', 'hex').toString('base64')
const REQUIRED = { issue: { 'api-key': 'key' }, stored: { mode: 'stored', p12: P12 } }

const { env } = process
beforeEach(() => {
  // Masks are workflow commands on stdout.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  process.env = env
  jest.restoreAllMocks()
})

/** What the parser makes of these inputs, and the names of all inputs that it asked for. */
function parse(inputs: Record<string, string>) {
  const asked = new Set<string>()
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  )
  process.env = new Proxy(given, {
    get: (target, key) => {
      if (typeof key === 'string' && key.startsWith('INPUT_')) asked.add(key.slice(6).toLowerCase())
      return Reflect.get(target, key)
    },
  })
  return { parsed: readRootInputs({ GITHUB_REPOSITORY: 'octo-org/hello', GITHUB_RUN_ID: '1' }), asked }
}

const defaults = Object.fromEntries(
  Object.entries(action.inputs).flatMap(([name, input]) =>
    input.default === undefined ? [] : [[name, String(input.default)]],
  ),
)

describe('inputs', () => {
  test('the parser asks for those in action.yml, all of them and no others', () => {
    const asked = new Set([...parse(REQUIRED.issue).asked, ...parse(REQUIRED.stored).asked])
    expect([...asked].sort()).toEqual(Object.keys(action.inputs).sort())
  })

  test('what starts early looks at inputs in action.yml, too', () => {
    const names = [...code('src/main.ts').matchAll(/INPUT_([A-Z-]+)/g)].map(([, name = '']) =>
      name.toLowerCase(),
    )
    expect(names).toEqual(['mode', 'key-size', 'host', 'clientauth-host'])
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(names))
  })

  test.each(['issue', 'stored'] as const)(
    'in %s mode the defaults of action.yml are those of the parser',
    mode => {
      expect(parse({ ...defaults, ...REQUIRED[mode] }).parsed).toEqual(parse(REQUIRED[mode]).parsed)
    },
  )

  test("README's table has each of them, in order, with its default", () => {
    const documented = tableRows(README, 'Input', 'Default').map(([name, byDefault]) => [
      codeOf(name),
      byDefault,
    ])
    const actual = Object.entries(action.inputs).map(([name, input]) => [
      name,
      input.default === undefined ? '' : `\`${input.default}\``,
    ])
    expect(documented).toEqual(actual)
  })

  test('each is explained in action.yml, in a whole sentence', () => {
    for (const { description } of Object.values(action.inputs)) expect(description).toMatch(/^\S.{15,}\.$/)
  })
})

const delivered: Delivered = {
  mode: 'issue',
  facts: {
    serialNumber: '01',
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
  files: { p12: '/p12', certificate: '/crt', chain: '', key: '' },
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

describe('outputs', () => {
  test('the action sets those in action.yml, all of them and no others', () => {
    const set = written('GITHUB_OUTPUT', () => setOutputs(delivered))
    expect(Object.keys(set)).toEqual(Object.keys(action.outputs))
  })

  test("README's table has each of them, in order", () => {
    const documented = tableRows(README, 'Output').map(([name]) => codeOf(name))
    expect(documented).toEqual(Object.keys(action.outputs))
  })
})

test("README's table of variables is what later steps find", () => {
  const documented = tableRows(README, 'Variable', 'Value').map(([name]) => codeOf(name))
  const set = written('GITHUB_ENV', () => exportEnvironment(delivered, 'key'))
  expect(documented).toEqual(Object.keys(set))
})
