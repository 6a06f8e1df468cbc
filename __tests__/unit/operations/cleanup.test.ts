import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ActionError } from '../../../src/errors.ts'
import { PrivateDirectory, writeError } from '../../../src/files.ts'
import { type CleanupRequest, cleanUp, type Leftovers } from '../../../src/operations/cleanup.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { testOn } from '../../support/platform.ts'
import { fakeClock, fakeLog } from '../../support/ports.ts'

const BOTH: CleanupRequest = { cleanup: true, disableAfterJob: true }
const DOWN = new ActionError('SERVER_ERROR', { what: 'It is down.', why: 'Because.', fix: 'Wait.' })
const temp = mkdtempSync(join(tmpdir(), 'cleanup-test-'))
afterAll(() => rmSync(temp, { recursive: true, force: true }))

async function run(leftovers: Partial<Leftovers>, digicert: FakeDigicert = fakeDigicert(), request = BOTH) {
  const clock = fakeClock()
  const log = fakeLog()
  const all: Leftovers = {
    directory: undefined,
    run: '',
    certificate: undefined,
    nicknames: [],
    askedAt: undefined,
    handedOver: false,
    ...leftovers,
  }
  await cleanUp(all, request, { clock, log, connect: () => digicert.as })
  return { clock, log, digicert }
}

test('with nothing to clean up, it logs nothing and makes no request', async () => {
  const { log, digicert } = await run({})
  expect(log.lines).toEqual([])
  expect(digicert.calls).toEqual([])
})

test('disables the certificate of the run', async () => {
  const { log, digicert } = await run({ certificate: { id: 'a', nickname: 'n' }, handedOver: true })
  expect(digicert.calls).toEqual(['PUT a false'])
  expect(log.lines).toEqual([['info', 'Disabled "n" (id a).']])
})

test.each([
  [true, []],
  [false, ['PUT a false']],
])(
  'disable-after-job: false counts only when the certificate was handed over (%s)',
  async (handedOver, calls) => {
    const request = { cleanup: true, disableAfterJob: false }
    const { digicert } = await run(
      { certificate: { id: 'a', nickname: 'n' }, handedOver },
      fakeDigicert(),
      request,
    )
    expect(digicert.calls).toEqual(calls)
  },
)

test('finds the certificate of a lost response by its nickname, and touches no other', async () => {
  const digicert = fakeDigicert({ records: [record('a'), record('b', { name: 'mine' }), record('c')] })
  await run({ nicknames: ['mine'] }, digicert)
  expect(digicert.calls).toEqual(['GET', 'PUT b false'])
})

const RUN = '1234567890-1'
const OURS = `octo-app-${RUN}-abcdefghij`

test('leaves what is not from this run alone, with a warning, and disables what is', async () => {
  const digicert = fakeDigicert({
    records: [record('a', { name: OURS }), record('b', { name: 'release-2025' })],
  })
  const { log } = await run({ run: RUN, nicknames: ['release-2025', OURS] }, digicert)
  expect(digicert.calls).toEqual(['GET', 'PUT a false'])
  expect(log.of('warning')).toEqual(['Left "release-2025" alone: the nickname does not belong to this run.'])
})

test('makes no request about a certificate that is not from this run', async () => {
  const { log, digicert } = await run({ run: RUN, certificate: { id: 'a', nickname: 'release-2025' } })
  expect(digicert.calls).toEqual([])
  expect(log.of('warning')).toEqual([expect.stringContaining('Left "release-2025" alone')])
})

test('looks until a lost request can no longer be carried out, and logs it once', async () => {
  let looks = 0
  const digicert = fakeDigicert({ list: () => (++looks === 4 ? [record('late', { name: 'mine' })] : []) })
  const { log } = await run({ nicknames: ['mine'], askedAt: fakeClock().now() }, digicert)
  expect(digicert.calls.at(-1)).toBe('PUT late false')
  expect(log.of('info').filter(line => line.startsWith('Waiting'))).toHaveLength(1)
})

test('looks once for a request sent long ago', async () => {
  const askedAt = new Date(fakeClock().now().getTime() - 60_000)
  const { clock, digicert, log } = await run({ nicknames: ['mine'], askedAt })
  expect(digicert.calls).toEqual(['GET'])
  expect(clock.waits).toEqual([])
  expect(log.of('info')).toEqual(['No certificate "mine" exists: the request was never carried out.'])
})

