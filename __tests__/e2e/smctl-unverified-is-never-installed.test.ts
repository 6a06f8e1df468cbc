import { appendFileSync, existsSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from '@jest/globals'
import {
  type DownloadServer,
  FOLDER,
  largeProgram,
  program,
  sha256,
  startDownloadServer,
  temporaryFolder,
  testOnLinux,
} from '../support/download-server.ts'
import { errorOf, type Inputs, type Scenario, useScene } from '../support/scene.ts'

const scene = useScene()
const FILE = `${FOLDER}/smctl`
const CHECKSUM = `${FOLDER}/smctl.sha256`
let server: DownloadServer
let toolCache: string

beforeEach(async () => {
  server = await startDownloadServer()
  server.publish('smctl', program('1.50'))
  toolCache = temporaryFolder()
})
afterEach(() => server.close())

function scenarioWith(given: Inputs = {}, env: Record<string, string | undefined> = {}): Scenario {
  const ca = `${scene.emulator.caPem}${server.caPem}`
  const inputs = { 'install-smctl': 'true', 'smctl-mirror': server.host, 'ca-certificates': ca, retries: '1' }
  return scene.scenario({ ...inputs, ...given }, { RUNNER_TOOL_CACHE: toolCache, ...env })
}

/** The step fails and leaves nothing: no smctl, no certificate, no file. */
async function failure(scenario: Scenario) {
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 1, path: [], outputs: {}, env: {} })
  expect(scene.emulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
  expect(scenario.files()).toEqual([])
  return errorOf(main)
}

const nothingCached = () => expect(existsSync(join(toolCache, 'smctl'))).toBe(false)

