import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { inDays } from '../support/inventory.ts'
import { QUICK } from '../support/later.ts'
import { errorOf, type Inputs, type Scene, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, type Stored, storedP12 } from '../support/stored.ts'

const scene = useScene({}, 'access')

const by = ({ base64 }: Stored): Inputs => ({ p12: base64, 'p12-password': PASSWORD })
const proofs = ({ emulator }: Scene) =>
  emulator.requests.filter(({ host }) => host === 'clientauth').map(({ status }) => status)

test('disabled by its P12, it is refused, and a warning says what stops working and how to undo it', async () => {
  await storedP12(scene.emulator, { name: 'other' })
  const stored = await storedP12(scene.emulator, { name: 'in use' })
  const main = await scene.scenario({ ...by(stored), enabled: 'false' }).main()
  const id = stored.minted.record?.id
  expect(main.exitCode).toBe(0)
  expect(main.outputs).toEqual({
    'certificate-id': id,
    'certificate-ids': id,
    changed: 'true',
    count: '1',
    enabled: 'false',
  })
  expect(main.annotations).toHaveLength(1)
  const [warning] = warningsOf(main)
  for (const words of ['"in use"', 'fails', 'enabled: true', `certificate-id: ${id}`])
    expect(warning).toContain(words)
  expect(scene.emulator.certificates.map(({ enabled }) => enabled)).toEqual([true, false])
  expect(proofs(scene)).toEqual([200, 403])
  expect(main.summary).toContain('| Verified over mTLS | ✅ it is refused |')
  const keyLines = (stored.minted.privateKeyPem ?? '').split('\n').filter(line => /^[\w+/=]{12,}$/.test(line))
  const shown = main.raw.replace(/^::add-mask::.*$/gm, '') + main.summary
  for (const line of keyLines) expect(shown).not.toContain(line)
})

test('enabled by its P12, it is accepted', async () => {
  const stored = await storedP12(scene.emulator, { enabled: false })
  const main = await scene.scenario({ ...by(stored), enabled: 'true' }).main()
  expect(main).toMatchObject({ exitCode: 0, annotations: [] })
  expect(main.outputs).toMatchObject({ enabled: 'true', changed: 'true' })
  expect(proofs(scene)).toEqual([200])
})

test('by a P12 file', async () => {
  const { der, minted } = await storedP12(scene.emulator, { enabled: false })
  const path = scene.scenario().job.commandFile('stored.p12')
  writeFileSync(path, der)
  const main = await scene.scenario({ 'p12-file': path, 'p12-password': PASSWORD, enabled: 'true' }).main()
  expect(main.outputs).toMatchObject({ 'certificate-id': minted.record?.id, changed: 'true' })
})

test.each([
  ['true', 200],
  ['false', 403],
])('enabled: %s is verified even if nothing had to change', async (enabled, status) => {
  const stored = await storedP12(scene.emulator, { enabled: enabled === 'true' })
  const main = await scene.scenario({ ...by(stored), enabled }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs.changed).toBe('false')
  expect(proofs(scene)).toEqual([status])
})

test.each(['application', 'nginx', 'handshake'] as const)(
  'a refusal in the %s counts as a refusal',
  async where => {
    scene.emulator.settings.refuseCertificatesIn = where
    const stored = await storedP12(scene.emulator)
    const main = await scene.scenario({ ...by(stored), enabled: 'false' }).main()
    expect(main.exitCode).toBe(0)
  },
)

test('waits for an effect that takes a few requests', async () => {
  const stored = await storedP12(scene.emulator)
  scene.emulator.faults.add({
    host: 'clientauth',
    times: 2,
    answer: { status: 200, json: { id: scene.emulator.user.id } },
  })
  const main = await scene.scenario({ ...by(stored), enabled: 'false' }).main()
  expect(main.exitCode).toBe(0)
  expect(proofs(scene)).toEqual([200, 200, 403])
  expect(main.log).toContain('still accepts the certificate; checking again')
})

