import { afterAll, beforeAll, expect } from '@jest/globals'
import { expectAllWell, hostsOf, NAMES, OPERATIONS, operation, useCompany } from '../support/company.ts'
import { isInstalled, toolTest } from '../support/p12-tools.ts'
import type { StepResult } from '../support/runner.ts'
import { errorOf } from '../support/scene.ts'
import { type Squid, startSquid } from '../support/squid.ts'
import { mayMakeOne, type Namespace, namespaceTest, startNamespace } from './namespace.ts'

// The names resolve only on the proxy, and the namespace has no way out but the proxy: a request that bypassed it
// could not arrive, and its operation would fail.
const company = useCompany()
let squid: Squid
let namespace: Namespace

beforeAll(async () => {
  if (!isInstalled('squid')) return
  squid = await startSquid({ names: NAMES })
  if (mayMakeOne()) namespace = await startNamespace(squid.port)
})
afterAll(async () => {
  await namespace?.close()
  await squid?.close()
})

const tests = isInstalled('squid')
  ? namespaceTest
  : (title: string, body: () => Promise<void>) => toolTest(['squid'], title, body)

for (const { name, hosts, run } of OPERATIONS) {
  tests(`${name}: works where the proxy is the only way out`, async () => {
    const { within, proxy } = namespace
    const before = company.digicert.connections.accepted
    const seen = (await squid.tunnels(0)).length
    expectAllWell(await run(company, { within, env: { HTTPS_PROXY: `http://${proxy}` } }))
    const accepted = company.digicert.connections.accepted - before
    const tunnels = (await squid.tunnels(seen + accepted)).slice(seen)
    // DigiCert ONE saw the proxy's connections and no others.
    expect(tunnels.filter(line => line.includes('digicert'))).toHaveLength(accepted)
    expect(hostsOf(tunnels)).toEqual(expect.arrayContaining(hosts.filter(host => host.includes('digicert'))))
  })
}

tests('nothing gets out without the variable: the namespace is tight', async () => {
  const { within } = namespace
  const before = company.digicert.connections.accepted
  const [main] = await operation('issue').run(company, { within })
  expect(errorOf(main as StepResult).code).toMatch(/^(HOST_NOT_FOUND|TIMEOUT)$/)
  const { port } = company.digicert
  const [direct] = await operation('issue').run(company, { within }, { host: `localhost:${port}` })
  expect(errorOf(direct as StepResult).code).toBe('CONNECTION_FAILED')
  expect(company.digicert.connections.accepted).toBe(before)
})
