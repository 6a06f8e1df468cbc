// Platforms that this machine is not: Windows and macOS, simulated by name, with a stand-in for macOS's hdiutil.
import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PrivateDirectory } from '../../src/files.ts'
import { parseMirror } from '../../src/smctl/address.ts'
import { installSmctl, type SmctlPorts } from '../../src/smctl/install.ts'
import type { Platform } from '../../src/smctl/release.ts'
import {
  type DownloadServer,
  FOLDER,
  program,
  script,
  sha256,
  startDownloadServer,
  temporaryFolder,
  testWithShell,
} from '../support/download-server.ts'
import { fakePorts } from '../support/ports.ts'

const IMAGE = Buffer.from('a disk image')
const MACOS = { os: 'darwin', arch: 'arm64' }

let server: DownloadServer
let work: string
let hdiutilCalls: string[][]

beforeEach(async () => {
  server = await startDownloadServer()
  work = temporaryFolder()
  hdiutilCalls = []
})
afterEach(() => server.close())

/** A tool cache that keeps its versions in folders, as the runner's does. */
const cache = (): SmctlPorts['cache'] => ({
  find: (tool, version) => {
    const folder = join(work, 'cache', tool, version)
    return existsSync(folder) ? folder : undefined
  },
  add: async (source, file, tool, version) => {
    const folder = join(work, 'cache', tool, version)
    mkdirSync(folder, { recursive: true })
    cpSync(source, join(folder, file))
    return folder
  },
})

/** hdiutil: mounts by copying the supposed contents of a disk image, and unmounts by deleting them. */
function fakeHdiutil(contents: Record<string, Buffer>, ...extra: string[]): SmctlPorts['hdiutil'] {
  const folder = join(work, 'programs')
  const volume = join(work, 'volume')
  for (const [name, content] of Object.entries(contents)) script(volume, name, [content.toString()])
  script(folder, 'hdiutil', [
    ...extra,
    'if [ "$1" = attach ]; then',
    `  [ "$(cat "$2")" = "${IMAGE}" ] && [ "$3" = -mountpoint ] && cp -R "${volume}/." "$4"`,
    'else',
    '  rm -rf "$2"/*',
    'fi',
  ])
  return async (...args) => {
    hdiutilCalls.push(args)
    await promisify(execFile)(join(folder, 'hdiutil'), args)
  }
}

function install(platform: Platform, hdiutil = fakeHdiutil({})) {
  const network = { caCertificates: [server.caPem], timeoutMs: 5000, retries: 0, userAgent: 'test' }
  const directory = PrivateDirectory.plan(work, String(readdirSync(work).length))
  const request = { digest: undefined, folder: parseMirror(server.host), platform }
  return installSmctl(request, { ...fakePorts(), cache: cache(), directory, hdiutil, network })
}

test('Windows: smctl.exe, under that name, in a folder of the private directory', async () => {
  const content = Buffer.from('MZ smctl')
  server.publish('smctl.exe', content)
  const installed = await install({ os: 'win32', arch: 'x64' })
  expect(installed).toMatchObject({
    path: expect.stringMatching(/digicert-client-certificate-\w+.bin.smctl\.exe$/),
    digest: sha256(content),
  })
  expect(readFileSync(join(work, 'cache', 'smctl', `0.0.0-${sha256(content)}`, 'smctl.exe'))).toEqual(content)
  expect(readFileSync(installed.path)).toEqual(content)
  expect(readdirSync(installed.directory)).toEqual(['smctl.exe'])
  expect(hdiutilCalls).toEqual([])
})

testWithShell(
  'macOS: installs smctl from the disk image, which the tool cache contains and the digest covers',
  async () => {
    server.publish('smctl-mac-x64.dmg', IMAGE)
    const hdiutil = fakeHdiutil({ 'smctl-mac-x64': program('1.50') })
    const installed = await install(MACOS, hdiutil)
    expect(execFileSync(installed.path, ['sign'], { encoding: 'utf8' })).toBe('smctl 1.50 sign\n')
    expect(installed.path).toBe(join(installed.directory, 'smctl'))
    expect(readdirSync(installed.directory)).toEqual(['smctl'])
    expect(readdirSync(dirname(installed.directory))).toEqual(['bin'])
    expect(installed.digest).toBe(sha256(IMAGE))
    expect(readdirSync(join(work, 'cache', 'smctl-image', `0.0.0-${sha256(IMAGE)}`))).toEqual([
      'smctl-mac-x64.dmg',
    ])
    expect(hdiutilCalls.map(([verb]) => verb)).toEqual(['attach', 'detach'])
  },
)

