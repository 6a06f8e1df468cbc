// What DigiCert's pages leave open, or describe in two ways: each setting makes the emulator do one of them.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { CERTIFICATES, call } from '../support/emulator-client.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

describe('disabling is answered', () => {
  test.each([
    ['record', 200, { enabled: false }, false],
    ['empty', 204, undefined, false],
    ['object', 200, {}, false],
    ['contradict', 200, { enabled: true }, false],
    ['ignore', 200, { enabled: true }, true],
  ] as const)('as %s: %d', async (enableAnswer, status, json, enabled) => {
    emulator.settings.enableAnswer = enableAnswer
    const [record] = emulator.seed(1)
    const put = { method: 'PUT', path: `${CERTIFICATES}/${record?.id}/enable`, body: { enabled: false } }
    const answer = await call(emulator, put)
    expect(answer.status).toBe(status)
    expect(answer.json).toEqual(
      json !== undefined && 'enabled' in json ? expect.objectContaining(json) : json,
    )
    expect(answer.text === '').toBe(status === 204)
    expect(record?.enabled).toBe(enabled)
  })
})
