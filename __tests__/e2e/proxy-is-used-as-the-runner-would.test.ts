import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type HttpProxy, startProxy } from '../support/proxy.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const QUICK = { timeout: '2s', retries: '0' }
let proxy: HttpProxy | undefined

afterEach(() => proxy?.close())

test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('%s: main and post steps use it', async name => {
  proxy = await startProxy()
  const scenario = scene.scenario({}, { [name]: `http://127.0.0.1:${proxy.port}` })
  expect(await scenario.main()).toMatchObject({ exitCode: 0, annotations: [] })
  await scenario.post()
  scenario.expectNothingLeft()
  const { host, clientauthHost, port } = scene.emulator
  expect(proxy.tunnels).toEqual([`${host}:${port}`, `${clientauthHost}:${port}`, `${host}:${port}`])
})

test('without a scheme, as curl accepts it', async () => {
  proxy = await startProxy()
  const main = await scene.scenario({}, { HTTPS_PROXY: `127.0.0.1:${proxy.port}` }).main()
  expect(main.exitCode).toBe(0)
  expect(proxy.tunnels).toHaveLength(2)
})

test.each([
  ['user:p%40ss-word-0123', 'user:p@ss-word-0123'],
  ['user:100%sure-0123456', 'user:100%sure-0123456'],
  ['user', 'user:'],
])('with credentials %s, which are masked', async (given, sent) => {
  proxy = await startProxy()
  const main = await scene.scenario({}, { HTTPS_PROXY: `http://${given}@127.0.0.1:${proxy.port}` }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(proxy.credentials).toEqual([basic(sent), basic(sent)])
  const [, password = ''] = sent.split(':')
  if (password !== '') expect(main.masks).toContain(password)
})

test.each([
  ['both names', 'localhost,clientauth.localhost'],
  ['a parent domain, as curl and the runner take it', 'localhost'],
  ['a leading dot', '.localhost, localhost'],
  ['everything', '*'],
])('NO_PROXY with %s', async (_name, NO_PROXY) => {
  proxy = await startProxy()
  const main = await scene.scenario({}, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY }).main()
  expect(main.exitCode).toBe(0)
  expect(proxy.tunnels).toEqual([])
})

test.each([
  [407, /407/],
  [403, /403/],
])('a proxy that responds with %i', async (status, what) => {
  proxy = await startProxy(status)
  const main = await scene.scenario(QUICK, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }).main()
  expect(errorOf(main)).toMatchObject({
    code: 'PROXY_REFUSED',
    what: expect.stringMatching(what),
    fix: expect.stringContaining('HTTPS_PROXY'),
  })
})

test('a proxy that is down is not mistaken for DigiCert ONE', async () => {
  const gone = await startProxy()
  gone.close()
  const main = await scene.scenario(QUICK, { HTTPS_PROXY: `http://127.0.0.1:${gone.port}` }).main()
  expect(errorOf(main).what).toMatch(/proxy/i)
})

test('a proxy whose name does not resolve is not mistaken for DigiCert ONE', async () => {
  const main = await scene.scenario(QUICK, { HTTPS_PROXY: 'http://proxy.invalid:3128' }).main()
  const { what } = errorOf(main)
  expect(what).toMatch(/The proxy .*proxy\.invalid:3128 .*ENOTFOUND/)
})

test('a proxy that accepts and stays silent', async () => {
  const silent = net.createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const main = await scene
    .scenario({ timeout: '1s', retries: '0' }, { HTTPS_PROXY: `http://127.0.0.1:${port}` })
    .main()
  silent.close()
  expect(errorOf(main).code).toBe('TIMEOUT')
})

test('does not crash on a proxy that resets an idle tunnel', async () => {
  proxy = await startProxy()
  proxy.resetsTunnelTo = `${scene.emulator.clientauthHost}:${scene.emulator.port}`
  scene.emulator.faults.add({ method: 'POST', delayBefore: 200 })
  const scenario = scene.scenario(QUICK, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
  const main = await scenario.main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(proxy.tunnels).toHaveLength(3)
  await scenario.post()
  scenario.expectNothingLeft()
})

test('never shows credentials of a proxy whose URL is not valid', async () => {
  const main = await scene.scenario(QUICK, { HTTPS_PROXY: 'socks5://me:hunter2-hunter2@127.0.0.1:1' }).main()
  expect(main.exitCode).toBe(1)
  expect(main.raw.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('hunter2')
})

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
