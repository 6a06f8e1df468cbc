// Tests of what only some operating systems have. Elsewhere they are skipped, and their names say why.
import { test } from '@jest/globals'
import { SYSTEM } from './system.ts'

export interface Machine {
  platform: NodeJS.Platform
  arch: string
}

/** Where the steps of a test run; macOS is POSIX, too. */
export type Where = 'POSIX' | 'Linux' | 'Linux on x64' | 'Windows'

const IS: Record<Where, (machine: Machine) => boolean> = {
  POSIX: ({ platform }) => platform !== 'win32',
  Linux: ({ platform }) => platform === 'linux',
  Windows: ({ platform }) => platform === 'win32',
  'Linux on x64': ({ platform, arch }) => platform === 'linux' && arch === 'x64',
}

export function isOn(where: Where, machine: Machine = SYSTEM): boolean {
  return IS[where](machine)
}

type Body = () => void | Promise<void>
export type PlatformTest = Pick<typeof test, 'each'> & ((title: string, body: Body) => void)

/**
 * `test` where the machine is of this kind; anywhere else a skip.
 * @param reason why it cannot run there, in a few words
 */
export function testOn(where: Where, reason: string, machine: Machine = SYSTEM): PlatformTest {
  return isOn(where, machine) ? test : skipping(reason)
}

/** In place of `test`, where that is impossible. */
export function skipping(reason: string): PlatformTest {
  const because = ` — skipped, ${reason}`
  const skip = (title: string, body: Body) => test.skip(title + because, body)
  const each = (table: [unknown]) => (title: string, body: () => void) =>
    test.skip.each(table)(title + because, body)
  return Object.assign(skip, { each }) as PlatformTest
}

/** On Windows whatever is sent ends a process at once, as SIGKILL does. */
export function testEndedBy(signal: NodeJS.Signals, machine: Machine = SYSTEM): PlatformTest {
  return signal === 'SIGKILL' ? test : testOn('POSIX', 'Windows has no signals', machine)
}

/** Needs the mode of a file, or a umask. */
export const testWithModes = testOn('POSIX', 'Windows keeps others out by access lists, not by modes')
