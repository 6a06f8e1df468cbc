import { expect, test } from '@jest/globals'
import type { Fault } from '../../emulator/index.ts'
import { fill, listedIn } from '../support/inventory.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene({}, 'check')

const ALWAYS = { times: Number.POSITIVE_INFINITY }
const REFUSALS: [string, Fault, string][] = [
  ['401', { answer: { status: 401 } }, 'API_KEY_INVALID'],
  ['403', { answer: { status: 403 } }, 'ACCESS_DENIED'],
  ['429 to the end', { ...ALWAYS, answer: { status: 429, retryAfter: 0 } }, 'RATE_LIMITED'],
  ['503 to the end', { ...ALWAYS, answer: { status: 503, retryAfter: 0 } }, 'SERVER_ERROR'],
  ['a web page', { answer: { status: 200, html: true } }, 'WRONG_HOST'],
  ['a list of something else', { answer: { status: 200, json: [{ name: 'x' }] } }, 'RESPONSE_INVALID'],
  ['an object that is not a list', { answer: { status: 200, json: {} } }, 'RESPONSE_INVALID'],
]

test.each(REFUSALS)('%s', async (_name, fault, code) => {
  scene.emulator.faults.add(fault)
  const main = await scene.scenario({ retries: '1' }).main()
  expect(errorOf(main).code).toBe(code)
  expect(main.exitCode).toBe(1)
  expect(main.summary).toContain(code)
  expect(main.outputs).toEqual({})
})

test('waits for 429 with Retry-After', async () => {
  fill(scene.emulator, [{ days: 200 }])
  scene.emulator.faults.add({ answer: { status: 429, retryAfter: 1 } })
  const main = await scene.scenario().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  const [first, second] = scene.emulator.requests.map(({ receivedAt }) => receivedAt.getTime())
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(900)
})

test('shows what is known of records without optional fields', async () => {
  const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
  const json = [
    { id: 1, end_date: soon },
    { id: 'b', name: 'no end' },
  ]
  scene.emulator.faults.add({ answer: { status: 200, json } })
  const main = await scene.scenario().main()
  expect(main.exitCode).toBe(1)
  expect(listedIn(main)).toMatchObject([{ id: '1', name: '', not_before: null, enabled: true }])
})

test.each([
  ['warn-within', 'soon', 'INPUT_INVALID'],
  ['fail-within', '-1d', 'INPUT_INVALID'],
  ['include-disabled', 'maybe', 'INPUT_INVALID'],
  ['if-none-found', 'warning', 'INPUT_INVALID'],
  ['summary', 'perhaps', 'INPUT_INVALID'],
  ['host', 'http://one.digicert.com', 'INPUT_INVALID'],
])('%s: explains %s before making a request', async (input, value, code) => {
  const main = await scene.scenario({ [input]: value }).main()
  expect(errorOf(main)).toMatchObject({ code, what: expect.stringContaining(`'${input}'`) })
  expect(scene.emulator.requests).toEqual([])
})
