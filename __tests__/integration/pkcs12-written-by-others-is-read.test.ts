import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, jest } from '@jest/globals'
import { readP12Bytes, readP12Text } from '../../src/x509/pkcs12/text.ts'
import { decodePkcs12, type Pkcs12 } from '../../src/x509/pkcs12.ts'
import { type KeyKind, testChain } from '../support/p12-certificates.ts'
import { exportWith } from '../support/p12-exports.ts'
import { FOREIGN } from '../support/p12-foreign.ts'
import { cleanUpScratch, type PemFiles, pemFiles, runOk, scratch, toolTest } from '../support/p12-tools.ts'

cleanUpScratch()
// 600,000 iterations and more, in programs that take long for each.
jest.setTimeout(300_000)

const PASSWORD = 'Abc123def456'

function chainFiles(kind: KeyKind = 'rsa'): PemFiles {
  const { key, certificate, intermediate, root } = testChain(kind)
  return pemFiles(key, certificate, [root, intermediate])
}

function expectPair(opened: Pkcs12, key: KeyObject, certificate: X509Certificate): void {
  expect(opened.certificate.fingerprint256).toBe(certificate.fingerprint256)
  expect(createPublicKey(opened.privateKey).equals(createPublicKey(key))).toBe(true)
}

async function read(path: string, password = PASSWORD): Promise<Pkcs12> {
  return decodePkcs12(readFileSync(path), password)
}

// --- openssl ---------------------------------------------------------------------------------------------------

async function opensslExport(options: string[], password = PASSWORD, kind: KeyKind = 'rsa'): Promise<string> {
  return exportWith.openssl(chainFiles(kind), password, options)
}

const pbe = (algorithm: string, ...more: string[]): string[] => [
  '-keypbe',
  algorithm,
  '-certpbe',
  algorithm,
  ...more,
]

const OPENSSL: string[][] = [
  [],
  ['-legacy'],
  ['-descert', '-legacy'],
  pbe('PBE-SHA1-3DES'),
  pbe('PBE-SHA1-2DES'),
  pbe('PBE-SHA1-RC2-40', '-legacy'),
  pbe('PBE-SHA1-RC2-128', '-legacy'),
  pbe('PBE-SHA1-RC4-40', '-legacy'),
  pbe('PBE-SHA1-RC4-128', '-legacy'),
  pbe('PBE-MD5-DES', '-legacy'),
  pbe('PBE-SHA1-DES', '-legacy'),
  pbe('PBE-MD5-RC2-64', '-legacy'),
  pbe('PBE-SHA1-RC2-64', '-legacy'),
  pbe('aes-128-cbc'),
  pbe('aes-192-cbc'),
  pbe('aes-256-cbc'),
  pbe('des-ede3-cbc'),
  pbe('des-cbc', '-legacy'),
  pbe('rc2-cbc', '-legacy'),
  pbe('rc2-64-cbc', '-legacy'),
  pbe('rc2-40-cbc', '-legacy'),
  pbe('camellia-128-cbc'),
  pbe('camellia-256-cbc'),
  pbe('aria-128-cbc'),
  pbe('aria-256-cbc'),
  pbe('NONE'),
  ['-keypbe', 'NONE'],
  ['-certpbe', 'NONE'],
  ['-macalg', 'md5'],
  ['-macalg', 'sha1'],
  ['-macalg', 'sha224'],
  ['-macalg', 'sha384'],
  ['-macalg', 'sha512'],
  ['-macalg', 'sha512-256'],
  ['-macalg', 'sha3-256'],
  ['-macalg', 'sha3-512'],
  ['-macalg', 'ripemd160'],
  ['-macalg', 'sm3'],
  ['-macalg', 'blake2b512'],
  ['-macalg', 'blake2s256'],
  pbe('camellia-192-cbc'),
  pbe('aria-192-cbc'),
  pbe('sm4-cbc'),
  ['-keysig', '-caname', 'Issuing CA'],
  ['-nomac'],
  ['-noiter'],
  ['-nomaciter'],
  ['-iter', '200000'],
  ['-keyex', '-CSP', 'Microsoft Strong Cryptographic Provider', '-LMK'],
]

