// Hostile text in every string that DigiCert ONE and GitHub send, for every operation. Which strings there are is read from
// the responses themselves; the lists below say which of them are left alone at first, because without them an operation
// stops before it shows the others. Those come one by one.
import { describe, expect, test } from '@jest/globals'
import type { Faults } from '../../emulator/index.ts'
import { expectHarmless, HOSTILES } from '../support/harmless.ts'
import { inDays } from '../support/inventory.ts'
import { OWN, useRotation } from '../support/rotation.ts'
import { ROOT, readAction, type StepResult } from '../support/runner.ts'
import { type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

/** What an operation needs in order to continue. */
const NEEDED = ['id', 'x509_cert', 'ca_cert', 'start_date', 'end_date', 'status']
const GITHUB_NEEDED = ['key', 'key_id', 'updated_at', 'visibility']
/** All the strings in responses from DigiCert ONE and GitHub. A new one in an emulator has to be added here. */
const DIGICERT = [
  ...[...NEEDED, 'user_id', 'name', 'common_name', 'serial_number', 'public_key', 'email', 'access_scope'],
  ...[
    'primary_account_id',
    'created_at',
    'created_by',
    'user_type',
    'friendly_name',
    'description',
    'locale',
  ],
  ...['permissions', 'accounts', 'from', 'to', 'friendly_identifier', 'code', 'message'],
]
const GITHUB = [...GITHUB_NEEDED, 'name', 'created_at', 'full_name', 'selected_repositories_url']

/** Replaces the strings under the chosen keys; those in a list use the list's key. */
function poison(value: unknown, text: string, chosen: (key: string) => boolean, key = ''): unknown {
  if (typeof value === 'string') return chosen(key) ? text : value
  if (Array.isArray(value)) return value.map(item => poison(item, text, chosen, key))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([name, inner]) => [name, poison(inner, text, chosen, name)]))
}

function poisonAll(faults: Faults, text: string, chosen: (key: string) => boolean): void {
  faults.add({ times: Number.POSITIVE_INFINITY, rewrite: body => poison(body, text, chosen) })
}

const seen = { digicert: new Set<string>(), github: new Set<string>() }
const all = (set: Set<string>, except: string[]) => (key: string) => {
  set.add(key)
  return !except.includes(key)
}

function expectData(result: StepResult, folder: string, ...columns: number[]): void {
  expectHarmless(result, ...columns)
  const { outputs } = readAction(`${ROOT}${folder}`)
  expect(Object.keys(result.outputs).filter(name => !(name in outputs))).toEqual([])
  expect(Object.keys(result.env).filter(name => !name.startsWith('SM_'))).toEqual([])
  for (const name of ['SM_HOST', 'SM_CLIENT_CERT_FILE']) expect(result.env[name] ?? '').not.toContain('evil')
}

const USES: { use: string; folder: string; columns: number; inputs: Inputs }[] = [
  { use: 'issue', folder: '', columns: 2, inputs: {} },
  { use: 'stored', folder: '', columns: 2, inputs: { mode: 'stored', 'warn-within': '397d' } },
  { use: 'check', folder: 'check', columns: 5, inputs: { 'include-disabled': 'true' } },
  { use: 'access', folder: 'access', columns: 2, inputs: { enabled: 'false' } },
]

describe.each(USES)('$use', ({ use, folder, columns, inputs }) => {
  const scene = useScene({}, folder)

  async function run(text: string, chosen: (key: string) => boolean): Promise<StepResult> {
    const { emulator } = scene
    const { base64 } = await storedP12(emulator, { name: text, notAfter: inDays(20) })
    const p12 = use === 'issue' ? {} : { p12: base64, 'p12-password': PASSWORD }
    poisonAll(emulator.faults, text, chosen)
    const scenario = scene.scenario({ retries: '0', ...inputs, ...p12 }, { RUNNER_DEBUG: '1' })
    const main = await scenario.main()
    if (folder === '') expectData(await scenario.post(), folder, columns)
    return main
  }

  test.each(HOSTILES.map((_, index) => index))('all strings at once (%i)', async index => {
    const main = await run(HOSTILES[index] ?? '', all(seen.digicert, [...NEEDED, 'serial_number']))
    expectData(main, folder, columns)
    expect([main.log, main.summary, ...Object.values(main.outputs)].join()).toMatch(/pwned/)
  })

  test.each([...NEEDED, 'serial_number'])('%s alone', async key => {
    expectData(await run(HOSTILES[1], name => name === key), folder, columns)
  })

  test.each(['errors', 'error', 'status'] as const)('code and message of an error (%s)', async shape => {
    const at = ['errors', 'error', 'status'].indexOf(shape)
    const error = { code: HOSTILES[at] ?? '', message: HOSTILES[at + 1] ?? '' }
    scene.emulator.faults.add({ times: Number.POSITIVE_INFINITY, answer: { status: 400, shape, error } })
    expectData(await run(HOSTILES[0], () => true), folder, columns)
  })
})

describe('rotate', () => {
  const rotation = useRotation()
  const targets = [OWN, 'octo-org/app:release', 'org:octo-org']

  async function run(text: string): Promise<StepResult> {
    await rotation.store(targets, { name: text })
    return rotation.run(
      { retries: '0', targets: targets.join('\n'), force: 'true' },
      { env: { RUNNER_DEBUG: '1' } },
    )
  }

  test.each(HOSTILES.map((_, index) => index))('all strings at once (%i)', async index => {
    const text = HOSTILES[index] ?? ''
    poisonAll(rotation.digicert.faults, text, all(seen.digicert, [...NEEDED, 'serial_number']))
    poisonAll(rotation.github.faults, text, all(seen.github, GITHUB_NEEDED))
    expectData(await run(text), 'rotate', 2, 3)
  })

  test.each(GITHUB_NEEDED)('%s alone', async key => {
    poisonAll(rotation.github.faults, HOSTILES[1], name => name === key)
    expectData(await run(HOSTILES[1]), 'rotate', 2, 3)
  })

  test.each([401, 403, 404, 422, 500])('message and headers of an error %i', async status => {
    rotation.github.faults.add({
      times: Number.POSITIVE_INFINITY,
      headers: {
        'x-accepted-github-permissions': 'a=write; ##[error]pwned %0A::error::pwned | <b> \u009b31m\u00ad',
      },
      answer: { status, error: { code: '', message: HOSTILES[status % HOSTILES.length] ?? '' } },
    })
    const main = await run(HOSTILES[0])
    expect(main.exitCode).toBe(1)
    expectData(main, 'rotate', 2, 3)
  })
})

test('covers every string of every response', () => {
  expect([...seen.digicert].filter(key => !DIGICERT.includes(key))).toEqual([])
  expect([...seen.github].filter(key => !GITHUB.includes(key))).toEqual([])
  const used = ['name', 'friendly_name', 'serial_number', 'user_id', 'permissions', 'email']
  expect([...seen.digicert]).toEqual(expect.arrayContaining([...NEEDED, ...used]))
  expect([...seen.github]).toEqual(expect.arrayContaining(GITHUB_NEEDED))
})