const REDIRECT =
  (location: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(302, { location }).end()

const WRONG: [string, () => void, { code: string; what: RegExp }][] = [
  [
    'a file that is not the one that the checksum is of',
    () => server.files.set(FILE, program('evil')),
    { code: 'SMCTL_CHECKSUM', what: /has the SHA-256 [0-9a-f]{64}, which is not the expected one/ },
  ],
  [
    'a checksum that is missing',
    () => server.files.delete(CHECKSUM),
    { code: 'SMCTL_DOWNLOAD', what: /smctl\.sha256 could not be downloaded.*404/ },
  ],
  [
    'a web page in place of the checksum',
    () => server.files.set(CHECKSUM, `<!doctype html>\n<html>${sha256(program('1.50'))}</html>`),
    { code: 'SMCTL_CHECKSUM', what: /contains no SHA-256/ },
  ],
  ['an empty checksum', () => server.files.set(CHECKSUM, ''), { code: 'SMCTL_CHECKSUM', what: /no SHA-256/ }],
  [
    'a checksum that is too short',
    () => server.files.set(CHECKSUM, sha256(program('1.50')).slice(0, 63)),
    { code: 'SMCTL_CHECKSUM', what: /no SHA-256/ },
  ],
  [
    'a checksum without an end',
    () => server.files.set(CHECKSUM, 'f'.repeat(1_000_000)),
    { code: 'SMCTL_DOWNLOAD', what: /sent more/ },
  ],
  [
    'a file that is missing',
    () => server.files.delete(FILE),
    { code: 'SMCTL_DOWNLOAD', what: /^smctl could not be downloaded.*404/ },
  ],
  [
    'a file that ends too early',
    () =>
      server.files.set(FILE, (request, response) => {
        response.writeHead(200, { 'content-length': 1000 })
        response.write('half', () => request.socket.destroy())
      }),
    { code: 'SMCTL_DOWNLOAD', what: /The connection to .* failed/ },
  ],
  [
    'a file that ends too early, cleanly closed',
    () => server.files.set(FILE, program('1.50').subarray(0, 10)),
    { code: 'SMCTL_CHECKSUM', what: /not the expected one/ },
  ],
  [
    'a file that stops coming',
    () => server.files.set(FILE, (_request, response) => void response.write('half')),
    { code: 'SMCTL_DOWNLOAD', what: /did not respond within 1 s/ },
  ],
  [
    'a redirect to an unprotected address',
    () => server.files.set(FILE, REDIRECT('http://localhost/smctl')),
    { code: 'SMCTL_DOWNLOAD', what: /not https/ },
  ],
  [
    'a redirect to nowhere',
    () => server.files.set(FILE, REDIRECT('')),
    { code: 'SMCTL_DOWNLOAD', what: /redirects/ },
  ],
  [
    'a redirect in a circle',
    () => server.files.set(FILE, REDIRECT(FILE)),
    { code: 'SMCTL_DOWNLOAD', what: /redirects more than 5 times/ },
  ],
  [
    'a server that stays out of order',
    () =>
      server.files.set(
        FILE,
        (_request, response) => void response.writeHead(503, { 'retry-after': '0' }).end(),
      ),
    { code: 'SMCTL_DOWNLOAD', what: /responded with 503/ },
  ],
]

testOnLinux.each(WRONG)('%s', async (_name, spoil, { code, what }) => {
  spoil()
  expect(await failure(scenarioWith({ timeout: '1s' }))).toMatchObject({
    code,
    what: expect.stringMatching(what),
  })
  nothingCached()
})

testOnLinux('a pinned digest of another file: names the digest that was found', async () => {
  const error = await failure(scenarioWith({ 'smctl-sha256': sha256(program('1.49')) }))
  expect(error).toMatchObject({
    code: 'SMCTL_CHECKSUM',
    what: expect.stringContaining(sha256(program('1.50'))),
    why: expect.stringContaining('new version'),
  })
  expect(server.requests).toEqual([`GET ${FILE}`])
  nothingCached()
})

testOnLinux('a server whose TLS certificate is not trusted', async () => {
  const error = await failure(scenarioWith({ 'ca-certificates': scene.emulator.caPem }))
  expect(error).toMatchObject({
    code: 'SMCTL_DOWNLOAD',
    what: expect.stringContaining('is not trusted'),
    fix: expect.stringContaining("'ca-certificates'"),
  })
  expect(server.requests).toEqual([])
})

testOnLinux('NODE_TLS_REJECT_UNAUTHORIZED=0 does not make it trusted', async () => {
  const error = await failure(
    scenarioWith({ 'ca-certificates': scene.emulator.caPem }, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
  )
  expect(error.code).toBe('SMCTL_DOWNLOAD')
})

testOnLinux('an unreachable server: a copy in the tool cache does not count without a pin', async () => {
  await scenarioWith().main()
  server.close()
  scene.emulator.reset()
  const error = await failure(scenarioWith())
  expect(error).toMatchObject({
    code: 'SMCTL_DOWNLOAD',
    what: expect.stringContaining('refused the connection'),
    fix: expect.stringContaining("'smctl-sha256'"),
  })
})

const TAMPERED: [string, (folder: string) => void][] = [
  ['changed', folder => appendFileSync(join(folder, 'smctl'), 'rm -rf /\n')],
  ['exchanged', folder => writeFileSync(join(folder, 'smctl'), program('evil'))],
  [
    'replaced by a link',
    folder => {
      renameSync(join(folder, 'smctl'), join(toolCache, 'moved'))
      symlinkSync(join(toolCache, 'moved'), join(folder, 'smctl'))
    },
  ],
  ['removed', folder => renameSync(join(folder, 'smctl'), join(toolCache, 'moved'))],
  [
    'joined by another program, which nobody but an attacker puts there',
    folder => writeFileSync(join(folder, 'git'), ''),
  ],
]

testOnLinux.each(TAMPERED)('one in the tool cache that was %s, pinned or not', async (_name, tamper) => {
  await scenarioWith().main()
  const [version = ''] = readdirSync(join(toolCache, 'smctl'))
  const folder = join(toolCache, 'smctl', version, process.arch)
  tamper(folder)
  for (const given of [{}, { 'smctl-sha256': sha256(program('1.50')) }]) {
    scene.emulator.reset()
    expect(await failure(scenarioWith(given))).toMatchObject({
      code: 'SMCTL_CHECKSUM',
      what: expect.stringContaining(folder),
      fix: expect.stringContaining('delete that directory'),
    })
  }
})

testOnLinux('a tool cache that is not writable', async () => {
  const file = join(toolCache, 'a file')
  writeFileSync(file, '')
  const error = await failure(scenarioWith({}, { RUNNER_TOOL_CACHE: file }))
  expect(error).toMatchObject({ code: 'FILE_WRITE', what: expect.stringContaining('tool cache') })
})

testOnLinux.each([
  ['RUNNER_TOOL_CACHE', ''],
  ['GITHUB_PATH', undefined],
])('a runner without %s', async (name, value) => {
  const error = await failure(scenarioWith({}, { [name]: value }))
  expect(error).toMatchObject({ code: 'RUNNER_ENVIRONMENT', what: expect.stringContaining(name) })
  expect(server.requests).toEqual([])
})

testOnLinux.each(['SIGTERM', 'SIGKILL'] as const)(
  'a download stopped by %s leaves nothing behind',
  async signal => {
    const begun = Promise.withResolvers<void>()
    const content = largeProgram('1.50')
    server.publish('smctl', content)
    server.files.set(FILE, (_request, response) => {
      response.write(content.subarray(0, 1_000_000), () => begun.resolve())
    })
    const scenario = scenarioWith()
    const main = await scenario.main({
      onStart: child => void begun.promise.then(() => child.kill(signal)),
    })
    expect(main.exitCode).not.toBe(0)
    await scenario.post()
    scenario.expectNothingLeft()
    expect(scene.emulator.certificates).toEqual([])
    expect(readdirSync(toolCache)).toEqual([])
  },
)
