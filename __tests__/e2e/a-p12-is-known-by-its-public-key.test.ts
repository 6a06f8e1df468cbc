// A serial number, a subject and an issuer can be copied into any certificate; a key cannot.
import { X509Certificate } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { CertificateRecord, Minted } from '../../emulator/index.ts'
import { listedIn } from '../support/inventory.ts'
import { QUICK } from '../support/later.ts'
import { testCertificate, testKey } from '../support/p12-certificates.ts'
import { useRotation } from '../support/rotation.ts'
import { errorOf, type Inputs, type Scene, useScene, warningsOf } from '../support/scene.ts'
import { PASSWORD, type Stored, storedP12 } from '../support/stored.ts'
import { writePkcs12 } from '../support/written-p12.ts'

const scene = useScene({}, 'access')
const checks = useScene({}, 'check')
const rotation = useRotation()

/** A P12 that somebody made with their own key, and the serial number and subject of an existing certificate. */
async function forged({ certificatePem }: Minted): Promise<Buffer> {
  const { serialNumber } = new X509Certificate(certificatePem)
  const key = testKey('p256', 'forger')
  const subject: [string, string][] = [
    ['2.5.4.6', 'US'],
    ['2.5.4.10', 'Example Inc'],
    ['2.5.4.3', 'Minted certificate'],
  ]
  const certificate = testCertificate({ key, subject, serial: BigInt(`0x${serialNumber}`) })
  return await writePkcs12({
    privateKey: key,
    certificate,
    chain: [],
    password: PASSWORD,
    encryption: 'modern',
  })
}

const inputsOf = (p12: Buffer): Inputs => ({ p12: p12.toString('base64'), 'p12-password': PASSWORD })
const puts = ({ emulator }: Scene) => emulator.requests.filter(({ method }) => method === 'PUT')

type Wire = Record<string, unknown>
const without = ({ public_key: _, ...entry }: Wire): Wire => entry
const base64Of = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '')

/** How a list may tell whose a certificate is; `undefined` is the emulator's own way. */
const FORMS: [string, ((entry: Wire, pem: string) => Wire) | undefined][] = [
  ['a public key in base64', undefined],
  [
    'a public key in PEM',
    entry => ({
      ...entry,
      public_key: `-----BEGIN PUBLIC KEY-----\r\n${entry.public_key}\r\n-----END PUBLIC KEY-----\r\n`,
    }),
  ],
  ['a certificate in PEM', (entry, pem) => ({ ...without(entry), x509_cert: pem })],
  ['a certificate in base64 of DER', (entry, pem) => ({ ...without(entry), x509_cert: base64Of(pem) })],
  [
    'a certificate and a placeholder',
    (entry, pem) => ({ ...entry, public_key: 'PUBLIC_KEY', x509_cert: pem }),
  ],
  ['a list of certificates', (entry, pem) => ({ ...without(entry), x509_cert: [pem] })],
]

/** Rewrites every entry of the list in a scene's emulator. */
function listAs(
  { emulator }: Pick<Scene, 'emulator'>,
  form: ((entry: Wire, pem: string) => Wire) | undefined,
): void {
  if (form === undefined) return
  const pemOf = (entry: Wire) => emulator.certificates.find(({ id }) => id === entry.id)?.certificatePem ?? ''
  emulator.faults.add({
    method: 'GET',
    path: /client-auth-certificate$/,
    times: Number.POSITIVE_INFINITY,
    rewrite: body => (body as unknown as Wire[]).map(entry => form(entry, pemOf(entry))),
  })
}

for (const [name, form] of FORMS) {
  test.each(['upper', 'lower', 'colons', 'padded'] as const)(
    `a list with ${name} (${'%s'}): the true P12 disables, a copied serial number does not`,
    async serialFormat => {
      scene.emulator.settings.serialFormat = serialFormat
      const stored = await storedP12(scene.emulator, { name: 'production' })
      listAs(scene, form)
      const copied = await scene
        .scenario({ ...inputsOf(await forged(stored.minted)), enabled: 'false' })
        .main()
      expect(errorOf(copied)).toMatchObject({
        code: 'CERT_KEY_MISMATCH',
        what: expect.stringMatching(
          /^The certificate "production" .* is not the one in the P12 \(serial number [0-9A-F]+\): the public keys differ/,
        ),
      })
      expect(copied.outputs).toEqual({})
      expect(puts(scene)).toEqual([])
      const main = await scene.scenario({ ...inputsOf(stored.der), enabled: 'false' }).main()
      expect(main).toMatchObject({ exitCode: 0, outputs: { changed: 'true', enabled: 'false' } })
      expect(scene.enabled()).toEqual([])
    },
  )
}

test('a copied serial number enables nothing that was disabled in an incident', async () => {
  const { minted } = await storedP12(scene.emulator, { name: 'compromised', enabled: false })
  const main = await scene.scenario({ ...inputsOf(await forged(minted)), enabled: 'true' }).main()
  expect(errorOf(main).code).toBe('CERT_KEY_MISMATCH')
  expect(puts(scene)).toEqual([])
  expect(scene.enabled()).toEqual([])
})

