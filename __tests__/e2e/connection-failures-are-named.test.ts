import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type EmulatorOptions, startEmulator } from '../../emulator/index.ts'
import { QUICK } from '../support/later.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const ONCE = { timeout: '30s', retries: '0' }
/** Where the timeout itself is tested; elsewhere a busy machine would run into it first. */
const IMPATIENT = { timeout: '1s', retries: '0' }

test('sends no certificate to an untrusted mTLS host, and disables it', async () => {
  const emulator = await start({ serverCertificate: { clientauth: 'untrusted' } })
  const scenario = scene.scenario({
    host: emulator.apiUrl,
    'api-key': emulator.apiKey,
    'ca-certificates': emulator.caPem,
    ...ONCE,
  })
  const error = errorOf(await scenario.main())
  expect(error).toMatchObject({
    code: 'TLS_UNTRUSTED',
    what: expect.stringContaining('clientauth.localhost'),
  })
  await scenario.post()
  expect(emulator.certificates.map(({ enabled }) => enabled)).toEqual([false])
})

test('TLS verification cannot be switched off, not even by Node’s own variable', async () => {
  const main = await scene.scenario({ 'ca-certificates': '' }, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }).main()
  expect(main.exitCode).toBe(1)
  expect(errorOf(main).code).toBe('TLS_UNTRUSTED')
  expect(scene.emulator.requests).toEqual([])
})

test('a name that does not resolve', async () => {
  const main = await scene.scenario({ host: 'one.digicert.invalid', ...ONCE }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'HOST_NOT_FOUND',
    what: expect.stringContaining('one.digicert.invalid'),
    fix: expect.stringContaining('demo.one.digicert.com'),
  })
})

test('a port where nothing listens', async () => {
  const port = await listen(net.createServer())
  await closing.pop()?.()
  const main = await scene.scenario({ host: `localhost:${port}`, ...ONCE }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'CONNECTION_FAILED',
    what: `localhost:${port} refused the connection.`,
  })
})

test('a port that speaks plain HTTP', async () => {
  const port = await listen(http.createServer((_request, response) => response.end()))
  const main = await scene.scenario({ host: `localhost:${port}`, ...ONCE }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'TLS_FAILED',
    why: expect.stringContaining('does not speak TLS'),
  })
})

test('a port that accepts and stays silent', async () => {
  const port = await listen(net.createServer())
  const main = await scene.scenario({ host: `localhost:${port}`, ...IMPATIENT }).main()
  expect(errorOf(main)).toMatchObject({ code: 'TIMEOUT', what: expect.stringContaining('1 s') })
  expect(main.milliseconds).toBeLessThan(20_000)
})

test('a server that accepts and resets', async () => {
  const port = await listen(net.createServer(socket => socket.resetAndDestroy()))
  const main = await scene.scenario({ host: `localhost:${port}`, timeout: '30s', retries: '1' }).main()
  expect(errorOf(main).code).toBe('CONNECTION_FAILED')
  expect(main.log).toContain('(retry 1 of 1)')
})

test('a body that stalls', async () => {
  const held = scene.emulator.faults.add({ host: 'clientauth', hold: 'mid-answer' })
  const scenario = scene.scenario(IMPATIENT)
  expect(errorOf(await scenario.main()).code).toBe('TIMEOUT')
  held.remove()
  await scenario.post()
  scenario.expectNothingLeft()
})

test('an mTLS host that resets idle connections', async () => {
  const port = await listen(net.createServer(socket => setTimeout(() => socket.resetAndDestroy(), 5)))
  scene.emulator.faults.add({ method: 'POST', delayBefore: 100 })
  const inputs = { 'clientauth-host': `localhost:${port}`, retries: '0', timeout: '5m' }
  const scenario = scene.scenario(inputs, QUICK)
  const main = await scenario.main()
  expect(errorOf(main).what).toContain(`localhost:${port}`)
  await scenario.post()
  scenario.expectNothingLeft()
})

test('a summary that cannot be written neither fails the step nor hides the real error', async () => {
  const env = { GITHUB_STEP_SUMMARY: '/no/such/folder/summary' }
  const main = await scene.scenario({}, env).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs['p12-file']).not.toBe('')
  const refused = await scene.scenario({ 'api-key': 'not-the-right-one' }, env).main()
  expect(errorOf(refused).code).toBe('API_KEY_INVALID')
})

async function start(options: EmulatorOptions) {
  const emulator = await startEmulator(options)
  closing.push(() => emulator.close())
  return emulator
}

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>()
  server.on('connection', socket => sockets.add(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
