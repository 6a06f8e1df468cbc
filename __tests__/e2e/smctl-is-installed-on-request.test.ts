import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
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
import { startProxy } from '../support/proxy.ts'
import { Job, ROOT, type StepResult, Use } from '../support/runner.ts'
import { type Inputs, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'

const scene = useScene()
let server: DownloadServer
let toolCache: string

beforeEach(async () => {
  server = await startDownloadServer()
  toolCache = temporaryFolder()
})
afterEach(() => server.close())

function inputs(given: Inputs = {}): Inputs {
  const ca = `${scene.emulator.caPem}${server.caPem}`
  return { 'install-smctl': 'true', 'smctl-mirror': server.host, 'ca-certificates': ca, ...given }
}

const scenarioWith = (given: Inputs = {}, env: Record<string, string> = {}) =>
  scene.scenario(inputs(given), { RUNNER_TOOL_CACHE: toolCache, ...env })

/** Where the tool cache keeps its only version. */
const cachedFolder = () =>
  join(toolCache, 'smctl', readdirSync(join(toolCache, 'smctl'))[0] ?? '', process.arch)

/** What a later step gets when it calls smctl by its name. */
function callSmctl({ path }: StepResult): string {
  const PATH = [...path, '/usr/bin', '/bin'].join(delimiter)
  return execFileSync('smctl', ['sign'], { env: { PATH }, encoding: 'utf8' }).trim()
}

testOnLinux(
  'installs the latest one, verified, on PATH and in the outputs, before the certificate is issued',
  async () => {
    const content = program('1.50')
    server.publish('smctl', content)
    let issuedMeanwhile = -1
    server.files.set(`${FOLDER}/smctl`, (_request, response) => {
      issuedMeanwhile = scene.emulator.certificates.length
      response.end(content)
    })
    const scenario = scenarioWith()
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(callSmctl(main)).toBe('smctl 1.50 sign')
    expect(main.outputs['smctl-path']).toBe(join(main.path[0] ?? '', 'smctl'))
    expect(readFileSync(main.outputs['smctl-path'] ?? '')).toEqual(content)
    expect(server.requests).toEqual([`GET ${FOLDER}/smctl.sha256`, `GET ${FOLDER}/smctl`])
    expect(issuedMeanwhile).toBe(0)
    for (const words of [
      `has the SHA-256 ${sha256(content)}`,
      `Downloading https://${server.host}${FOLDER}/smctl`,
    ]) {
      expect(main.log).toContain(words)
    }
    expect(main.summary).toMatch(
      new RegExp(`\\| smctl \\|.*verified, SHA-256 <code>${sha256(content)}</code>`),
    )
    await scenario.post()
    scenario.expectNothingLeft()
    expect(() => callSmctl(main)).toThrow('ENOENT')
  },
)

testOnLinux('it stays in place when a certificate is issued in place of a stored P12', async () => {
  server.publish('smctl', program('1.50'))
  const { base64: disabled } = await storedP12(scene.emulator, { enabled: false })
  for (const p12 of ['', disabled]) {
    const given = { mode: 'stored', p12, 'p12-password': PASSWORD, fallback: 'issue' }
    const scenario = scenarioWith(given)
    const main = await scenario.main()
    expect(main.outputs.mode).toBe('issue')
    expect(callSmctl(main)).toBe('smctl 1.50 sign')
    await scenario.post()
    scenario.expectNothingLeft()
  }
})

testOnLinux('it is in the private directory, in a folder with nothing else, only for its owner', async () => {
  server.publish('smctl', program('1.50'))
  for (const source of ['downloaded', 'out of the tool cache']) {
    const scenario = scenarioWith()
    const main = await scenario.main()
    const [bin = ''] = main.path
    expect([source, dirname(dirname(bin)), basename(bin)]).toEqual([source, scenario.job.temp, 'bin'])
    expect(readdirSync(bin)).toEqual(['smctl'])
    expect(statSync(bin).mode & 0o777).toBe(0o700)
    expect(statSync(join(bin, 'smctl')).mode & 0o777).toBe(0o700)
    await scenario.post()
    scenario.expectNothingLeft()
  }
})

testOnLinux('changes in the tool cache after the step do not reach later steps', async () => {
  server.publish('smctl', program('1.50'))
  await scenarioWith().main()
  const main = await scenarioWith().main()
  const folder = cachedFolder()
  writeFileSync(join(folder, 'smctl'), '#!/bin/sh\necho evil\n')
  writeFileSync(join(folder, 'osslsigncode'), '#!/bin/sh\necho evil\n', { mode: 0o755 })
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
  expect(main.path.some(entry => entry.startsWith(toolCache))).toBe(false)
  for (const entry of main.path) expect(existsSync(join(entry, 'osslsigncode'))).toBe(false)
})

testOnLinux('`cleanup: false` keeps it with the other files; a step that fails keeps nothing', async () => {
  server.publish('smctl', program('1.50'))
  const kept = scenarioWith({ cleanup: 'false' })
  const main = await kept.main()
  await kept.post()
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
  const failed = scenarioWith({ 'require-permissions': 'NO_SUCH_PERMISSION' })
  expect(await failed.main()).toMatchObject({ exitCode: 1, path: [] })
  expect(failed.files()).toEqual([])
})

testOnLinux(
  'the tool cache has it under its digest, so the next job downloads only the checksum',
  async () => {
    const content = program('1.50')
    server.publish('smctl', content)
    const first = await scenarioWith().main()
    server.requests.length = 0
    const second = await scenarioWith().main()
    expect(server.requests).toEqual([`GET ${FOLDER}/smctl.sha256`])
    expect(readFileSync(second.outputs['smctl-path'] ?? '')).toEqual(
      readFileSync(first.outputs['smctl-path'] ?? ''),
    )
    expect(second.log).toContain('nothing to download')
    expect(readdirSync(join(toolCache, 'smctl'))).toEqual([`0.0.0-${sha256(content)}`])
  },
)

testOnLinux('detects a new version, and keeps the old one for jobs that pin it', async () => {
  const old = program('1.50')
  server.publish('smctl', old)
  await scenarioWith().main()
  server.publish('smctl', program('1.51'))
  expect(callSmctl(await scenarioWith().main())).toBe('smctl 1.51 sign')
  expect(callSmctl(await scenarioWith({ 'smctl-sha256': sha256(old) }).main())).toBe('smctl 1.50 sign')
})

testOnLinux(
  'compares a pinned one only with its pin, and needs no network once it is in the tool cache',
  async () => {
    const content = program('1.50')
    server.files.set(`${FOLDER}/smctl`, content)
    const pinned = { 'smctl-sha256': sha256(content).toUpperCase() }
    expect(callSmctl(await scenarioWith(pinned).main())).toBe('smctl 1.50 sign')
    expect(server.requests).toEqual([`GET ${FOLDER}/smctl`])
    server.close()
    const offline = await scenarioWith(pinned).main()
    expect(offline).toMatchObject({ exitCode: 0, annotations: [] })
    expect(callSmctl(offline)).toBe('smctl 1.50 sign')
  },
)

testOnLinux.each([
  ['a folder of a mirror', '/digicert/tools/smctl', '/digicert/tools/smctl'],
  ['a folder of a mirror, with a slash', '/digicert/tools/', '/digicert/tools'],
])('from %s', async (_name, given, folder) => {
  server.publish('smctl', program('1.50'), folder)
  const main = await scenarioWith({ 'smctl-mirror': `https://${server.host}${given}` }).main()
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
})

testOnLinux('through redirects, also to another server', async () => {
  const other = await startDownloadServer()
  server.publish('smctl', program('1.50'))
  const content = server.files.get(`${FOLDER}/smctl`) ?? ''
  other.files.set('/store/1?token=2', content)
  server.files.set(`${FOLDER}/smctl`, (_request, response) =>
    response.writeHead(302, { location: '../elsewhere' }).end(),
  )
  server.files.set('/stm/elsewhere', (_request, response) =>
    response.writeHead(307, { location: `https://${other.host}/store/1?token=2` }).end('go there'),
  )
  const ca = [scene.emulator.caPem, server.caPem, other.caPem].join('')
  const main = await scenarioWith({ 'ca-certificates': ca }).main()
  other.close()
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
  expect(other.requests).toEqual(['GET /store/1?token=2'])
})

testOnLinux('through the proxy that the environment names', async () => {
  const proxy = await startProxy()
  server.publish('smctl', program('1.50'))
  const main = await scenarioWith({}, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }).main()
  proxy.close()
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
  expect(proxy.tunnels.filter(name => name === server.host)).toHaveLength(2)
})

