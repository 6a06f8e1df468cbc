// Tests of what only some operating systems have. Elsewhere they are skipped, and their titles say why.
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
 * `test` on a machine of this kind; a skip on any other.
 * @param reason why it cannot run there, in a few words
 */
export function testOn(where: Where, reason: string, machine: Machine = SYSTEM): PlatformTest {
  return isOn(where, machine) ? test : skipping(reason)
}

/** Replaces `test` where that is impossible. */
export function skipping(reason: string): PlatformTest {
  const because = ` — skipped, ${reason}`
  const skip = (title: string, body: Body) => test.skip(title + because, body)
  const each = (table: [unknown]) => (title: string, body: () => void) =>
    test.skip.each(table)(title + because, body)
  return Object.assign(skip, { each }) as PlatformTest
}

/** On Windows, any signal stops a process at once, like SIGKILL. */
export function testEndedBy(signal: NodeJS.Signals, machine: Machine = SYSTEM): PlatformTest {
  return signal === 'SIGKILL' ? test : testOn('POSIX', 'Windows has no signals', machine)
}

/** Needs the mode of a file, or a umask. */
export const testWithModes = testOn('POSIX', 'Windows keeps others out with access lists, not modes')
