import { createPublicKey, createSecretKey } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { expect, test } from '@jest/globals'
import forge from 'node-forge'
import { decodePkcs12, type Encryption, preparePkcs12 } from '../../../src/x509/pkcs12.ts'
import { type KeyKind, testChain } from '../../support/p12-certificates.ts'
import { writePkcs12 } from '../../support/written-p12.ts'

const { key, certificate, intermediate, root } = testChain('rsa')

const write = (encryption: Encryption, password: string, friendlyName?: string): Promise<Buffer> =>
  writePkcs12({
    privateKey: key,
    certificate,
    chain: [intermediate, root],
    password,
    encryption,
    ...(friendlyName === undefined ? {} : { friendlyName }),
  })

const PASSWORDS = ['correct horse', '', 'pässwörd', 'σύνθημα 🔑', 'x'.repeat(200), ' $PATH "quoted" \\ ']

for (const encryption of ['modern', 'legacy'] as const) {
  test.each(PASSWORDS)(
    `${encryption}: what is written under the password %j is read back, also by Node's TLS`,
    async password => {
      const file = await write(encryption, password)
      const opened = await decodePkcs12(file, password)
      expect(opened.certificate.fingerprint256).toBe(certificate.fingerprint256)
      expect(createPublicKey(opened.privateKey).equals(createPublicKey(key))).toBe(true)
      expect(opened.chain.map(one => one.fingerprint256)).toEqual([
        intermediate.fingerprint256,
        root.fingerprint256,
      ])
      expect(opened.friendlyName).toBe('DigiCert Client Auth Certificate')
      expect(opened.der.equals(file)).toBe(true)
      expect(opened.portability).toMatchObject({ openssl3: true, mendable: [] })
      expect(() => createSecureContext({ pfx: file, passphrase: password })).not.toThrow()
      if (password !== '')
        await expect(decodePkcs12(file, `${password}x`)).rejects.toMatchObject({ code: 'P12_PASSWORD' })
    },
  )

  test.each<KeyKind>(['p256', 'p384', 'ed25519'])(`${encryption}: a key of kind %s`, async kind => {
    const chain = testChain(kind)
    const file = await writePkcs12({
      privateKey: chain.key,
      certificate: chain.certificate,
      chain: [],
      password: 'x',
      encryption,
    })
    const opened = await decodePkcs12(file, 'x')
    expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
    expect(opened.chain).toEqual([])
  })

  test(`${encryption}: node-forge reads it, and finds key and leaf linked by name and localKeyID`, async () => {
    const file = await write(encryption, 'correct horse', 'Signing ✓')
    const parsed = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(file.toString('latin1')), 'correct horse')
    const keys = parsed.getBags({ bagType: forge.pki.oids.pkcs8ShroudedKeyBag as string })[
      forge.pki.oids.pkcs8ShroudedKeyBag as string
    ]
    const certificates = parsed.getBags({ bagType: forge.pki.oids.certBag as string })[
      forge.pki.oids.certBag as string
    ]
    expect(keys).toHaveLength(1)
    expect(certificates?.map(bag => bag.cert?.subject.getField('CN').value)).toEqual([
      'Signing Service',
      'Test Issuing CA',
      'Test Root',
    ])
    expect(keys?.[0]?.attributes).toEqual(certificates?.[0]?.attributes)
    expect(keys?.[0]?.attributes.friendlyName).toEqual(['Signing ✓'])
    expect(certificates?.[1]?.attributes).toEqual({})
  })
}

const hex = (oid: string): string =>
  Buffer.from(forge.asn1.oidToDer(oid).getBytes(), 'latin1').toString('hex')

test('modern contains AES-256-CBC, PBKDF2 with HMAC-SHA-256 twice and a SHA-256 MAC; nothing older', async () => {
  const file = (await write('modern', 'x')).toString('hex')
  const times = (oid: string): number => file.split(hex(oid)).length - 1
  expect(times('2.16.840.1.101.3.4.1.42')).toBe(2)
  expect(times('1.2.840.113549.2.9')).toBe(2)
  expect(times('2.16.840.1.101.3.4.2.1')).toBe(1)
  expect(times('1.2.840.113549.1.12.1.3')).toBe(0)
  expect(times('1.3.14.3.2.26')).toBe(0)
})

test('legacy contains 3DES twice and a SHA-1 MAC', async () => {
  const file = (await write('legacy', 'x')).toString('hex')
  const times = (oid: string): number => file.split(hex(oid)).length - 1
  expect(times('1.2.840.113549.1.12.1.3')).toBe(2)
  expect(times('1.3.14.3.2.26')).toBe(1)
  expect(times('2.16.840.1.101.3.4.1.42')).toBe(0)
})

test('neither key nor certificate can be read without the password', async () => {
  for (const encryption of ['modern', 'legacy'] as const) {
    const file = await write(encryption, 'x')
    expect(file.includes(certificate.raw.subarray(0, 64))).toBe(false)
    expect(file.includes(Buffer.from('Test Root'))).toBe(false)
  }
})

test('two files of the same content share no salt, and so not a single block', async () => {
  const [first, second] = await Promise.all([write('modern', 'x'), write('modern', 'x')])
  expect(first.subarray(200, 216).equals(second.subarray(200, 216))).toBe(false)
})

test('a key that cannot be exported does not become a broken file', async () => {
  const contents = {
    privateKey: createSecretKey(Buffer.alloc(16)),
    certificate,
    chain: [],
    password: 'x',
    encryption: 'modern' as const,
  }
  await expect(writePkcs12(contents)).rejects.toThrow()
})

test('a writer belongs to one password, and derives anew for each file', async () => {
  const writeOne = preparePkcs12('modern', 'one password')
  const contents = { privateKey: key, certificate, chain: [] }
  const files = [await writeOne(contents), await writeOne(contents)]
  for (const file of files) {
    const opened = await decodePkcs12(file, 'one password')
    expect(opened.certificate.fingerprint256).toBe(certificate.fingerprint256)
  }
  // With the same salts and initialization vectors, they would be identical.
  expect(files[0]?.equals(files[1] ?? Buffer.alloc(0))).toBe(false)
})

test.each([
  ['modern', 0, 2048],
  ['modern', 1, 2048],
  ['modern', 10_000, 10_000],
  ['modern', 600_000, 30_000],
  ['modern', Number.POSITIVE_INFINITY, 30_000],
  ['legacy', 600_000, 6_000],
] as const)('%s, instead of a P12 of %i iterations: %i', async (encryption, had, iterations) => {
  const contents = { privateKey: key, certificate, chain: [] }
  const opened = await decodePkcs12(await preparePkcs12(encryption, 'x', had)(contents), 'x')
  expect(opened.iterations).toBe(iterations)
  expect(opened.algorithms).toHaveLength(3)
  for (const line of opened.algorithms) expect(line).toContain(`${iterations} iterations`)
})

test.each(['modern', 'legacy'] as const)(
  '%s: writing with the most iterations takes about 100 ms of processor time',
  async encryption => {
    const contents = { privateKey: key, certificate, chain: [] }
    await preparePkcs12(encryption, 'x', 1_000_000)(contents)
    const before = process.cpuUsage()
    await preparePkcs12(encryption, 'x', 1_000_000)(contents)
    const { user, system } = process.cpuUsage(before)
    // Twice that, because other tests run at the same time.
    expect((user + system) / 1000).toBeLessThan(200)
  },
)
