import { expect, test } from '@jest/globals'
import { releaseFor } from '../../../src/smctl/release.ts'

test.each([
  ['linux', 'x64', 'smctl', 'smctl'],
  ['win32', 'x64', 'smctl.exe', 'smctl.exe'],
  ['darwin', 'x64', 'smctl-mac-x64.dmg', 'smctl'],
  ['darwin', 'arm64', 'smctl-mac-x64.dmg', 'smctl'],
])('%s-%s: DigiCert has %s, which becomes %s', (os, arch, file, executable) => {
  expect(releaseFor({ os, arch })).toMatchObject({ file, executable })
})

test.each([
  ['linux', 'arm64'],
  ['linux', 'arm'],
  ['win32', 'arm64'],
  ['win32', 'ia32'],
  ['freebsd', 'x64'],
])('%s-%s: there is none, and the error says so', (os, arch) => {
  const error = expect.objectContaining({
    code: 'SMCTL_UNSUPPORTED',
    message: `There is no smctl for this runner (${os}-${arch}).`,
    fix: expect.stringContaining('jsign'),
  })
  expect(() => releaseFor({ os, arch })).toThrow(error)
})
