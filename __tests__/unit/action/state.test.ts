import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  readLeftovers,
  saveCaCertificates,
  saveDirectory,
  savedCaCertificates,
  saveHandedOver,
  stateLedger,
} from '../../../src/action/state.ts'
import { PrivateDirectory } from '../../../src/files.ts'
import { asState, savedState, withEnv } from '../../support/captured.ts'
import { fakeClock } from '../../support/ports.ts'

const directory = PrivateDirectory.plan(join('/', 'runner temp'), 'x')
const ASKED = '2026-06-01T12:00:00.000Z'

function after(...acts: (() => void)[]) {
  const state = savedState(() => {
    saveDirectory(directory)
    for (const act of acts) act()
  })
  return withEnv(asState(state), readLeftovers)
}

test('a main step that saved nothing has left nothing', () => {
  expect(readLeftovers()).toBeUndefined()
})

test('the directory is known before it exists', () => {
  expect(after()).toEqual({
    directory: expect.objectContaining({ path: directory.path }),
    certificate: undefined,
    nicknames: [],
    askedAt: undefined,
    handedOver: false,
  })
})

test('a request is remembered until its outcome is known', () => {
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

test('killed between two of its writes, the step has still said enough', () => {
  const ledger = stateLedger(fakeClock())
  const whole = savedState(() => {
    saveDirectory(directory)
    ledger.asking('a')
    ledger.issued('id-a', 'a')
  })
  const partial = { ...whole, 'unsettled-nicknames': 'a', 'certificate-id': '' }
  expect(withEnv(asState(partial), readLeftovers)).toMatchObject({ certificate: undefined, nicknames: ['a'] })
})

test('a directory that is not one of ours is left alone', () => {
  const state = { directory: '/home/runner/work' }
  expect(withEnv(asState(state), readLeftovers)?.directory).toBeUndefined()
})

test('a time that is none is no time', () => {
  const state = { directory: directory.path, 'asked-at': 'yesterday' }
  expect(withEnv(asState(state), readLeftovers)?.askedAt).toBeUndefined()
})

test('CA certificates are kept, unless there are more than a variable holds', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const state = savedState(() => saveCaCertificates([pem, pem]))
  expect(withEnv(asState(state), savedCaCertificates).trim()).toBe((pem + pem).trim())
  expect(savedState(() => saveCaCertificates([]))).toEqual({})
  expect(savedState(() => saveCaCertificates(Array(1_000).fill(pem)))).toEqual({})
})

test('line ends of Windows in what was saved make no difference', () => {
  const ledger = stateLedger(fakeClock())
  const state = savedState(() => {
    saveDirectory(directory)
    ledger.asking('a')
    ledger.asking('b')
  })
  const saved = Object.fromEntries(
    Object.entries(asState(state)).map(([name, value]) => [name, value?.replaceAll('\n', '\r\n')]),
  )
  expect(withEnv(saved, readLeftovers)).toMatchObject({ nicknames: ['a', 'b'] })
})
