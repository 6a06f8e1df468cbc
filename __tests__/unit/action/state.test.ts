import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  claimState,
  readJob,
  savedConnection,
  saveHandedOver,
  saveJob,
  stateLedger,
} from '../../../src/action/state.ts'
import type { ClientOptions } from '../../../src/digicert/client.ts'
import { PrivateDirectory } from '../../../src/files.ts'
import { savedState, withEnv } from '../../support/captured.ts'
import { testCertificate, testKey } from '../../support/p12-certificates.ts'
import { testWithModes } from '../../support/platform.ts'
import { fakeClock } from '../../support/ports.ts'
import { asState } from '../../support/runner.ts'

const RUNNER = { RUNNER_TEMP: join('/', 'runner temp'), GITHUB_RUN_ID: '1234567890', GITHUB_RUN_ATTEMPT: '1' }
const directory = PrivateDirectory.plan(RUNNER.RUNNER_TEMP, '0123456789abcdef')
const ASKED = '2026-06-01T12:00:00.000Z'
const CONNECTION: ClientOptions = {
  hosts: { api: 'https://one.example:8443', clientauth: 'https://mtls.example' },
  apiKey: 'the-api-key',
  caCertificates: [],
  timeoutMs: 5_000,
  retries: 2,
  userAgent: expect.stringContaining('digicert-client-certificate/') as unknown as string,
}
const JOB = { directory, connection: CONNECTION, atJobEnd: { cleanup: true, disableAfterJob: false } }

/** PEM of a CA certificate. */
const ca = (name: string) =>
  testCertificate({ key: testKey('p256'), subject: [['2.5.4.3', name]], ca: true }).toString()

const issuing = (connection: Partial<ClientOptions> = {}) =>
  saveJob({ ...JOB, mode: 'issue', connection: { ...CONNECTION, ...connection } })

function read(state: Record<string, string>) {
  return withEnv(asState(state), () => readJob(RUNNER))
}

function connectionIn(state: Record<string, string>) {
  return withEnv(asState(state), savedConnection)
}

function after(...acts: (() => void)[]) {
  return read(
    savedState(() => {
      issuing()
      for (const act of acts) act()
    }),
  )?.leftovers
}

test('a main step that saved nothing has left nothing', () => {
  expect(readJob(RUNNER)).toBeUndefined()
})

test('everything that the post step needs is saved before the directory exists', () => {
  const state = savedState(() => issuing())
  expect(connectionIn(state)).toEqual(CONNECTION)
  expect(read(state)).toEqual({
    leftovers: {
      directory: expect.objectContaining({ path: directory.path }),
      run: '1234567890-1',
      certificate: undefined,
      nicknames: [],
      askedAt: undefined,
      handedOver: false,
    },
    atJobEnd: { cleanup: true, disableAfterJob: false },
  })
})

test('the first write covers every key that is ever saved', () => {
  const claimed = savedState(() => claimState({ GITHUB_STATE: 'set' }))
  const whole = savedState(() => {
    const ledger = stateLedger(fakeClock())
    issuing()
    ledger.asking('a')
    ledger.issued('id-a', 'a')
    saveHandedOver()
  })
  expect(Object.keys(claimed).sort()).toEqual(Object.keys(whole).sort())
  expect(read({ ...whole, ...claimed })).toBeUndefined()
})

test('without a state file, the first write leaves the error to the check that follows', () => {
  expect(() => claimState({})).not.toThrow()
  expect(() => withEnv({ GITHUB_STATE: tmpdir() }, () => claimState(process.env))).not.toThrow()
})

test('stored mode saves no API key, and looks for nothing that it did not issue', () => {
  const state = savedState(() => saveJob({ ...JOB, mode: 'stored' }))
  expect(state).toMatchObject({ mode: 'stored', 'api-key': '' })
  const foreign = { 'certificate-id': 'x', 'certificate-nickname': 'y', 'unsettled-nicknames': 'z' }
  expect(read({ ...state, ...foreign })?.leftovers).toMatchObject({ certificate: undefined, nicknames: [] })
})