test('when the service user does not know the P12, lists what it has', async () => {
  await storedP12(scene.emulator, { name: 'known' })
  const stored = await storedP12(scene.emulator, { registered: false })
  const main = await scene.scenario({ ...by(stored), enabled: 'false' }).main()
  expect(errorOf(main)).toMatchObject({ code: 'NOT_FOUND', what: expect.stringContaining('"known"') })
  expect(scene.enabled()).toHaveLength(1)
})

test('a P12 that does not open changes nothing and sends no request', async () => {
  const stored = await storedP12(scene.emulator)
  const inputs = { ...by(stored), 'p12-password': 'wrong password', enabled: 'false' }
  expect(errorOf(await scene.scenario(inputs).main()).code).toBe('P12_PASSWORD')
  expect(scene.emulator.requests.filter(({ method }) => method === 'PUT')).toEqual([])
})

test('an mTLS host that is down says nothing about the certificate', async () => {
  const stored = await storedP12(scene.emulator)
  const times = Number.POSITIVE_INFINITY
  scene.emulator.faults.add({ host: 'clientauth', times, answer: { status: 503, retryAfter: 0 } })
  const main = await scene.scenario({ ...by(stored), enabled: 'false', retries: '1' }).main()
  expect(errorOf(main).code).toBe('SERVER_ERROR')
})

test('enabling an expired one fails at once and names its expiry', async () => {
  const stored = await storedP12(scene.emulator, { notAfter: inDays(-3), enabled: false })
  const main = await scene.scenario({ ...by(stored), enabled: 'true' }).main()
  expect(errorOf(main).code).toBe('CERT_EXPIRED')
  expect(scene.enabled()).toEqual([])
  // Waiting cannot help.
  expect(main.milliseconds).toBeLessThan(5_000)
})

test('an expired one can still be disabled, but its refusal verifies nothing', async () => {
  const stored = await storedP12(scene.emulator, { notAfter: inDays(-3) })
  const main = await scene.scenario({ ...by(stored), enabled: 'false' }).main()
  expect(main.exitCode).toBe(0)
  expect(main.outputs).toMatchObject({ enabled: 'false', changed: 'true' })
  expect(main.summary).not.toContain('✅')
  expect(scene.enabled()).toEqual([])
})

// How long that is on a real clock: a-change-is-given-time-to-reach-the-mtls-host.test.ts
test('fails after about thirty seconds when a change never takes effect, either way', async () => {
  const disabling = await stuck('false', { answer: { status: 200, json: { id: 'user-1' } } })
  const enabling = await stuck('true', { answer: { status: 403 } })
  expect(errorOf(disabling)).toMatchObject({
    code: 'ACCESS_NOT_EFFECTIVE',
    what: expect.stringContaining('still accepts'),
    fix: expect.stringContaining("'clientauth-host'"),
  })
  // After a failed mTLS check, the warning about what stops working, and how to undo it, matters most.
  expect(warningsOf(disabling)).toHaveLength(1)
  expect(errorOf(enabling).code).toBe('CERT_REFUSED')
  // If you handle an incident, you need to know what was changed, above all when the mTLS check fails.
  expect(disabling.outputs).toMatchObject({ enabled: 'false', changed: 'true' })
  expect(enabling.outputs).toMatchObject({ enabled: 'false', changed: 'false' })
  for (const { exitCode, annotations } of [disabling, enabling]) {
    expect(exitCode).toBe(1)
    const error = annotations.find(({ level }) => level === 'error')
    expect(error?.message).toMatch(/\b3\d\.\d s\b/)
  }
})

/** In a step whose thirty seconds take one and a half. */
async function stuck(enabled: string, fault: { answer: { status: number; json?: unknown } }) {
  scene.emulator.reset()
  const stored = await storedP12(scene.emulator, { enabled: enabled !== 'true' })
  scene.emulator.faults.add({ host: 'clientauth', times: Number.POSITIVE_INFINITY, ...fault })
  return scene.scenario({ ...by(stored), enabled, timeout: '60s' }, QUICK).main()
}
