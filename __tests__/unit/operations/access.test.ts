import { expect, test } from '@jest/globals'
import { setAccess } from '../../../src/operations/access.ts'
import type { Selector } from '../../../src/operations/selected.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { fakePorts } from '../../support/ports.ts'

const MASK = { text: () => true, lines: () => undefined, bytes: () => undefined, privateKey: () => undefined }

function run(digicert: FakeDigicert, selector: Selector, enabled = false) {
  return setAccess(
    { selector, p12: undefined, enabled },
    { ...fakePorts(), digicert: digicert.as, mask: MASK },
  )
}

const byId = (value: string): Selector => ({ by: 'certificate-id', value })
const two = () => fakeDigicert({ records: [record('a'), record('b', { enabled: false })] })

test('makes one list request and one change', async () => {
  const digicert = two()
  expect(await run(digicert, byId('a'))).toMatchObject({ enabled: false, changed: true, held: undefined })
  expect(digicert.calls).toEqual(['GET', 'PUT a false'])
})

test('leaves alone what is already so', async () => {
  const digicert = two()
  expect(await run(digicert, byId('b'))).toMatchObject({ enabled: false, changed: false })
  expect(digicert.calls).toEqual(['GET'])
})

test.each([true, false])('sets one whose state the server does not tell to %s', async enabled => {
  const digicert = fakeDigicert({ records: [record('a', { enabled: undefined })] })
  expect(await run(digicert, byId('a'), enabled)).toMatchObject({ changed: true })
  expect(digicert.calls.at(-1)).toBe(`PUT a ${enabled}`)
})

test.each<[string, Selector]>([
  ['id', byId('A')],
  ['name', { by: 'name', value: 'a ' }],
  ['serial number', { by: 'serial-number', value: '01' }],
])('a wrong %s changes nothing and lists what there is', async (_name, selector) => {
  const digicert = two()
  await expect(run(digicert, selector)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringMatching(/"a".*enabled[\s\S]*"b".*disabled/),
  })
  expect(digicert.calls).toEqual(['GET'])
})

test.each(['', ':', '0x', '  '])(
  'the serial number %j matches nothing, not even a record without one',
  async value => {
    const digicert = two()
    await expect(run(digicert, { by: 'serial-number', value })).rejects.toMatchObject({
      code: expect.stringMatching(/^(NOT_FOUND|INPUT_INVALID)$/),
    })
    expect(digicert.calls.filter(call => call.startsWith('PUT'))).toEqual([])
  },
)

test.each([true, false])(
  'believes a server that contradicts, and does not call it done (%s)',
  async enabled => {
    const digicert = Object.assign(two(), { setEnabled: () => !enabled })
    await expect(run(digicert, byId(enabled ? 'b' : 'a'), enabled)).rejects.toMatchObject({
      code: 'ACCESS_NOT_EFFECTIVE',
      message: expect.stringMatching(/still says that it is/),
    })
  },
)
