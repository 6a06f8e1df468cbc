// Tests that other systems skip say so in their titles, and run where they can.
import { expect, jest, test } from '@jest/globals'
import { type Machine, skipping, testEndedBy, testOn, type Where } from '../support/platform.ts'

const LINUX: Machine = { platform: 'linux', arch: 'x64' }
const ARM: Machine = { platform: 'linux', arch: 'arm64' }
const MACOS: Machine = { platform: 'darwin', arch: 'arm64' }
const WINDOWS: Machine = { platform: 'win32', arch: 'x64' }

test.each([
  ['POSIX', [LINUX, ARM, MACOS]],
  ['Linux', [LINUX, ARM]],
  ['Linux on x64', [LINUX]],
  ['Windows', [WINDOWS]],
] as [Where, Machine[]][])('a test that needs %s runs there, and is skipped elsewhere', (where, machines) => {
  const running = [LINUX, ARM, MACOS, WINDOWS].filter(machine => testOn(where, 'why', machine) === test)
  expect(running).toEqual(machines)
})

test('on Windows, a process can only be stopped in one way', () => {
  const running = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).map(
    signal => testEndedBy(signal, WINDOWS) === test,
  )
  expect(running).toEqual([false, false, true])
  expect(testEndedBy('SIGINT', MACOS)).toBe(test)
})

test('what is skipped never runs, and its title says why', () => {
  const names: string[] = []
  const body = jest.fn(() => undefined)
  const one = jest.spyOn(test, 'skip').mockImplementation(name => void names.push(String(name)))
  const skipped = skipping('it has no modes')
  skipped('private', body)
  one.mockRestore()
  const many = jest
    .spyOn(test.skip, 'each')
    .mockImplementation((() => (name: string) => void names.push(name)) as never)
  skipped.each(['a', 'b'])('%s is private', body)
  many.mockRestore()
  expect(names).toEqual(['private — skipped, it has no modes', '%s is private — skipped, it has no modes'])
  expect(body).not.toHaveBeenCalled()
})
