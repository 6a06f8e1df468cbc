import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { CertificateRecord, Fault } from '../../emulator/index.ts'
import { expectHarmless, HOSTILE } from '../support/harmless.ts'
import { fill } from '../support/inventory.ts'
import { errorOf, type Inputs, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'access')

const SERIAL = '0AB1C2D3E4F50617'
const three = () =>
  fill(scene.emulator, [
    { days: 100, name: 'first' },
    { days: 200, name: 'second', serialNumber: SERIAL.slice(1) },
    { days: 300, name: 'third', enabled: false },
  ]) as [CertificateRecord, CertificateRecord, CertificateRecord]

const states = () => scene.emulator.certificates.map(({ enabled }) => enabled)
const changedOne = ({ id }: CertificateRecord) => ({
  'certificate-id': id,
  changed: 'true',
  count: '1',
  'certificate-ids': id,
})
const puts = () => scene.emulator.requests.filter(({ method }) => method === 'PUT')

const SELECTORS: [string, (target: CertificateRecord) => Inputs][] = [
  ['id', ({ id }) => ({ 'certificate-id': id })],
  ['nickname', ({ name }) => ({ name })],
  ['nickname with space around it', ({ name }) => ({ name: ` ${name}\n` })],
  ['serial number', () => ({ 'serial-number': SERIAL.slice(1) })],
  ['serial number with a leading zero', () => ({ 'serial-number': SERIAL })],
  ['serial number in lower case', () => ({ 'serial-number': SERIAL.toLowerCase() })],
  ['serial number with colons', () => ({ 'serial-number': SERIAL.replace(/..(?!$)/g, '$&:') })],
  ['serial number with 0x', () => ({ 'serial-number': `0x${SERIAL.toLowerCase()}` })],
]