for (const options of OPENSSL) {
  toolTest(['openssl'], `openssl pkcs12 -export ${options.join(' ')}`, async () => {
    const opened = await read(await opensslExport(options))
    const { key, certificate, intermediate, root } = testChain('rsa')
    expectPair(opened, key, certificate)
    expect(opened.chain.map(one => one.subject)).toEqual([intermediate.subject, root.subject])
    expect(opened.friendlyName).toBe('Signing Service')
  })
}

for (const kind of ['rsa-pss', 'p256', 'p384', 'p521', 'brainpool', 'ed25519'] as const) {
  toolTest(['openssl'], `openssl with a key of kind ${kind}`, async () => {
    const { key, certificate } = testChain(kind)
    expectPair(await read(await opensslExport([], PASSWORD, kind)), key, certificate)
  })
}

for (const password of ['', 'pässwörd', 'σύνθημα 🔑', ' spaces ', 'x'.repeat(500)]) {
  for (const options of [[], ['-legacy'], ['-nomac']]) {
    toolTest(
      ['openssl'],
      `openssl ${options.join(' ')} under the password ${JSON.stringify(password).slice(0, 20)}`,
      async () => {
        const { key, certificate } = testChain('rsa')
        const path = await opensslExport(options, password)
        expectPair(await read(path, password), key, certificate)
        expectPair(await read(path, `${password}\n`), key, certificate)
        if (password !== '') await expect(read(path, 'wrong')).rejects.toMatchObject({ code: 'P12_PASSWORD' })
      },
    )
  }
}