testWithShell(
  "macOS: extracted again for each job, so an earlier job's tampered copy does not matter",
  async () => {
    server.publish('smctl-mac-x64.dmg', IMAGE)
    const hdiutil = fakeHdiutil({ 'smctl-mac-x64': program('1.50') })
    const first = await install(MACOS, hdiutil)
    server.requests.length = 0
    const second = await install(MACOS, hdiutil)
    expect(second.path).not.toBe(first.path)
    expect(execFileSync(second.path, { encoding: 'utf8' })).toBe('smctl 1.50 \n')
    expect(server.requests).toEqual([`GET ${FOLDER}/smctl-mac-x64.dmg.sha256`])
  },
)

testWithShell('macOS: a disk image that cannot be opened', async () => {
  server.publish('smctl-mac-x64.dmg', IMAGE)
  const error = { code: 'SMCTL_UNPACK', message: expect.stringContaining('could not be opened') }
  await expect(install(MACOS, fakeHdiutil({}, 'exit 1'))).rejects.toMatchObject(error)
})

testWithShell('macOS: a disk image without smctl, which is unmounted anyway', async () => {
  server.publish('smctl-mac-x64.dmg', IMAGE)
  const error = { code: 'SMCTL_UNPACK', message: expect.stringContaining('smctl-mac-x64') }
  await expect(install(MACOS, fakeHdiutil({ README: Buffer.from('') }))).rejects.toMatchObject(error)
  expect(hdiutilCalls.map(([verb]) => verb)).toEqual(['attach', 'detach'])
})

testWithShell('macOS: a disk image that is in use is unmounted by force', async () => {
  server.publish('smctl-mac-x64.dmg', IMAGE)
  const busy = '[ "$1" = detach ] && [ "$3" != -force ] && exit 16'
  const installed = await install(MACOS, fakeHdiutil({ 'smctl-mac-x64': program('1.50') }, busy))
  expect(existsSync(installed.path)).toBe(true)
  expect(hdiutilCalls.map(([verb, , flag]) => `${verb} ${flag}`).slice(1)).toEqual([
    'detach -quiet',
    'detach -force',
  ])
})

test('an unsupported runner is told so before any download', async () => {
  await expect(install({ os: 'linux', arch: 'arm64' })).rejects.toMatchObject({ code: 'SMCTL_UNSUPPORTED' })
  expect(server.requests).toEqual([])
})

for (const [os, file, hdiutil] of [
  ['win32', 'smctl.exe', () => fakeHdiutil({})],
  ['darwin', 'smctl-mac-x64.dmg', () => fakeHdiutil({ 'smctl-mac-x64': program('1.50') })],
] as const) {
  const content = os === 'darwin' ? IMAGE : Buffer.from('MZ smctl')

  testWithShell(`${os}: changes in the tool cache after the check do not matter`, async () => {
    server.publish(file, content)
    await install({ os, arch: 'x64' }, hdiutil())
    const installed = await install({ os, arch: 'x64' }, hdiutil())
    const before = readFileSync(installed.path)
    const [tool = ''] = readdirSync(join(work, 'cache'))
    const folder = join(work, 'cache', tool, `0.0.0-${sha256(content)}`)
    writeFileSync(join(folder, file), 'evil')
    writeFileSync(join(folder, 'osslsigncode'), 'evil')
    expect(readFileSync(installed.path)).toEqual(before)
    expect(readdirSync(installed.directory)).toEqual([os === 'darwin' ? 'smctl' : 'smctl.exe'])
    await expect(install({ os, arch: 'x64' }, hdiutil())).rejects.toMatchObject({ code: 'SMCTL_CHECKSUM' })
  })
}

testWithShell('installs no folder, FIFO, device or link in place of the file', async () => {
  const content = Buffer.from('MZ smctl')
  server.publish('smctl.exe', content)
  await install({ os: 'win32', arch: 'x64' })
  const path = join(work, 'cache', 'smctl', `0.0.0-${sha256(content)}`, 'smctl.exe')
  for (const replace of [
    () => mkdirSync(path),
    () => execFileSync('mkfifo', [path]),
    () => symlinkSync('/dev/zero', path),
    () => symlinkSync(join(work, 'elsewhere'), path),
  ]) {
    rmSync(path, { recursive: true })
    replace()
    const error = { code: 'SMCTL_CHECKSUM', message: expect.stringContaining('The file in the tool cache (') }
    await expect(install({ os: 'win32', arch: 'x64' })).rejects.toMatchObject(error)
  }
})