test.each(SELECTORS)('disables by %s, and only that certificate', async (_name, select) => {
  const [, second] = three()
  const main = await scene.scenario({ ...select(second), enabled: 'false' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toEqual({ ...changedOne(second), enabled: 'false' })
  expect(states()).toEqual([true, false, false])
  expect(puts()).toHaveLength(1)
  expect(main.summary).toMatch(/⛔[\s\S]*second/)
})

test.each(['colons', 'padded', 'lower'] as const)(
  'matches serial numbers in any notation: %s',
  async serialFormat => {
    three()
    scene.emulator.settings.serialFormat = serialFormat
    await scene.scenario({ 'serial-number': SERIAL, enabled: 'false' }).main()
    expect(states()).toEqual([true, false, false])
  },
)

test('is idempotent: the second time it requests no change, and the changed output says so', async () => {
  const [, , third] = three()
  const enable = { 'certificate-id': third.id, enabled: 'true' }
  const main = await scene.scenario(enable).main()
  expect(main.outputs).toEqual({ ...changedOne(third), enabled: 'true' })
  expect(main.summary).toContain('🟢')
  const again = await scene.scenario(enable).main()
  expect(again).toMatchObject({ exitCode: 0, annotations: [] })
  expect(again.outputs).toEqual({
    'certificate-id': third.id,
    enabled: 'true',
    changed: 'false',
    count: '0',
    'certificate-ids': '',
  })
  expect(again.log).toContain('already')
  expect(states()).toEqual([true, true, true])
  expect(puts()).toHaveLength(1)
})

test('finds the certificate on the last page too', async () => {
  scene.emulator.settings.paging = { style: 'link', size: 1 }
  three()
  await scene.scenario({ name: 'second', enabled: 'false' }).main()
  expect(states()).toEqual([true, false, false])
})

test.each<[string, Inputs]>([
  ['certificate-id', { 'certificate-id': 'no-such-id' }],
  ['serial-number', { 'serial-number': 'FFFF' }],
  ['name', { name: 'Second' }],
  ['a glob, which is none here', { name: 'sec*' }],
  ['part of a name', { name: 'sec' }],
])('lists the candidates and changes nothing when %s does not match', async (_name, select) => {
  const [first, , third] = three()
  const main = await scene.scenario({ ...select, enabled: 'false' }).main()
  const { code, what } = errorOf(main)
  expect(code).toBe('NOT_FOUND')
  for (const expected of ['"first"', first.id, first.serialNumber, '"second"', `"third"`, third.id])
    expect(what).toContain(expected)
  expect(what).toMatch(/third.*disabled/)
  expect(states()).toEqual([true, true, false])
  expect(main.outputs).toEqual({})
  expect(main.summary).toContain('NOT_FOUND')
})

test('lists only some of very many candidates, and counts the rest', async () => {
  fill(
    scene.emulator,
    Array.from({ length: 500 }, (_, index) => ({ days: index, name: `c${index} ${'x'.repeat(250)}` })),
  )
  const { what } = errorOf(await scene.scenario({ name: 'none', enabled: 'false' }).main())
  expect(what).toMatch(/and 490 more/)
  // GitHub shows 4 KiB of an annotation.
  expect(what.length).toBeLessThan(4_000)
})

test('says when there are no candidates', async () => {
  const { what } = errorOf(await scene.scenario({ name: 'none', enabled: 'false' }).main())
  expect(what).toContain('It has no certificates.')
})

test('does not guess between two with the same nickname', async () => {
  fill(scene.emulator, [
    { days: 1, name: 'twin', serialNumber: 'A1' },
    { days: 2, name: 'twin', serialNumber: 'A2' },
    { days: 3, name: 'other' },
  ])
  const main = await scene.scenario({ name: 'twin', enabled: 'false' }).main()
  const { code, what, fix } = errorOf(main)
  expect(code).toBe('CERT_AMBIGUOUS')
  expect(what).toMatch(/^2 certificates/)
  for (const serial of ['A1', 'A2']) expect(what).toContain(`serial number ${serial}, enabled`)
  expect(what).not.toContain('other')
  expect(fix).toContain("'certificate-id'")
  expect(states()).toEqual([true, true, true])
})

test.each([':', '0x', ' : : '])(
  '%j is not a serial number, and does not match a record without one',
  async serial => {
    fill(scene.emulator, [{ days: 100, serialNumber: '' }])
    const main = await scene.scenario({ 'serial-number': serial, enabled: 'false' }).main()
    expect(main.exitCode).toBe(1)
    expect(states()).toEqual([true])
  },
)

test.each<[string, Inputs, string]>([
  ['no selector', {}, 'INPUT_MISSING'],
  ['two selectors', { name: 'a', 'certificate-id': 'b' }, 'INPUT_CONFLICT'],
  ['three selectors', { name: 'a', 'certificate-id': 'b', 'serial-number': 'c' }, 'INPUT_CONFLICT'],
  ['no api-key', { 'api-key': '', name: 'a' }, 'INPUT_MISSING'],
  ['no enabled', { name: 'a', enabled: '' }, 'INPUT_MISSING'],
  ['enabled: maybe', { name: 'a', enabled: 'maybe' }, 'INPUT_INVALID'],
  ['enabled: disable', { name: 'a', enabled: 'disable' }, 'INPUT_INVALID'],
  ['summary: perhaps', { name: 'a', summary: 'perhaps' }, 'INPUT_INVALID'],
])('explains %s before making a request', async (_name, inputs, code) => {
  const main = await scene.scenario({ enabled: 'false', ...inputs }).main()
  expect(errorOf(main).code).toBe(code)
  expect(main.exitCode).toBe(1)
  expect(scene.emulator.requests).toEqual([])
})

test('a P12 with a P12 file, or with two names, is a conflict', async () => {
  const { base64, der } = await storedP12(scene.emulator)
  const p12 = { p12: base64, 'p12-password': PASSWORD, enabled: 'false' }
  const two = { name: 'x', 'certificate-id': 'y' }
  expect(errorOf(await scene.scenario({ ...p12, ...two }).main()).code).toBe('INPUT_CONFLICT')
  const path = scene.scenario().job.commandFile('x.p12')
  writeFileSync(path, der)
  expect(errorOf(await scene.scenario({ ...p12, 'p12-file': path }).main()).code).toBe('INPUT_CONFLICT')
  expect(states()).toEqual([true])
})

const PUT = { method: 'PUT' } as const
const REFUSALS: [string, Fault, string][] = [
  ['401 to the list', { method: 'GET', answer: { status: 401 } }, 'API_KEY_INVALID'],
  ['403 to the change', { ...PUT, answer: { status: 403 } }, 'ACCESS_DENIED'],
  ['404 to the change', { ...PUT, answer: { status: 404 } }, 'NOT_FOUND'],
  ['400 to the change', { ...PUT, answer: { status: 400 } }, 'REQUEST_REFUSED'],
  [
    '429 to the end',
    { ...PUT, times: Number.POSITIVE_INFINITY, answer: { status: 429, retryAfter: 0 } },
    'RATE_LIMITED',
  ],
  ['a web page', { ...PUT, answer: { status: 200, html: true } }, 'WRONG_HOST'],
  [
    'a response that says nothing changed',
    { ...PUT, rewrite: body => ({ ...body, enabled: true }) },
    'ACCESS_NOT_EFFECTIVE',
  ],
]

test.each(REFUSALS)('fails on %s, and its outputs claim nothing', async (_name, fault, code) => {
  const [first] = three()
  scene.emulator.faults.add(fault)
  const main = await scene.scenario({ 'certificate-id': first.id, enabled: 'false', retries: '1' }).main()
  expect(errorOf(main).code).toBe(code)
  expect(main.exitCode).toBe(1)
  expect(main.outputs).toEqual({})
})

test('retries a change whose response was lost', async () => {
  const [first] = three()
  scene.emulator.faults.add({ ...PUT, reset: 'after-work' })
  const main = await scene.scenario({ 'certificate-id': first.id, enabled: 'false' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(states()).toEqual([false, true, false])
})

test('treats server text in candidates and results as data', async () => {
  const [record] = fill(scene.emulator, [{ days: 100, name: HOSTILE, serialNumber: HOSTILE }])
  const main = await scene.scenario({ 'certificate-id': record?.id ?? '', enabled: 'false' }).main()
  expect(main.exitCode).toBe(0)
  expectHarmless(main, 2)
  const none = await scene.scenario({ name: 'none', enabled: 'false' }).main()
  expect(errorOf(none).code).toBe('NOT_FOUND')
  expectHarmless(none, 2)
})

test('without a P12, it verifies nothing and warns about nothing, and the summary says so', async () => {
  const [first] = three()
  const main = await scene.scenario({ 'certificate-id': first.id, enabled: 'false' }).main()
  expect(warningsOf(main)).toEqual([])
  expect(main.summary).toContain('no P12 was given')
  expect(scene.emulator.requests.some(({ host }) => host === 'clientauth')).toBe(false)
})
