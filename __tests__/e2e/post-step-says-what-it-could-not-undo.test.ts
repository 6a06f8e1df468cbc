import { rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from '@jest/globals'
import { Job } from '../support/runner.ts'
import { useScene, warningsOf } from '../support/scene.ts'

const scene = useScene()
const PUT = { method: 'PUT', times: Number.POSITIVE_INFINITY }

test('after a main step that never ran, it says in one line that there is nothing to do', async () => {
  const post = await scene.scenario().post()
  expect(post).toMatchObject({ exitCode: 0, log: '', annotations: [] })
})

test('the same after a main step that failed on its inputs', async () => {
  const scenario = scene.scenario({ mode: 'nonsense' })
  await scenario.main()
  expect(await scenario.post()).toMatchObject({ exitCode: 0, log: '', annotations: [] })
})

test('accepts that a later step deleted files', async () => {
  const scenario = scene.scenario()
  const { outputs } = await scenario.main()
  rmSync(dirname(outputs['p12-file'] ?? ''), { recursive: true })
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('deletes files that later steps added with the rest', async () => {
  const scenario = scene.scenario()
  const { outputs } = await scenario.main()
  writeFileSync(`${dirname(outputs['p12-file'] ?? '')}/copy.pem`, 'x', { mode: 0o400 })
  await scenario.post()
  scenario.expectNothingLeft()
})

test('accepts that somebody already disabled the certificate', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  for (const record of scene.enabled()) record.enabled = false
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
})

test('accepts that the certificate is gone', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  scene.emulator.certificates.length = 0
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
})

test.each([
  ['an API key that has expired', { status: 401 }, /401.*API_KEY_INVALID/],
  ['a user that may not any more', { status: 403 }, /403.*ACCESS_DENIED/],
  ['a server that is down', { status: 503, retryAfter: 0 }, /503.*SERVER_ERROR/],
])('%s: a warning names what is still enabled, and the files are deleted', async (_name, answer, reason) => {
  const scenario = scene.scenario()
  const { outputs } = await scenario.main()
  scene.emulator.faults.add({ ...PUT, answer })
  const post = await scenario.post()
  expect(post.exitCode).toBe(0)
  const [warning, ...more] = warningsOf(post)
  expect(more).toEqual([])
  expect(warning).toContain(outputs['certificate-id'])
  expect(warning).toContain(outputs.name)
  expect(warning).toMatch(reason)
  expect(scenario.files()).toEqual([])
})

test('an invalid proxy set by a later step: a warning names it and what is still enabled', async () => {
  const scenario = scene.scenario()
  const { outputs } = await scenario.main()
  const post = await scenario.post({ env: { HTTPS_PROXY: 'socks5://127.0.0.1:9' } })
  expect(warningsOf(post)).toEqual([
    expect.stringMatching(/^May still be enabled: .*HTTPS_PROXY .*INPUT_INVALID/),
  ])
  expect(warningsOf(post)[0]).toContain(outputs['certificate-id'])
  expect(scenario.files()).toEqual([])
})

test('retries when a response is lost', async () => {
  scene.emulator.faults.add({ method: 'PUT', reset: 'after-work' })
  const scenario = scene.scenario()
  await scenario.main()
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('believes a server that says "still enabled"', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  scene.emulator.faults.add({ ...PUT, rewrite: body => ({ ...body, enabled: true }) })
  expect(warningsOf(await scenario.post())).toEqual([expect.stringContaining('May still be enabled')])
})

test.each([
  ['no body', { status: 204, body: '' }],
  ['text', { status: 200, body: 'OK', contentType: 'text/plain' }],
  ['an object without id', { status: 200, json: { enabled: false } }],
  ['null', { status: 200, json: null }],
])('success also counts with %s', async (_name, answer) => {
  const scenario = scene.scenario()
  await scenario.main()
  scene.emulator.faults.add({ method: 'PUT', answer, workDone: true })
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('a web page is not a success', async () => {
  const scenario = scene.scenario()
  await scenario.main()
  scene.emulator.faults.add({ ...PUT, answer: { status: 200, html: true } })
  expect(warningsOf(await scenario.post())).toEqual([expect.stringContaining('May still be enabled')])
})

test('uses CA certificates given by path even when that file is gone', async () => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, scene.emulator.caPem)
  const scenario = scene.scenario({ 'ca-certificates': path }, {}, job)
  await scenario.main()
  unlinkSync(path)
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('does not wait for a lost request that was never carried out when the job went on for a while', async () => {
  scene.emulator.faults.add({ method: 'POST', reset: 'before-work' })
  const scenario = scene.scenario()
  await scenario.main()
  const post = await scenario.postMuchLater()
  expect(post.annotations).toEqual([])
  expect(post.milliseconds).toBeLessThan(10_000)
  scenario.expectNothingLeft()
})
