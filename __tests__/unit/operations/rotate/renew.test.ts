import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../../src/digicert/clientauth.ts'
import { renew } from '../../../../src/operations/rotate/renew.ts'
import { decodePkcs12 } from '../../../../src/x509/pkcs12.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../../support/fake-digicert.ts'
import { testCertificate, testKey } from '../../../support/p12-certificates.ts'
import { fakePorts } from '../../../support/ports.ts'

const key = testKey('rsa')
const PASSWORD = 'correct-horse-pw'
/** Around the time of the fake clock. */
const LIFE = { notBefore: new Date('2026-06-01T00:00:00Z'), notAfter: new Date('2026-09-01T00:00:00Z') }
const MASK = { text: () => undefined, bytes: () => undefined, privateKey: () => undefined }

function issuing(changes: Partial<FakeDigicert> = {}): FakeDigicert {
  const certificate = testCertificate({ key, ...LIFE }).toString()
  return fakeDigicert({
    request: ({ nickname }) => record('new', { name: nickname, certificate }),
    ...changes,
  })
}

async function run(digicert: FakeDigicert) {
  const ports = fakePorts()
  const request = {
    namePrefix: 'release',
    subject: undefined,
    validitySeconds: 3600,
    keySize: 2048,
    encryption: 'modern',
    password: PASSWORD,
    iterations: 20_000,
    replaces: '0LD',
  } as const
  const outcome = await renew(request, {
    ...ports,
    digicert: digicert.as,
    mask: MASK,
    newKey: async () => key,
  })
    .then(renewed => ({ renewed, error: undefined }))
    .catch((error: unknown) => ({ renewed: undefined, error }))
  return { ...outcome, log: ports.log, clock: ports.clock, calls: digicert.calls }
}

const refused = () => {
  throw new CertificateRefused('403.', undefined)
}

test('issues, verifies, and returns the P12 that will be stored', async () => {
  const { renewed, calls } = await run(issuing())
  expect(calls).toEqual([expect.stringMatching(/^POST release-replaces-/), 'VERIFY'])
  const { certificate, iterations } = await decodePkcs12(renewed?.p12 ?? Buffer.alloc(0), PASSWORD)
  expect(iterations).toBe(20_000)
  expect(certificate.checkPrivateKey(key)).toBe(true)
  expect(renewed).toMatchObject({ isNew: true, record: { id: 'new' } })
})

test('gives time to a certificate that the mTLS host does not know yet', async () => {
  let asked = 0
  const { renewed, clock, calls } = await run(
    issuing({ verify: () => (++asked < 3 ? refused() : undefined) }),
  )
  expect(renewed).toBeDefined()
  expect(clock.waits).toEqual([200, 400])
  expect(calls.filter(call => call.startsWith('PUT'))).toEqual([])
})

test('disables one that is never accepted, and mentions the delay', async () => {
  const { error, log, calls } = await run(issuing({ verify: refused }))
  expect(error).toMatchObject({ code: 'CERT_REFUSED', message: expect.stringContaining('given 30.0 s') })
  expect(calls.at(-1)).toBe('PUT new false')
  expect(log.of('info').at(-1)).toMatch(/^Disabled the new certificate .* because no secret contains it/)
})

test('a server that contradicts when it is disabled: a warning, and no claim of success', async () => {
  const { error, log } = await run(issuing({ verify: refused, setEnabled: () => true }))
  expect(error).toMatchObject({ code: 'CERT_REFUSED' })
  expect(log.of('info').join()).not.toMatch(/Disabled/)
  expect(log.of('warning')).toEqual([
    expect.stringMatching(
      /may still be enabled, though no secret contains it\. .*still says that it is enabled/,
    ),
  ])
})
