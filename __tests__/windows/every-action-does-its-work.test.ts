// Each action once from start to finish, with the shipped bundles: on Windows as on every other system.
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect } from '@jest/globals'
import { useRotation } from '../support/rotation.ts'
import { errorOf, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { SYSTEM } from '../support/system.ts'
import { stepsTest } from './support/steps.ts'

describe('the root action', () => {
  const scene = useScene()
  const stored = async () => ({
    mode: 'stored',
    p12: (await storedP12(scene.emulator)).base64,
    'p12-password': PASSWORD,
  })

  stepsTest('issue: verified, written, exported, and nothing is left after the job', async () => {
    const scenario = scene.scenario({ validity: '2h', 'write-key': 'true' })
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log).toContain('Verified')
    const p12 = main.outputs['p12-file'] ?? ''
    expect(p12.startsWith(scenario.job.runnerTemp)).toBe(true)
    expect(main.env).toMatchObject({ SM_CLIENT_CERT_FILE: p12, SM_HOST: scene.emulator.clientauthUrl })
    const certificate = new X509Certificate(readFileSync(SYSTEM.locate(main.outputs['cert-file'] ?? '')))
    expect(certificate.fingerprint256).toBe(scene.enabled()[0]?.fingerprint256)
    expect(readdirSync(SYSTEM.locate(p12).replace(/[\\/][^\\/]+$/, '')).sort()).toEqual(
      expect.arrayContaining(['client.crt', 'client.key', 'client.p12']),
    )
    const post = await scenario.post()
    expect(post).toMatchObject({ exitCode: 0, annotations: [] })
    expect(post.log).toContain('Deleted ')
    expect(post.log).toContain(`Disabled "${main.outputs.name}"`)
    scenario.expectNothingLeft()
  })

  stepsTest('stored: opened, verified, written, and its files are deleted after the job', async () => {
    const scenario = scene.scenario(await stored())
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.outputs['p12-file']).toContain('client.p12')
    expect(main.outputs['user-id']).not.toBe('')
    expect((await scenario.post()).log).toContain('Deleted ')
    expect(scenario.files()).toEqual([])
    expect(scene.enabled()).toHaveLength(1)
  })

  stepsTest('says that a password is wrong', async () => {
    const main = await scene.scenario({ ...(await stored()), 'p12-password': 'incorrect horse' }).main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main).code).toBe('P12_PASSWORD')
    expect(errorOf(main).what).toContain('password')
  })

  stepsTest('preflight: a later step can sign with the keypair, or the step fails and says why', async () => {
    const { alias } = await scene.emulator.keypair()
    const scenario = scene.scenario({ 'keypair-alias': alias })
    const main = await scenario.main()
    expect(main).toMatchObject({ exitCode: 0, annotations: [] })
    expect(main.log).toContain(`Can sign with "${alias}"`)
    expect(main.env.SM_KEYPAIR_ALIAS).toBe(alias)
    await scenario.post()
    scenario.expectNothingLeft()

    const failed = scene.scenario({ 'keypair-alias': 'nobody' })
    const refused = await failed.main()
    expect(refused.exitCode).toBe(1)
    expect(errorOf(refused)).toMatchObject({ code: 'KEYPAIR_UNKNOWN', what: expect.stringContaining(alias) })
    await failed.post()
    failed.expectNothingLeft()
  })
})

describe('check', () => {
  const scene = useScene({}, 'check')

  stepsTest('a P12 that expires soon fails the step in time, and is in the report', async () => {
    const notAfter = new Date(Date.now() + 5 * 86_400_000)
    const { base64 } = await storedP12(scene.emulator, { name: 'nightly', notAfter })
    const scenario = scene.scenario({ p12: base64, 'p12-password': PASSWORD, 'fail-within': '10d' })
    const main = await scenario.main()
    expect(main.exitCode).toBe(1)
    expect(errorOf(main).code).toBe('CERT_EXPIRING')
    expect(main.outputs['expiring-count']).toBe('1')
    const report = readFileSync(SYSTEM.locate(main.outputs['report-file'] ?? ''), 'utf8')
    expect(JSON.parse(report)).toMatchObject({ certificates: [expect.objectContaining({ name: 'nightly' })] })
  })
})

describe('access', () => {
  const scene = useScene({}, 'access')

  stepsTest('disables the certificate of a P12 and verifies that it is refused', async () => {
    const { base64 } = await storedP12(scene.emulator)
    const [{ id } = { id: '' }] = scene.enabled()
    const inputs = { p12: base64, 'p12-password': PASSWORD, enabled: 'false' }
    const main = await scene.scenario(inputs).main()
    expect(main.exitCode).toBe(0)
    expect(warningsOf(main)).toEqual([expect.stringContaining('every job that signs with it now fails')])
    expect(main.log).toContain('refuses the certificate.')
    expect(main.outputs).toEqual({
      'certificate-id': id,
      'certificate-ids': id,
      changed: 'true',
      count: '1',
      enabled: 'false',
    })
    expect(scene.enabled()).toEqual([])
  })
})

describe('rotate', () => {
  const rotation = useRotation()

  stepsTest('replaces the secret, and disables the old certificate after the grace period', async () => {
    await rotation.store()
    const [old] = rotation.enabled()
    const first = await rotation.run()
    expect(first).toMatchObject({ exitCode: 0, annotations: [] })
    expect(first.outputs).toMatchObject({ rotated: 'true', 'previous-certificate-id': old?.id })
    rotation.later(8)
    const after = await rotation.run()
    expect(after).toMatchObject({ exitCode: 0, annotations: [] })
    expect(after.outputs).toMatchObject({ rotated: 'false', 'disabled-certificate-ids': old?.id })
    expect(rotation.enabled()).toHaveLength(1)
  })
})