test('a job that falls back from stored mode counts as issue mode from then on', () => {
  const state = savedState(() => {
    saveJob({ ...JOB, mode: 'stored' })
    saveJob({ ...JOB, mode: 'issue' })
    stateLedger(fakeClock()).asking('a')
  })
  expect(connectionIn(state)).toEqual(CONNECTION)
  expect(read(state)?.leftovers).toMatchObject({ nicknames: ['a'], certificate: undefined })
})

test('issue mode without an API key was not saved by the main step', () => {
  expect(read({ ...savedState(() => issuing()), 'api-key': '' })).toBeUndefined()
})

test('remembers a request until its outcome is known', () => {
  const ledger = () => stateLedger(fakeClock())
  const asked = ledger()
  expect(after(() => asked.asking('a'))).toMatchObject({ nicknames: ['a'], askedAt: new Date(ASKED) })
  const settled = ledger()
  expect(
    after(
      () => settled.asking('a'),
      () => settled.settled('a'),
    ),
  ).toMatchObject({ nicknames: [] })
  const two = ledger()
  const leftovers = after(
    () => two.asking('a'),
    () => two.asking('b'),
    () => two.issued('id-b', 'b'),
    saveHandedOver,
  )
  expect(leftovers).toMatchObject({
    nicknames: ['a'],
    certificate: { id: 'id-b', nickname: 'b' },
    handedOver: true,
  })
})

test('leaves alone a directory that is not one of ours', () => {
  const state = savedState(() => issuing())
  for (const name of ['/home/runner/work', directory.path, '..'])
    expect(read({ ...state, directory: name })?.leftovers.directory).toBeUndefined()
})

test('ignores a time that is not valid', () => {
  const state = savedState(() => issuing())
  expect(read({ ...state, 'asked-at': 'yesterday' })?.leftovers.askedAt).toBeUndefined()
})

test('CA certificates of any number are passed on, each once, in variables that Windows accepts', () => {
  const certificates = Array.from({ length: 60 }, (_, index) => ca(`CA ${index}`))
  const twice = [...certificates, ...certificates]
  const state = savedState(() => issuing({ caCertificates: twice }))
  expect(connectionIn(state).caCertificates).toEqual(certificates)
  expect(certificates.join('').length).toBeGreaterThan(24_000)
  for (const value of Object.values(state)) expect(value.length).toBeLessThan(32_767)
  const foreign = { ...state, 'ca-certificates-99': certificates[0] ?? '' }
  expect(connectionIn(foreign).caCertificates).toEqual(certificates)
})

test('more CA certificates than the post step can get are an error, before any request', () => {
  const caCertificates = Array.from({ length: 400 }, (_, index) => `${index}${'x'.repeat(1_200)}`)
  expect(() => savedState(() => issuing({ caCertificates }))).toThrow(
    expect.objectContaining({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('at most 480000 can be passed to the post step.'),
    }),
  )
})

testWithModes('only its owner can read the file with the API key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-test-'))
  const path = join(folder, 'state')
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  withEnv({ GITHUB_STATE: path }, () => issuing())
  expect(statSync(path).mode & 0o777).toBe(0o600)
  rmSync(folder, { recursive: true })
})

test('Windows line endings in the saved state make no difference', () => {
  const ledger = stateLedger(fakeClock())
  const certificate = ca('CA')
  const state = savedState(() => {
    issuing({ caCertificates: [certificate] })
    ledger.asking('a')
    ledger.asking('b')
  })
  const saved = Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value.replaceAll('\n', '\r\n')]),
  )
  expect(read(saved)).toMatchObject({ leftovers: { nicknames: ['a', 'b'] } })
  expect(connectionIn(saved).caCertificates).toEqual([certificate])
})
