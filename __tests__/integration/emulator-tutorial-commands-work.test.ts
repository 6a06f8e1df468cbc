// DigiCert's own commands against `npm run emulator`, changed in nothing but the host, the key and the password prompt.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { adaptCommand, type TutorialStep, tutorial } from '../../emulator/tutorial.ts'
import { type Tool, toolTest } from '../support/p12-tools.ts'
import { testEndedBy } from '../support/platform.ts'

const TOOLS: Tool[] = ['bash', 'curl', 'openssl', 'jq']

interface Ready {
  apiUrl: string
  clientauthUrl: string
  apiKey: string
  caFile: string
  userId: string
}

const CLI = path.resolve('emulator/cli.ts')
let directory: string
let emulator: ChildProcess
let output = ''
let ready: Ready

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tutorial-'))
  const readyFile = path.join(directory, 'ready.json')
  emulator = spawn(process.execPath, [CLI, '--port', '0', '--round-end-dates', '--ready-file', readyFile])
  for (const stream of [emulator.stdout, emulator.stderr]) {
    stream?.on('data', data => {
      output += data
    })
  }
  for (let n = 0; n < 500 && !existsSync(readyFile); n += 1)
    await new Promise(resolve => setTimeout(resolve, 20))
  ready = JSON.parse(await readFile(readyFile, 'utf8'))
})

afterAll(async () => {
  emulator.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

const run = promisify(execFile)

async function step(id: TutorialStep['id'], context = ''): Promise<string> {
  const command = tutorial.find(candidate => candidate.id === id)?.command ?? ''
  const script = `set -euo pipefail\n${context}\n${adaptCommand(command, ready)}`
  const env = { ...process.env, CURL_CA_BUNDLE: ready.caFile, no_proxy: '*' }
  const { stdout } = await run('bash', ['-c', script], { cwd: directory, env })
  return stdout
}

const CERT_ID = "CERT_ID=$(jq -r '.id' response.json)"
// The tutorial's only prompt, filled in as a person would.
const ANSWER_PROMPT = 'openssl() { command openssl "$@" -passout pass:YOUR_PASSWORD; }'

toolTest(TOOLS, 'the whole tutorial: request, convert, verify, disable, enable, read dates', async () => {
  await step('request')
  await step('issue')
  const issued = JSON.parse(await readFile(path.join(directory, 'response.json'), 'utf8'))
  expect(issued).toMatchObject({ user_id: ready.userId, name: 'API Client Auth Certificate', enabled: true })

  expect(await step('extract')).toContain('Signature Algorithm')
  await step('export', ANSWER_PROMPT)
  expect(JSON.parse(await step('verify'))).toMatchObject({ id: ready.userId, status: 'ACTIVE' })
  expect(await step('id')).toBe(`Certificate ID: ${issued.id}\n`)

  expect(JSON.parse(await step('disable', CERT_ID))).toMatchObject({ id: issued.id, enabled: false })
  expect(JSON.parse(await step('verify'))).toEqual({
    errors: [{ code: 'AUTHORIZATION_ERROR', message: 'No authentication data provided' }],
  })
  expect(JSON.parse(await step('enable', CERT_ID))).toMatchObject({ id: issued.id, enabled: true })
  expect(JSON.parse(await step('verify'))).toMatchObject({ id: ready.userId })

  expect(await step('expiry')).toMatch(/^notAfter=\w{3} [ \d]\d 23:59:59 \d{4} GMT$/m)
  const { name, end_date, enabled } = issued
  expect(JSON.parse(await step('list'))).toEqual({ name, end_date, enabled })
})

test('prints what to set, the commands, and each request without the key', async () => {
  expect(output).toContain(`export CURL_CA_BUNDLE=${ready.caFile}`)
  expect(output).toContain(`export DIGICERT_API_KEY=${ready.apiKey}`)
  expect(output).toContain(
    `curl -X PUT "${ready.apiUrl}/account/api/v1/client-auth-certificate/\${CERT_ID}/enable"`,
  )
  expect(output).toContain(`"${ready.clientauthUrl}/account/api/v1/user/me"`)
  expect(output).not.toContain('one.digicert.com')
})

testEndedBy('SIGTERM')('SIGTERM stops it, and leaves nothing behind', async () => {
  const ended = new Promise(resolve => emulator.once('exit', resolve))
  emulator.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(existsSync(ready.caFile)).toBe(false)
  expect(existsSync(path.dirname(ready.caFile))).toBe(false)
  expect(existsSync(path.join(directory, 'ready.json'))).toBe(false)
})

test.each([
  [['--port', 'many'], '--port must be a number'],
  [['--error-shape', 'round'], '--error-shape must be'],
  [['--unknown'], "Unknown option '--unknown'"],
])('refuses %j in one line', async (args, message) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain(message)
  expect(stderr).not.toContain('    at ')
})