test.each([
  ['neither key nor certificate', without],
  [
    'a key that is cut off',
    (entry: Wire) => ({ ...entry, public_key: String(entry.public_key).slice(0, 40) }),
  ],
  ['a key that is a number', (entry: Wire) => ({ ...entry, public_key: 7 })],
  ['a certificate that is none', (entry: Wire) => ({ ...without(entry), x509_cert: 'bm9uZQ==' })],
])('a list with %s: not even the true P12 is matched by serial number', async (_name, form) => {
  const stored = await storedP12(scene.emulator, { name: 'production' })
  listAs(scene, form)
  for (const p12 of [await forged(stored.minted), stored.der]) {
    const main = await scene.scenario({ ...inputsOf(p12), enabled: 'false' }).main()
    expect(errorOf(main)).toMatchObject({
      code: 'RESPONSE_INVALID',
      what: expect.stringMatching(/lists "production" .* without its public key .*cannot be compared/),
      fix: expect.stringContaining("'certificate-id'"),
    })
  }
  expect(puts(scene)).toEqual([])
})

test('one key certified twice: the serial number decides which of the two', async () => {
  const first = await storedP12(scene.emulator, { name: 'first' })
  const publicKey = new X509Certificate(first.minted.certificatePem).publicKey
  await scene.emulator.mint({ name: 'second', publicKey })
  await scene.scenario({ ...inputsOf(first.der), enabled: 'false' }).main()
  expect(scene.enabled().map(({ name }) => name)).toEqual(['second'])
})

// Next to another name

const NAMES: [string, (record: CertificateRecord) => Inputs][] = [
  ['certificate-id', ({ id }) => ({ 'certificate-id': id })],
  ['serial-number', ({ serialNumber }) => ({ 'serial-number': `0x${serialNumber.toLowerCase()}` })],
  ['name', ({ name }) => ({ name })],
]

test.each(NAMES)('a P12 next to %s must be that certificate', async (_name, select) => {
  const stored = await storedP12(scene.emulator, { name: 'mine' })
  const other = await storedP12(scene.emulator, { name: 'other' })
  const named = select(stored.minted.record as CertificateRecord)
  const wrong = await scene.scenario({ ...named, ...inputsOf(other.der), enabled: 'false' }).main()
  expect(errorOf(wrong)).toMatchObject({
    code: 'CERT_KEY_MISMATCH',
    what: expect.stringMatching(/^The certificate "mine" .* is not the one in the P12/),
  })
  expect(puts(scene)).toEqual([])
  const right = await scene.scenario({ ...named, ...inputsOf(stored.der), enabled: 'false' }).main()
  expect(right.exitCode).toBe(0)
  expect(right.summary).toContain('✅')
  expect(scene.enabled().map(({ name }) => name)).toEqual(['other'])
})

test('the P12 decides between two certificates with the same nickname', async () => {
  await storedP12(scene.emulator, { name: 'twin' })
  const stored = await storedP12(scene.emulator, { name: 'twin' })
  const main = await scene.scenario({ name: 'twin', ...inputsOf(stored.der), enabled: 'false' }).main()
  expect(main.outputs['certificate-id']).toBe(stored.minted.record?.id)
})

test('a P12 with an unknown id: lists what there is and changes nothing', async () => {
  const stored = await storedP12(scene.emulator, { name: 'mine' })
  const main = await scene
    .scenario({ 'certificate-id': 'none', ...inputsOf(stored.der), enabled: 'false' })
    .main()
  expect(errorOf(main)).toMatchObject({
    code: 'NOT_FOUND',
    what: expect.stringMatching(/that id.*[\s\S]*"mine"/),
  })
  expect(puts(scene)).toEqual([])
})

// What the mTLS host says

const refusing = (times = Number.POSITIVE_INFINITY) =>
  scene.emulator.faults.add({ host: 'clientauth', times, answer: { status: 403 } })

test('one that was refused before it was disabled: says that a later refusal verifies nothing', async () => {
  const stored = await storedP12(scene.emulator)
  refusing()
  const main = await scene.scenario({ ...inputsOf(stored.der), enabled: 'false' }).main()
  expect(main).toMatchObject({ exitCode: 0, outputs: { enabled: 'false', changed: 'true' } })
  expect(warningsOf(main).join('\n')).toMatch(
    /refused the certificate before it was disabled as well, so the refusal afterwards verifies nothing/,
  )
  expect(main.summary).toContain('⚪ it was refused before as well')
  expect(main.log + main.summary).not.toMatch(/✅|Verified over mTLS: .*refuses/)
  expect(scene.enabled()).toEqual([])
})

