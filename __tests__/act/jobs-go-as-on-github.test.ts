// This repository's own end-to-end workflow and jobs that go wrong, on somebody else's runner.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { ROOT } from '../support/runner.ts'
import { type ActRun, act } from './support/act.ts'
import { useWorld } from './support/world.ts'

const world = useWorld()
const WORKFLOWS = fileURLToPath(new URL('workflows/', import.meta.url))

const run = (workflow: string, job: string): Promise<ActRun> =>
  act({
    workflow: join(WORKFLOWS, workflow),
    job,
    secrets: { DIGICERT_API_KEY: world.digicert.apiKey },
    env: world.runner(),
  })

const enabled = () => world.digicert.certificates.filter(certificate => certificate.enabled)

/** Only the steps named, in the order they finished. */
const ended = ({ steps }: ActRun) => steps.map(({ stage, step, result }) => `${stage} ${step}: ${result}`)

test('ci.yml: issued, stored, checked, disabled and refused, with everything that later steps see', async () => {
  const done = await act({
    workflow: join(ROOT, '.github/workflows/ci.yml'),
    job: 'action',
    matrix: 'os:ubuntu-latest',
  })
  if (done.exitCode !== 0) throw new Error(done.log)
  expect(done.jobs).toEqual({ action: 'success' })
  expect(done.outputs('issued')).toMatchObject({ 'user-name': expect.any(String), expiring: 'false' })
  expect(done.outputs('check')).toMatchObject({ 'expiring-count': '1' })
  expect(done.outputs('disabled')).toMatchObject({ enabled: 'false', changed: 'true' })
  expect(done.summaries.join('')).toContain('❌ Client certificate: CERT_REFUSED')
  expect(ended(done).filter(line => line.startsWith('Post'))).toEqual([
    'Post Stored, which has to be refused now: success',
    'Post Stored: success',
    'Post Issue: success',
    'Post Embedded DigiCert ONE: success',
  ])
  expect(done.log).toMatch(/Disabled "octo-org-hello-world-1234567890-1-/)
})

test("secrets are masked, in our steps and in other people's", async () => {
  const done = await run('twice.yml', 'twice')
  expect(done.jobs).toEqual({ twice: 'success' })
  expect(done.log).toContain('In this log: ***, ***')
  const password = done.outputs('second')['p12-password'] ?? ''
  expect(password.length).toBeGreaterThan(20)
  expect(done.log).not.toContain(password)
  expect(done.log).not.toContain(done.outputs('first')['p12-password'])
  expect(done.log).not.toContain(world.digicert.apiKey)
  // The P12 as base64, which begins with the same bytes whatever it contains: SEQUENCE, version 3.
  expect(done.log).not.toMatch(/MII[\w+/]{3}IBAzC/)
})

test('two uses in one job are each cleaned up by their own post step', async () => {
  const done = await run('twice.yml', 'twice')
  expect(ended(done).slice(-2)).toEqual(['Post Second: success', 'Post First: success'])
  expect(world.digicert.certificates).toHaveLength(2)
  expect(enabled()).toEqual([])
})

test('after a failed step, the post step still disables and deletes', async () => {
  const done = await run('after-a-failure.yml', 'later')
  expect(done.jobs).toEqual({ later: 'failure' })
  expect(ended(done)).toEqual(['Main Issue: success', 'Main Fail: failure', 'Post Issue: success'])
  expect(world.digicert.certificates).toHaveLength(1)
  expect(enabled()).toEqual([])
  expect(done.left).toEqual([])
})

test('also after a failure of the action itself', async () => {
  const done = await run('after-a-failure.yml', 'lacking')
  expect(done.jobs).toEqual({ lacking: 'failure' })
  expect(ended(done)).toEqual(['Main Issue: failure', 'Post Issue: success'])
  expect(done.summaries.join('')).toContain('PERMISSION_MISSING')
  expect(world.digicert.certificates).toHaveLength(1)
  expect(enabled()).toEqual([])
  expect(done.left).toEqual([])
})
