// Hosts with an IPv6 and an IPv4 address, where one family leads nowhere and the other responds later than Node's own
// `net.connect` waits for it.
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type HttpProxy, startProxy } from '../support/proxy.ts'
import { useRotation } from '../support/rotation.ts'
import { ROOT } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'

const scene = useScene()
const PRELOADED = ['--no-deprecation', '--require', join(ROOT, '__tests__/e2e/far-network.cjs')]
const PATIENT = { timeout: '30s', retries: '0' }

let proxy: HttpProxy | undefined
afterEach(() => {
  proxy?.close()
  proxy = undefined
})

/** More than the 250 ms after which Node gives up on an address. */
const FAR = '400'
const NETWORKS = [
  ['IPv6 is unreachable at once', { FAR_FIRST: '4', FAR_IPV6: 'unreachable', FAR_IPV4: FAR }],
  ['IPv6 is silent, and the second choice', { FAR_FIRST: '4', FAR_IPV6: 'silent', FAR_IPV4: FAR }],
  ['IPv6 is silent, and the first choice', { FAR_FIRST: '6', FAR_IPV6: 'silent', FAR_IPV4: FAR }],
] as const

describe.each(NETWORKS)('%s', (_, env) => {
  test('issuing reaches both hosts', async () => {
    const scenario = scene.scenario(PATIENT, env)
    const main = await scenario.main({ nodeOptions: PRELOADED })
    expect({ exitCode: main.exitCode, log: main.log }).toMatchObject({ exitCode: 0 })
    expect(main.log).not.toContain('Retrying')
    const post = await scenario.post({ nodeOptions: PRELOADED })
    expect(post.log).toContain('Disabled ')
    scenario.expectNothingLeft()
  })

  test('reaches a proxy', async () => {
    proxy = await startProxy()
    const scenario = scene.scenario(PATIENT, {
      ...env,
      HTTPS_PROXY: `http://localhost:${proxy.port}`,
      NO_PROXY: '',
    })
    expect((await scenario.main({ nodeOptions: PRELOADED })).exitCode).toBe(0)
    expect(proxy.tunnels).not.toEqual([])
    await scenario.post({ nodeOptions: PRELOADED })
  })
})

describe('rotate', () => {
  const rotation = useRotation()

  test.each(NETWORKS)('reaches GitHub where %s', async (_, env) => {
    await rotation.store()
    const result = await rotation.run({ force: 'true', ...PATIENT }, { env, nodeOptions: PRELOADED })
    expect({ exitCode: result.exitCode, log: result.log }).toMatchObject({ exitCode: 0 })
  })
})

describe('a host that does not respond at any of its addresses', () => {
  test('is reported with the time waited', async () => {
    const env = { FAR_IPV6: 'unreachable', FAR_IPV4: 'silent' }
    const scenario = scene.scenario({ timeout: '2s', retries: '0' }, env)
    const main = await scenario.main({ nodeOptions: PRELOADED })
    expect(errorOf(main)).toMatchObject({
      code: 'TIMEOUT',
      what: expect.stringMatching(/^localhost:\d+ could not be connected to within 2 s\.$/),
    })
    expect(main.milliseconds).toBeGreaterThan(1_900)
  })

  test('is reported with the time after which the system gave up, not with our own limit', async () => {
    const env = { FAR_IPV6: 'unreachable', FAR_IPV4: 'gives-up' }
    const scenario = scene.scenario({ timeout: '30s', retries: '0' }, env)
    const main = await scenario.main({ nodeOptions: PRELOADED })
    const { code, what } = errorOf(main)
    expect(code).toBe('TIMEOUT')
    const [, seconds] = /^localhost:\d+ did not respond within (\d+(?:\.\d)?) s\.$/.exec(what) ?? []
    expect(Number(seconds)).toBeLessThan(main.milliseconds / 1000)
  })
})