test('keeps nothing enabled when the mTLS host is down', async () => {
  const stored = await storedP12(scene.emulator)
  scene.emulator.faults.add({
    host: 'clientauth',
    times: Number.POSITIVE_INFINITY,
    answer: { status: 503, retryAfter: 0 },
  })
  const main = await scene.scenario({ ...inputsOf(stored.der), enabled: 'false', retries: '1' }).main()
  expect(errorOf(main).code).toBe('SERVER_ERROR')
  expect(main.outputs).toMatchObject({ enabled: 'false', changed: 'true' })
  expect(scene.enabled()).toEqual([])
  expect(warningsOf(main).join('\n')).toMatch(/Before the certificate was disabled, it could not be verified/)
})

test.each([
  ['refused', () => refusing(), 'CERT_REFUSED'],
  [
    'not verified, because the mTLS host is down',
    () =>
      scene.emulator.faults.add({
        host: 'clientauth',
        times: Number.POSITIVE_INFINITY,
        answer: { status: 503, retryAfter: 0 },
      }),
    'SERVER_ERROR',
  ],
])('undoes an enable that is %s, and says so', async (_name, spoil, code) => {
  const stored = await storedP12(scene.emulator, { name: 'compromised', enabled: false })
  spoil()
  const inputs = { ...inputsOf(stored.der), enabled: 'true', retries: '1', timeout: '60s' }
  const main = await scene.scenario(inputs, QUICK).main()
  expect(errorOf(main)).toMatchObject({
    code,
    what: expect.stringMatching(/"compromised" \(id .*\) was disabled again, as it was before\.$/),
  })
  expect(main.outputs).toMatchObject({ enabled: 'false', changed: 'false' })
  expect(scene.enabled()).toEqual([])
})

test('an enable that cannot be undone: the error says that it may still be enabled', async () => {
  const stored = await storedP12(scene.emulator, { name: 'compromised', enabled: false })
  refusing()
  scene.emulator.faults.add({ method: 'PUT', skip: 1, answer: { status: 403 } })
  const inputs = { ...inputsOf(stored.der), enabled: 'true', retries: '1', timeout: '60s' }
  const main = await scene.scenario(inputs, QUICK).main()
  expect(errorOf(main).what).toMatch(
    /"compromised" .* was enabled and may still be: disabling it again failed/,
  )
  expect(main.outputs).toMatchObject({ enabled: 'true', changed: 'true' })
})

test('one that was already enabled stays enabled when it cannot be verified', async () => {
  const stored = await storedP12(scene.emulator)
  refusing()
  const main = await scene
    .scenario({ ...inputsOf(stored.der), enabled: 'true', timeout: '60s' }, QUICK)
    .main()
  expect(main.exitCode).toBe(1)
  expect(puts(scene)).toEqual([])
  expect(scene.enabled()).toHaveLength(1)
})

// check

test('check marks nothing by a copied serial number, and warns about it', async () => {
  const { minted } = await storedP12(checks.emulator, { name: 'production' })
  const main = await checks.scenario(inputsOf(await forged(minted))).main()
  const listed = listedIn(main).map(({ id, in_use }) => [id !== '', in_use])
  expect(listed.sort()).toEqual([
    [false, true],
    [true, false],
  ])
  expect(warningsOf(main).join('\n')).toMatch(
    /as "production" .*, but a different public key, so it contains a different certificate/,
  )
})

test.each(FORMS)('check marks the one in use in a list with %s', async (_name, form) => {
  const stored = await storedP12(checks.emulator, { name: 'production' })
  listAs(checks, form)
  const main = await checks.scenario(inputsOf(stored.der)).main()
  expect(listedIn(main)).toMatchObject([{ name: 'production', in_use: true }])
})

test('check says when the list does not show whether it is the one in use', async () => {
  const stored = await storedP12(checks.emulator, { name: 'production' })
  listAs(checks, without)
  const main = await checks.scenario(inputsOf(stored.der)).main()
  expect(
    listedIn(main)
      .map(({ in_use }) => in_use)
      .sort(),
  ).toEqual([false, true])
  expect(warningsOf(main).join('\n')).toMatch(/lists that certificate without its public key/)
})

// rotate

const inUse = ({ base64 }: Pick<Stored, 'base64'>): Inputs => ({ p12: base64, 'p12-password': PASSWORD })

test('rotate replaces nothing by a copied serial number', async () => {
  const stored = await rotation.store(undefined, { name: 'production' })
  const base64 = (await forged(stored.minted)).toString('base64')
  const main = await rotation.run(inUse({ base64 }))
  expect(errorOf(main).code).toBe('CERT_KEY_MISMATCH')
  expect(rotation.digicert.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  expect(rotation.writes()).toEqual([])
})

test('without keys in the list, rotate trusts what the mTLS host accepts, and nothing else', async () => {
  const stored = await rotation.store(undefined, { name: 'production' })
  listAs({ emulator: rotation.digicert }, without)
  const base64 = (await forged(stored.minted)).toString('base64')
  const refused = await rotation.run(inUse({ base64 }))
  expect(errorOf(refused).code).toBe('RESPONSE_INVALID')
  expect(rotation.writes()).toEqual([])
  const main = await rotation.run({ force: 'true' })
  expect({ exitCode: main.exitCode, rotated: main.outputs.rotated }).toEqual({ exitCode: 0, rotated: 'true' })
})
