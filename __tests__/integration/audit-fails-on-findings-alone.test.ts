// scripts/audit.ts against our own registry on localhost.
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { ROOT } from '../support/runner.ts'

let registry: Server | undefined
afterEach(() => {
  registry?.closeAllConnections()
  registry?.close()
})

const FINDING = {
  undici: [
    { id: 1, url: 'https://example.invalid/1', title: 'Bad', severity: 'low', vulnerable_versions: '>=0' },
  ],
}

async function audit(status: number, answer: unknown): Promise<{ code: number | null; text: string }> {
  registry = createServer((request, response) => {
    const bulk = request.url?.endsWith('/advisories/bulk') === true
    request.resume()
    response.writeHead(bulk ? status : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(bulk ? answer : {}))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => registry?.once('listening', resolve))
  const { port } = registry.address() as AddressInfo
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}/`,
    npm_config_fetch_retries: '0',
  }
  const child = spawn(process.execPath, [join(ROOT, 'scripts/audit.ts')], { cwd: ROOT, env })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      text += String(chunk)
    })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, text }
}

test('passes without findings', async () => {
  expect(await audit(200, {})).toEqual({ code: 0, text: expect.stringContaining('no known vulnerability') })
})

test('fails on a finding, however low', async () => {
  expect(await audit(200, FINDING)).toEqual({ code: 1, text: expect.stringMatching(/\d known vulnerabilit/) })
})

test.each([404, 405])(
  'says that nothing was checked when the registry has no such service (%i)',
  async status => {
    expect(await audit(status, {})).toEqual({ code: 0, text: expect.stringContaining('NOT CHECKED') })
  },
)

test.each([401, 500])('fails when the audit did not work (%i)', async status => {
  expect(await audit(status, {})).toEqual({ code: 1, text: expect.stringContaining('npm audit failed') })
})