for (const cipher of ['bf-cbc', 'cast5-cbc', 'seed-cbc', 'aes-256-cfb']) {
  toolTest(['openssl'], `openssl with ${cipher}, which is refused and named by its OID`, async () => {
    const path = await opensslExport(pbe(cipher, '-legacy'))
    const refusal = {
      code: 'P12_UNSUPPORTED',
      message: expect.stringMatching(/an encryption with the OID .* \((Blowfish|CAST5|SEED|AES-256)-C/),
    }
    await expect(read(path)).rejects.toMatchObject(refusal)
  })
}

toolTest(['openssl'], 'openssl: certificates alone, and a key alone', async () => {
  const { key, certificate } = testChain('rsa')
  const files = pemFiles(key, certificate, [])
  const path = scratch('lone.p12')
  const output = ['-out', path, '-passout', `pass:${PASSWORD}`]
  await runOk('openssl', ['pkcs12', '-export', '-nokeys', '-in', files.certificate, ...output])
  await expect(read(path)).rejects.toMatchObject({ code: 'P12_NO_KEY' })
  await runOk('openssl', ['pkcs12', '-export', '-nocerts', '-in', files.key, ...output])
  await expect(read(path)).rejects.toMatchObject({ code: 'P12_NO_CERTIFICATE' })
})

// --- keytool ---------------------------------------------------------------------------------------------------

/** A JVM that lives for one command. */
const BRIEF = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC']

async function keytoolStore(
  options: string[],
  keyOptions = ['-keyalg', 'RSA', '-keysize', '2048'],
  password = PASSWORD,
): Promise<string> {
  const path = scratch('keytool.p12')
  const store = ['-keystore', path, '-storetype', 'PKCS12', '-storepass', password]
  await runOk('keytool', [
    ...BRIEF,
    ...options,
    '-genkeypair',
    '-alias',
    'signing',
    '-dname',
    'CN=Signing Service',
    ...keyOptions,
    ...store,
  ])
  return path
}

const java = (name: string, value: string): string => `-J-Dkeystore.pkcs12.${name}=${value}`

const KEYTOOL: [string, string[], string[]?][] = [
  ['as it comes', []],
  ['as Java 8 wrote', ['-J-Dkeystore.pkcs12.legacy']],
  ['an EC key', [], ['-keyalg', 'EC', '-groupname', 'secp256r1']],
  ['an Ed25519 key', [], ['-keyalg', 'Ed25519']],
  [
    'AES-128 and SHA-512',
    [
      java('keyProtectionAlgorithm', 'PBEWithHmacSHA512AndAES_128'),
      java('certProtectionAlgorithm', 'PBEWithHmacSHA512AndAES_128'),
    ],
  ],
  [
    'AES-256 and SHA-1',
    [
      java('keyProtectionAlgorithm', 'PBEWithHmacSHA1AndAES_256'),
      java('certProtectionAlgorithm', 'PBEWithHmacSHA1AndAES_256'),
    ],
  ],
  [
    'RC4 and RC2-128',
    [
      java('keyProtectionAlgorithm', 'PBEWithSHA1AndRC4_128'),
      java('certProtectionAlgorithm', 'PBEWithSHA1AndRC2_128'),
    ],
  ],
  ['a SHA-512 MAC', [java('macAlgorithm', 'HmacPBESHA512')]],
  [
    'certificates in the clear, no MAC',
    [java('certProtectionAlgorithm', 'NONE'), java('macAlgorithm', 'NONE')],
  ],
  [
    '100,000 iterations',
    [
      java('macIterationCount', '100000'),
      java('keyPbeIterationCount', '100000'),
      java('certPbeIterationCount', '100000'),
    ],
  ],
]

for (const [title, options, keyOptions] of KEYTOOL) {
  toolTest(['keytool'], `keytool: ${title}`, async () => {
    const opened = await read(await keytoolStore(options, keyOptions))
    expect(opened.certificate.subject).toBe('CN=Signing Service')
    expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
    expect(opened.friendlyName).toBe('signing')
  })
}

toolTest(['keytool'], 'keytool: several keys and a trusted certificate', async () => {
  const path = await keytoolStore([])
  const store = ['-keystore', path, '-storepass', PASSWORD]
  await runOk('keytool', [
    '-genkeypair',
    '-alias',
    'later',
    '-dname',
    'CN=Later',
    '-keyalg',
    'RSA',
    '-validity',
    '300',
    ...store,
  ])
  const { key, certificate, root } = testChain('rsa')
  const files = pemFiles(key, certificate, [root])
  await runOk('keytool', ['-importcert', '-noprompt', '-alias', 'root', '-file', files.chain, ...store])
  const opened = await read(path)
  expect(opened.certificate.subject).toBe('CN=Later')
  expect(opened.friendlyName).toBe('later')
  expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
})

toolTest(['keytool'], 'keytool: a trust store has no key', async () => {
  const { key, certificate, root } = testChain('rsa')
  const path = scratch('trust.p12')
  const file = pemFiles(key, certificate, [root]).chain
  await runOk('keytool', [
    '-importcert',
    '-noprompt',
    '-alias',
    'root',
    '-file',
    file,
    '-keystore',
    path,
    '-storetype',
    'PKCS12',
    '-storepass',
    PASSWORD,
  ])
  await expect(read(path)).rejects.toMatchObject({ code: 'P12_NO_KEY' })
})

// --- certtool --------------------------------------------------------------------------------------------------

const WITH_PASSWORD = ['--password', PASSWORD]

/** Each takes seconds; more forms of passwords, with few iterations: unit/x509/pkcs12-reads-every-kind.test.ts */
const CERTTOOL: [string, string[], string, KeyKind?][] = [
  ['as it comes', WITH_PASSWORD, PASSWORD],
  ...['3des', '3des-pkcs12', 'aes-128', 'aes-192', 'aes-256', 'rc2-40', 'arcfour'].map(
    (cipher): [string, string[], string] => [cipher, [...WITH_PASSWORD, '--pkcs-cipher', cipher], PASSWORD],
  ),
  ['an EC key', WITH_PASSWORD, PASSWORD, 'p384'],
  ['an Ed25519 key', WITH_PASSWORD, PASSWORD, 'ed25519'],
  ['an empty password', ['--empty-password'], ''],
  ['no password', ['--null-password'], ''],
  ['a non-ASCII password', ['--password', 'pässwörd'], 'pässwörd'],
  ['a password that it normalizes', ['--password', 'o\u0308\u3000\u{1f511}'], 'o\u0308\u3000\u{1f511}'],
]

for (const [title, options, password, kind] of CERTTOOL) {
  toolTest(['certtool'], `certtool: ${title}`, async () => {
    const { key, certificate, intermediate, root } = testChain(kind ?? 'rsa')
    const opened = await read(await exportWith.certtool(chainFiles(kind), options), password)
    expectPair(opened, key, certificate)
    expect(opened.chain.map(one => one.subject)).toEqual([intermediate.subject, root.subject])
  })
}

toolTest(['certtool'], 'certtool: PEM, as it writes without --outder', async () => {
  const { key, certificate } = testChain('rsa')
  const files = pemFiles(key, certificate, [])
  const input = ['--load-privkey', files.key, '--load-certificate', files.certificate]
  const path = scratch('certtool.pem')
  await runOk('certtool', ['--to-p12', ...input, '--p12-name', 'x', '--outfile', path, ...WITH_PASSWORD])
  const text = readFileSync(path)
  expect(text.toString()).toContain('-----BEGIN PKCS12-----')
  expectPair(await decodePkcs12(readP12Bytes(text), PASSWORD), key, certificate)
  expectPair(await decodePkcs12(readP12Text(text.toString()), PASSWORD), key, certificate)
})

// --- NSS -------------------------------------------------------------------------------------------------------

const NSS: [string, string[], KeyKind?, string?][] = [
  ['as it comes', []],
  ['AES-256', ['-c', 'AES-256-CBC', '-C', 'AES-256-CBC']],
  [
    '3DES and RC2-40, as long ago',
    [
      '-c',
      'PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC',
      '-C',
      'PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC',
    ],
  ],
  [
    'RC4',
    ['-c', 'PKCS #12 V2 PBE With SHA-1 And 128 Bit RC4', '-C', 'PKCS #12 V2 PBE With SHA-1 And 40 Bit RC4'],
  ],
  ['certificates in the clear', ['-C', 'none']],
  ['a SHA-512 MAC', ['-M', 'SHA-512']],
  ['an EC key', [], 'p256'],
  ['a non-ASCII password', [], 'rsa', 'pässwörd'],
  ['a password beyond the BMP', [], 'rsa', 'pä🔑x'],
  ['no password', [], 'rsa', ''],
]

for (const [title, options, kind = 'rsa', password = PASSWORD] of NSS) {
  toolTest(['pk12util', 'certutil', 'openssl'], `pk12util: ${title}`, async () => {
    const { key, certificate } = testChain(kind)
    expectPair(
      await read(await exportWith.pk12util(chainFiles(kind), password, options), password),
      key,
      certificate,
    )
  })
}

// --- libraries -------------------------------------------------------------------------------------------------

for (const { title, tools, password, asIs, friendlyName, write } of FOREIGN) {
  toolTest(tools, title, async () => {
    const { key, certificate, intermediate, root } = testChain('rsa')
    const opened = await read(await write(chainFiles()), password)
    expectPair(opened, key, certificate)
    expect(opened.chain.map(one => one.subject)).toEqual([intermediate.subject, root.subject])
    expect(opened.friendlyName).toBe(friendlyName)
    expect(opened.portability.mendable.length === 0).toBe(asIs)
  })
}

for (const [writer, how, kind] of [
  ['go-pkcs12', 'Modern2023', 'p256'],
  ['go-pkcs12', 'Modern2023', 'ed25519'],
  ['pyca', 'best', 'p384'],
  ['pyca', 'best', 'brainpool'],
  ['pyca', 'best', 'ed25519'],
] as const) {
  toolTest([writer], `${writer} with a key of kind ${kind}`, async () => {
    const { key, certificate } = testChain(kind)
    expectPair(
      await read(await exportWith.library(writer, how, chainFiles(kind), PASSWORD)),
      key,
      certificate,
    )
  })
}
