import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { isInstalled, toolTest } from '../support/p12-tools.ts'
import { expectSuccess, useRotation } from '../support/rotation.ts'
import { Job } from '../support/runner.ts'
import { useScene } from '../support/scene.ts'
import { type Squid, startSquid } from '../support/squid.ts'

const scene = useScene()
const rotation = useRotation()
let proxyCa: string
let squid: Squid

beforeAll(async () => {
  const authority = await createAuthority({ commonName: 'Proxy CA', key: 'ec' })
  proxyCa = authority.certificatePem
  const certificate = await createServerCertificate(authority, 'valid', ['localhost'])
  if (isInstalled('squid'))
    squid = await startSquid({ names: ['localhost', 'clientauth.localhost'], certificate })
})
afterAll(() => squid?.close())

test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('%s: main and post steps trust it', async name => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, scene.emulator.caPem)
  const scenario = scene.scenario({ 'ca-certificates': '' }, { [name]: path }, job)
  expect(await scenario.main()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])('%s: rotate trusts it, also for GitHub', async name => {
  const path = new Job().commandFile('ca')
  writeFileSync(path, rotation.digicert.caPem + rotation.github.caPem)
  await rotation.store()
  expectSuccess(await rotation.run({ 'ca-certificates': '' }, { env: { [name]: path } }))
})

for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS']) {
  toolTest(['squid'], `${name}: an https proxy is trusted with it, for every host`, async () => {
    const path = new Job().commandFile('ca')
    writeFileSync(path, proxyCa + rotation.digicert.caPem + rotation.github.caPem)
    await rotation.store()
    const env = { [name]: path, HTTPS_PROXY: `https://localhost:${squid.port}` }
    expectSuccess(await rotation.run({ 'ca-certificates': '' }, { env }))
    expect((await squid.tunnels(3)).length).toBeGreaterThanOrEqual(3)
  })
}