test('does not wait forever when the clock was set back meanwhile', async () => {
  const askedAt = new Date(fakeClock().now().getTime() + 3_600_000)
  const { clock } = await run({ nicknames: ['mine'], askedAt })
  expect(clock.waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(30_000)
})

test('a certificate that cannot be disabled is a warning that says what is enabled and why', async () => {
  const setEnabled = () => {
    throw DOWN
  }
  const { log } = await run({ certificate: { id: 'a', nickname: 'n' } }, fakeDigicert({ setEnabled }))
  expect(log.of('warning')).toEqual([
    expect.stringMatching(/^May still be enabled: "n" \(id a\)\. It is down\. \(SERVER_ERROR\)/),
  ])
})

test('a server that calls it enabled after disabling it: a warning, and no claim of success', async () => {
  const { log } = await run(
    { certificate: { id: 'a', nickname: 'n' } },
    fakeDigicert({ setEnabled: () => true }),
  )
  expect(log.lines).toEqual([
    ['warning', expect.stringMatching(/^May still be enabled: "n" \(id a\)\..*\(ACCESS_NOT_EFFECTIVE\)/)],
  ])
})

test('one that cannot be disabled does not keep the others enabled', async () => {
  const setEnabled = (id: string) => {
    if (id === 'a') throw DOWN
    return false
  }
  const digicert = fakeDigicert({ setEnabled, records: [record('b', { name: 'lost' })] })
  await run({ certificate: { id: 'a', nickname: 'n' }, nicknames: ['lost'] }, digicert)
  expect(digicert.calls).toEqual(['PUT a false', 'GET', 'PUT b false'])
})

test('when the list is unavailable, the warning names every nickname', async () => {
  const list = () => {
    throw DOWN
  }
  const { log } = await run({ nicknames: ['x', 'y'] }, fakeDigicert({ list }))
  expect(log.of('warning')).toEqual([expect.stringMatching(/"x".*"y".*It is down/)])
})

test('accepts that a certificate is gone', async () => {
  const setEnabled = () => {
    throw new ActionError('NOT_FOUND', { what: 'Gone.', why: 'Because.', fix: 'None.' })
  }
  const { log } = await run({ certificate: { id: 'a', nickname: 'n' } }, fakeDigicert({ setEnabled }))
  expect(log.lines).toEqual([['info', '"n" (id a) no longer exists.']])
})

test.each([
  [true, true, false],
  [false, true, true],
  [false, false, false],
])('cleanup: %s after handing over: %s, the files stay: %s', async (cleanup, handedOver, stay) => {
  const made = PrivateDirectory.plan(temp, `${cleanup}-${handedOver}`)
  made.create()
  made.write('client.p12', 'x')
  await run({ directory: made, handedOver }, fakeDigicert(), { cleanup, disableAfterJob: true })
  expect(existsSync(made.path)).toBe(stay)
})

test.each([
  [
    ['client.crt', 'client.p12'],
    'The directory still contains client.crt, client.p12. Delete that directory.',
  ],
  [['client.key'], 'The directory still contains client.key. Delete that directory.'],
  [
    ['bin'],
    'The directory still contains bin; the private key and the P12 are deleted. Delete that directory.',
  ],
  [[], 'The private key and the P12 may still be there. Delete that directory.'],
])('when a directory cannot be deleted, the warning says what is left: %j', async (left, words) => {
  const directory = PrivateDirectory.plan(temp, `left-${left.join('-')}`)
  directory.create()
  for (const name of left) directory.write(name, 'x')
  directory.remove = () => {
    const cause = Object.assign(new Error('in use'), { code: 'EBUSY' })
    throw writeError('delete', directory.path, cause)
  }
  const { log } = await run({ directory, handedOver: true })
  expect(log.of('warning')).toEqual([`Could not delete ${directory.path} (EBUSY). (FILE_WRITE) ${words}`])
})

testOn('POSIX', 'on Windows, not everybody may create symbolic links')(
  'leaves alone a link in place of the directory, with a warning, and its target',
  async () => {
    const directory = PrivateDirectory.plan(temp, 'link')
    const victim = join(temp, 'victim')
    mkdirSync(victim)
    symlinkSync(victim, directory.path)
    const { log } = await run({ directory, handedOver: true })
    expect(log.of('warning')).toEqual([expect.stringContaining(`Left ${directory.path} alone`)])
    expect([directory.found, existsSync(victim)]).toEqual(['something else', true])
  },
)