testOnLinux('with a stored P12, too', async () => {
  server.publish('smctl', program('1.50'))
  const { base64 } = await storedP12(scene.emulator)
  const main = await scenarioWith({ mode: 'stored', p12: base64, 'p12-password': PASSWORD }).main()
  expect(main.exitCode).toBe(0)
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
})

testOnLinux('retries after a temporary failure', async () => {
  server.publish('smctl', largeProgram('1.50'))
  const content = server.files.get(`${FOLDER}/smctl`) as Buffer
  let count = 0
  server.files.set(`${FOLDER}/smctl`, (request, response) => {
    count += 1
    if (count === 1) return response.writeHead(503, { 'retry-after': '0' }).end()
    response.writeHead(200, { 'content-length': content.length })
    if (count === 3) return response.end(content)
    response.write(content.subarray(0, 1_000_000), () => request.socket.destroy())
  })
  const main = await scenarioWith().main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(callSmctl(main)).toBe('smctl 1.50 sign')
  expect(main.log).toMatch(/responded with 503.*Retrying/)
})

testOnLinux('ignores what a killed run left incomplete in the tool cache', async () => {
  const content = program('1.50')
  server.publish('smctl', content)
  await scenarioWith().main()
  rmSync(`${cachedFolder()}.complete`)
  server.requests.length = 0
  expect(callSmctl(await scenarioWith().main())).toBe('smctl 1.50 sign')
  expect(server.requests).toContain(`GET ${FOLDER}/smctl`)
})

testOnLinux('without the input, downloads nothing and loads none of its code', async () => {
  const folder = temporaryFolder()
  cpSync(join(ROOT, 'action.yml'), join(folder, 'action.yml'))
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
  rmSync(join(folder, 'dist/parts/smctl'), { recursive: true })
  expect(readFileSync(join(folder, 'dist/main/step.js'), 'utf8')).not.toMatch(/hdiutil|RUNNER_TOOL_CACHE'\]/)
  const use = new Use(new Job(), folder)
  const env = { RUNNER_TOOL_CACHE: toolCache }
  const main = await use.main({ inputs: { ...scene.inputs(), ...inputs({ 'install-smctl': 'false' }) }, env })
  expect(main).toMatchObject({ exitCode: 0, path: [] })
  expect(main.outputs['smctl-path']).toBe('')
  expect(server.requests).toEqual([])
  expect(existsSync(join(toolCache, 'smctl'))).toBe(false)
  const asked = await use.main({ inputs: { ...scene.inputs(), ...inputs() }, env })
  expect(asked.exitCode).toBe(1)
})
