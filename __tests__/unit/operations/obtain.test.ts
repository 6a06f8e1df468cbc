import { expect, test } from '@jest/globals'
import { NicknameTaken, Unsettled } from '../../../src/digicert/client.ts'
import { ActionError } from '../../../src/errors.ts'
import { Again } from '../../../src/net/retry.ts'
import { newNickname } from '../../../src/operations/nickname.ts'
import { obtain, type Wanted } from '../../../src/operations/obtain.ts'
import type { Ledger } from '../../../src/ports.ts'
import { generateKey } from '../../../src/x509/key.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { fakePorts } from '../../support/ports.ts'

const DOWN = new ActionError('SERVER_ERROR', { what: 'It is down.', why: 'Because.', fix: 'Wait.' })
const key = generateKey(2048)
const WANTED = { subject: undefined, validitySeconds: 3_600, keySize: 2048, verify: true } as const

async function run(digicert: FakeDigicert, changes: Partial<Ledger> = {}) {
  const notes: string[] = []
  const ledger: Ledger = {
    asking: nickname => void notes.push(`asking ${nickname}`),
    settled: nickname => void notes.push(`settled ${nickname}`),
    issued: id => void notes.push(`issued ${id}`),
    ...changes,
  }
  const ports = fakePorts()
  const wanted: Wanted = { ...WANTED, nickname: () => newNickname('job', ports.random) }
  const outcome = await obtain(wanted, await key, {
    ...ports,
    digicert: digicert.as,
    ledger,
  })
    .then(value => ({ value, error: undefined }))
    .catch((error: unknown) => ({ value: undefined, error }))
  return {
    ...outcome,
    notes,
    ...ports,
    names: digicert.calls.filter(call => call.startsWith('POST')).map(call => call.slice(5)),
  }
}

/** Fails the first requests in these ways, and accepts the next. */
function failing(...failures: (() => never)[]) {
  return ({ nickname }: { nickname: string }) => {
    failures.shift()?.()
    return record('granted', { name: nickname })
  }
}

const thrown = (make: () => Error) => () => {
  throw make()
}

test('saves the nickname before the request, and the id after it', async () => {
  const { value, notes, names } = await run(fakeDigicert())
  expect(value?.record.name).toBe(names[0])
  expect(notes).toEqual([`asking ${names[0]}`, `issued id-of-${names[0]}`])
})

test('requests an expiry in whole seconds', async () => {
  const { value } = await run(fakeDigicert())
  expect(value?.requestedEnd.toISOString()).toBe('2026-06-01T13:00:00.000Z')
})

test('looks for a lost response, disables what it finds, and requests another', async () => {
  const digicert = fakeDigicert()
  const request = failing(() => {
    const [, nickname = ''] = (digicert.calls.at(-1) ?? '').split('POST ')
    digicert.records.push(record('lost', { name: nickname }), record('other'))
    throw new Unsettled(DOWN)
  })
  digicert.request = request
  const { value, names, notes } = await run(digicert)
  expect(value?.record.id).toBe('granted')
  expect(digicert.calls).toEqual([`POST ${names[0]}`, 'GET', 'PUT lost false', `POST ${names[1]}`])
  expect(notes).toContain(`settled ${names[0]}`)
  expect(names[0]).not.toBe(names[1])
})

test('keeps the nickname of a lost response when it finds nothing', async () => {
  const { notes, names } = await run(fakeDigicert({ request: failing(thrown(() => new Unsettled(DOWN))) }))
  expect(names).toHaveLength(2)
  expect(notes).not.toContain(`settled ${names[0]}`)
})

test('does not believe a server that calls it enabled after disabling it: the post step looks again', async () => {
  const digicert = fakeDigicert({ setEnabled: () => true })
  digicert.request = ({ nickname }) => {
    digicert.records.push(record('lost', { name: nickname }))
    throw new Unsettled(DOWN)
  }
  const { error, names, notes, log } = await run(digicert)
  expect(error).toMatchObject({ message: expect.stringMatching(/still says that it is enabled/) })
  expect(names).toHaveLength(1)
  expect(notes).toEqual([`asking ${names[0]}`])
  expect(log.of('info').join()).not.toMatch(/Disabled/)
})

test('requests nothing more when the result cannot be found out', async () => {
  const list = thrown(() => new ActionError('TIMEOUT', { what: 'No answer.', why: 'Slow.', fix: 'Wait.' }))
  const { error, names, notes } = await run(
    fakeDigicert({ list, request: failing(thrown(() => new Unsettled(DOWN))) }),
  )
  expect(error).toMatchObject({
    code: 'SERVER_ERROR',
    message: expect.stringMatching(/It is down.*No answer/),
  })
  expect((error as ActionError).fix).toContain(names[0])
  expect(names).toHaveLength(1)
  expect(notes).toEqual([`asking ${names[0]}`])
})

test('a taken nickname: another one, up to five times, and whatever has it is ours', async () => {
  const request = thrown(() => new NicknameTaken(DOWN))
  const { error, names, clock } = await run(fakeDigicert({ request }))
  expect(error).toBe(DOWN)
  expect(new Set(names).size).toBe(5)
  expect(clock.waits).toEqual([])
})

test('not now: retries with a new nickname, after the requested wait', async () => {
  const { value, names, clock, notes } = await run(
    fakeDigicert({ request: failing(thrown(() => new Again(DOWN, 7_000))) }),
  )
  expect(value?.record.id).toBe('granted')
  expect(clock.waits).toHaveLength(1)
  expect(clock.waits[0]).toBeGreaterThanOrEqual(7_000)
  expect(notes).toContain(`settled ${names[0]}`)
})

test('a refusal is final', async () => {
  const { error, names, notes } = await run(fakeDigicert({ request: thrown(() => DOWN) }))
  expect(error).toBe(DOWN)
  expect(notes).toEqual([`asking ${names[0]}`, `settled ${names[0]}`])
})

test('a certificate whose id cannot be saved is still known by its nickname', async () => {
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  const { error, names, notes } = await run(fakeDigicert(), {
    issued: () => {
      throw full
    },
  })
  expect(error).toBe(full)
  expect(notes).toEqual([`asking ${names[0]}`])
})
