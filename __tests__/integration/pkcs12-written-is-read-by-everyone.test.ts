import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { decodePkcs12, type Encryption } from '../../src/x509/pkcs12.ts'
import { type KeyKind, testChain } from '../support/p12-certificates.ts'
import {
  type Exported,
  expectReadBy,
  type Reader,
  readByLibrary,
  WITH_CHAIN,
} from '../support/p12-readers.ts'
import {
  cleanUpScratch,
  curlWith,
  fingerprintServer,
  fingerprints,
  run,
  runOk,
  scratch,
  type Tool,
  toolTest,
} from '../support/p12-tools.ts'
import { writePkcs12 } from '../support/written-p12.ts'

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
  writeFileSync(path, await writePkcs12({ privateKey: key, certificate, chain, password, encryption }))
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

    toolTest(['keytool'], `${encryption}, ${kind}: keytool imports key and chain`, async () => {
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

// --- the P12 of issue mode and rotate: key and certificate alone ---------------------------------------------------

const EVERYONE: Reader[] = [...WITH_CHAIN, 'Decode']
const READ_BY: Record<Encryption, Reader[]> = { modern: EVERYONE, legacy: [...EVERYONE, 'x/crypto'] }
const ISSUED_PASSWORDS = [PASSWORD, '', 'pässwörd', 'σύνθημα', ' spaces | and $IGNS ', 'x'.repeat(500)]

async function issued(encryption: Encryption, password: string): Promise<Exported> {
  const { key, certificate } = testChain('rsa')
  const path = scratch('issued.p12')
  writeFileSync(path, await writePkcs12({ privateKey: key, certificate, chain: [], password, encryption }))
  return { path, password, fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase() }
}

const TOOLS: Tool[] = [...READ_BY.legacy, 'java', 'certutil']

for (const encryption of ['modern', 'legacy'] as const) {
  for (const password of ISSUED_PASSWORDS) {
    const named = `${encryption} without a chain, password ${JSON.stringify(password).slice(0, 24)}`
    toolTest(TOOLS, `${named}: ${READ_BY[encryption].join(', ')} find the leaf`, async () => {
      await expectReadBy(READ_BY[encryption], await issued(encryption, password))
    })
  }

  toolTest(
    ['Decode', 'DecodeChain', 'x/crypto'],
    `${encryption}: Go refuses emoji in a password`,
    async () => {
      const file = await issued(encryption, 'pä🔑x')
      for (const reader of ['x/crypto', 'Decode', 'DecodeChain'] as const) {
        const answers = await readByLibrary(reader, [file])
        expect(answers).toEqual([expect.stringContaining('cannot be encoded in UCS-2')])
      }
      expect((await decodePkcs12(readFileSync(file.path), file.password)).portability.go).toBe(false)
    },
  )

  toolTest(['DecodeChain'], `${encryption}, with a chain: Go recognizes the leaf`, async () => {
    const { path, fingerprints: expected } = await write(encryption)
    const answers = await readByLibrary('DecodeChain', [{ path, password: PASSWORD }])
    expect(answers).toEqual([expected[0]?.replaceAll(':', '').toLowerCase()])
  })
}

toolTest(['Decode', 'x/crypto'], "what two of Go's functions cannot read: a chain, and modern", async () => {
  const modern = await issued('modern', PASSWORD)
  expect(await readByLibrary('x/crypto', [modern])).toEqual([
    expect.stringContaining('unknown digest algorithm'),
  ])
  const { path } = await write('legacy')
  for (const reader of ['x/crypto', 'Decode'] as const) {
    const answers = await readByLibrary(reader, [{ path, password: PASSWORD }])
    expect(answers).toEqual([expect.stringContaining('expected exactly two safe bags')])
  }
})
