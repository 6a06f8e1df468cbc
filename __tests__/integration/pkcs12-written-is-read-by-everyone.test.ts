import { writeFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { type Encryption, encodePkcs12 } from '../../src/x509/pkcs12.ts'
import { type KeyKind, testChain } from '../support/p12-certificates.ts'
import {
  cleanUpScratch,
  curlWith,
  fingerprintServer,
  fingerprints,
  run,
  runOk,
  scratch,
  toolTest,
} from '../support/p12-tools.ts'

cleanUpScratch()

const PASSWORD = 'Abc123def456'
const NAME = 'DigiCert Client Auth Certificate'

interface Written {
  path: string
  /** Leaf, intermediate, root. */
  fingerprints: string[]
}

async function write(encryption: Encryption, password = PASSWORD, kind: KeyKind = 'rsa'): Promise<Written> {
  const { key, certificate, intermediate, root } = testChain(kind)
  const path = scratch(`${encryption}.p12`)
  const chain = [intermediate, root]
  writeFileSync(path, await encodePkcs12({ privateKey: key, certificate, chain, password, encryption }))
  return { path, fingerprints: [certificate, ...chain].map(one => one.fingerprint256) }
}

for (const encryption of ['modern', 'legacy'] as const) {
  for (const kind of ['rsa', 'p256'] as const) {
    toolTest(['openssl'], `${encryption}, ${kind}: openssl reads key and chain without -legacy`, async () => {
      const { path, fingerprints: expected } = await write(encryption, PASSWORD, kind)
      const text = await runOk('openssl', ['pkcs12', '-in', path, '-passin', `pass:${PASSWORD}`, '-noenc'])
      expect(fingerprints(text)).toEqual(expected)
      expect(text).toContain('-----BEGIN PRIVATE KEY-----')
      expect(text).toContain(`friendlyName: ${NAME}`)
    })

    toolTest(['curl'], `${encryption}, ${kind}: curl presents the leaf`, async () => {
      const { path, fingerprints: expected } = await write(encryption, PASSWORD, kind)
      const server = await fingerprintServer()
      const { text } = await curlWith(path, PASSWORD, server.url)
      server.close()
      expect(text).toBe(expected[0])
    })

    toolTest(['keytool'], `${encryption}, ${kind}: keytool takes key and chain over`, async () => {
      const { path, fingerprints: expected } = await write(encryption, PASSWORD, kind)
      const copy = scratch('copy.p12')
      const source = ['-srckeystore', path, '-srcstoretype', 'PKCS12', '-srcstorepass', PASSWORD]
      await runOk('keytool', [
        '-importkeystore',
        ...source,
        '-destkeystore',
        copy,
        '-deststoretype',
        'PKCS12',
        '-deststorepass',
        'changed1',
      ])
      const text = await runOk('keytool', ['-list', '-rfc', '-keystore', copy, '-storepass', 'changed1'])
      expect(text).toContain('PrivateKeyEntry')
      expect(text).toContain(NAME.toLowerCase())
      expect(fingerprints(text)).toEqual(expected)
    })

    toolTest(['certtool'], `${encryption}, ${kind}: certtool reads it`, async () => {
      const { path, fingerprints: expected } = await write(encryption, PASSWORD, kind)
      const text = await runOk('certtool', [
        '--p12-info',
        '--inder',
        '--infile',
        path,
        '--password',
        PASSWORD,
      ])
      expect(fingerprints(text)).toEqual(expected)
      expect(text).toContain(`Friendly name: ${NAME}`)
      const shrouded = /-----BEGIN ENCRYPTED PRIVATE KEY-----[^-]+-----END ENCRYPTED PRIVATE KEY-----/.exec(
        text,
      )?.[0]
      const opened = await runOk('certtool', ['--key-info', '--pkcs8', '--password', PASSWORD], shrouded)
      expect(opened).toMatch(/Public Key Info:|Key Type:|key algorithm/i)
    })

    toolTest(
      ['pk12util', 'certutil'],
      `${encryption}, ${kind}: NSS imports key and certificates`,
      async () => {
        const { path } = await write(encryption, PASSWORD, kind)
        const database = `sql:${scratch('')}nss`
        await runOk('mkdir', ['-p', database.slice('sql:'.length)])
        await runOk('certutil', ['-N', '-d', database, '--empty-password'])
        await runOk('pk12util', ['-i', path, '-d', database, '-W', PASSWORD, '-K', ''])
        expect(await runOk('certutil', ['-K', '-d', database])).toContain(NAME)
        const list = await runOk('certutil', ['-L', '-d', database])
        expect(list).toContain(NAME)
        expect(list).toContain('Test Root')
      },
    )
  }

  for (const password of ['pässwörd', 'σύνθημα 🔑']) {
    toolTest(
      ['openssl', 'curl'],
      `${encryption}: openssl and curl read it under the password ${password}`,
      async () => {
        const { path, fingerprints: expected } = await write(encryption, password)
        const text = await runOk('openssl', ['pkcs12', '-in', path, '-passin', `pass:${password}`, '-noenc'])
        expect(fingerprints(text)).toEqual(expected)
        const server = await fingerprintServer()
        const answer = await curlWith(path, password, server.url)
        server.close()
        expect(answer.text).toBe(expected[0])
      },
    )
  }

  toolTest(['certtool'], `${encryption}: certtool reads it under a non-ASCII password`, async () => {
    const { path, fingerprints: expected } = await write(encryption, 'pässwörd')
    const text = await runOk('certtool', [
      '--p12-info',
      '--inder',
      '--infile',
      path,
      '--password',
      'pässwörd',
    ])
    expect(fingerprints(text)).toEqual(expected)
  })

  toolTest(['openssl'], `${encryption}: openssl reads it under an empty password`, async () => {
    const { path, fingerprints: expected } = await write(encryption, '')
    const text = await runOk('openssl', ['pkcs12', '-in', path, '-passin', 'pass:', '-noenc'])
    expect(fingerprints(text)).toEqual(expected)
  })

  toolTest(['openssl'], `${encryption}: openssl refuses a wrong password`, async () => {
    const { path } = await write(encryption)
    const { status, text } = await run('openssl', ['pkcs12', '-in', path, '-passin', 'pass:wrong', '-noout'])
    expect(status).not.toBe(0)
    expect(text).toContain('invalid password')
  })
}

toolTest(
  ['openssl'],
  'modern is what openssl calls AES-256, PBKDF2 with HMAC-SHA-256 and a SHA-256 MAC',
  async () => {
    const { path } = await write('modern')
    const text = await runOk('openssl', [
      'pkcs12',
      '-in',
      path,
      '-passin',
      `pass:${PASSWORD}`,
      '-info',
      '-noout',
    ])
    const protection = 'PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256'
    expect(text).toContain('MAC: sha256, Iteration 2048')
    expect(text).toContain(`PKCS7 Encrypted data: ${protection}`)
    expect(text).toContain(`Shrouded Keybag: ${protection}`)
    expect(text).not.toContain('PKCS7 Data\nCertificate bag')
  },
)

toolTest(['openssl'], 'legacy is what openssl calls 3DES and a SHA-1 MAC', async () => {
  const { path } = await write('legacy')
  const text = await runOk('openssl', [
    'pkcs12',
    '-in',
    path,
    '-passin',
    `pass:${PASSWORD}`,
    '-info',
    '-noout',
  ])
  expect(text).toContain('MAC: sha1, Iteration 2048')
  expect(text).toContain('PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048')
  expect(text).toContain('Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048')
})
