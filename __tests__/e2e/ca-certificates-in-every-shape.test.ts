import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { createServerCertificate } from '../../emulator/server-certificates.ts'
import { pemBlock } from '../../src/x509/pem.ts'
import { explicit, int, oid, seq, set } from '../support/p12-der.ts'
import { Job } from '../support/runner.ts'
import { errorOf, useScene } from '../support/scene.ts'

// `check` is the quickest way to send DigiCert ONE a request; all actions read this input with the same code.
const scene = useScene({}, 'check')
const NONE = { 'if-none-found': 'ignore' }
const root = useScene()
let other: string
beforeAll(async () => {
  other = (await createAuthority({ commonName: 'Another CA', key: 'ec' })).certificatePem
})

/** The forms in which people have a CA certificate: `own` is the one that counts. */
const SHAPES: [string, (own: string, other: string) => string][] = [
  ['PEM', own => own],
  ['CRLF', own => own.replaceAll('\n', '\r\n')],
  ['indented, as in a YAML block', own => own.replaceAll(/^/gm, '    ')],
  ['without a line break at the end', own => own.trim()],
  ['several, this one last', (own, another) => another + own],
  ['several, this one first', (own, another) => own + another],
  ['the same one twice', own => own + own],
  [
    'a bundle with comments',
    (own, another) => `# Another CA\n${another}\n\nExample Inc. Root\n=================\n${own}# end\n`,
  ],
  ['what openssl x509 -text prints', own => `Certificate:\n    Data:\n        Version: 3 (0x2)\n${own}`],
  ['the old armor', own => own.replaceAll('CERTIFICATE', 'X509 CERTIFICATE')],
  ['with a byte order mark', own => `\uFEFF${own}`],
  ['literal \\n', own => own.replaceAll('\n', '\\n')],
  ['base64 of PEM', own => Buffer.from(own).toString('base64')],
  ['base64 of several, in lines', (own, another) => lines(Buffer.from(another + own))],
  ['base64 of PEM in UTF-16', own => lines(Buffer.from(`\uFEFF${own}`, 'utf16le'))],
  ['base64 of DER', own => lines(der(own))],
  ['TRUSTED CERTIFICATE', own => own.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
  ['PKCS#7', (own, another) => pemBlock('PKCS7', p7b(another, own))],
]

const lines = (bytes: Buffer) => bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')

const p7b = (...pems: string[]) =>
  seq(
    oid('1.2.840.113549.1.7.2'),
    explicit(0, seq(int(1), set(), seq(oid('1.2.840.113549.1.7.1')), explicit(0, ...pems.map(der)), set())),
  )

test.each(SHAPES)('%s: as text and as a file', async (_name, shape) => {
  const pem = shape(scene.emulator.caPem, other)
  const job = new Job()
  const path = job.commandFile('ca ä.pem')
  writeFileSync(path, pem)
  for (const given of [pem, path]) {
    expect(await scene.scenario({ ...NONE, 'ca-certificates': given }).main()).toMatchObject({
      exitCode: 0,
      annotations: [],
    })
  }
})

function der(pem: string): Buffer {
  return new X509Certificate(pem).raw
}

const MISTAKES: [string, (own: string) => string | Buffer, RegExp, RegExp][] = [
  ['an empty file', () => '', /contains no certificate/, /BEGIN CERTIFICATE/],
  ['a web page', () => '<html>Sign in</html>', /contains no certificate/, /BEGIN CERTIFICATE/],
  ['cut off', own => own.slice(0, -40), /cannot be read/, /PEM/],
  ['a changed letter', own => own.replace(/\n.{4}/, '\nAAAA'), /cannot be read/, /PEM/],
]

test.each(MISTAKES)('explains %s before it sends anything', async (_name, shape, what, fix) => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, shape(scene.emulator.caPem))
  const error = errorOf(await scene.scenario({ 'ca-certificates': path }, {}, job).main())
  expect(error).toMatchObject({
    code: 'INPUT_INVALID',
    what: expect.stringMatching(what),
    fix: expect.stringMatching(fix),
  })
  expect(error.what).toContain("'ca-certificates'")
  expect(scene.emulator.requests).toEqual([])
})

const FILES: [string, (own: string) => Buffer][] = [
  ['DER', der],
  ['a .p7b file', own => p7b(other, own)],
  ['UTF-16, as PowerShell writes it', own => Buffer.from(`\uFEFF${own}`, 'utf16le')],
]

test.each(FILES)('%s: as a file, for main and post step', async (_name, shape) => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, shape(root.emulator.caPem))
  const scenario = root.scenario({ 'ca-certificates': path }, {}, job)
  expect(await scenario.main()).toMatchObject({ exitCode: 0, annotations: [] })
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('names a private key next to the CA certificate without showing it', async () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  const error = errorOf(
    await scene.scenario({ 'ca-certificates': scene.emulator.caPem + String(key) }).main(),
  )
  expect(error).toMatchObject({
    code: 'INPUT_INVALID',
    what: "The input 'ca-certificates' contains a private key, which is not needed to trust a server.",
    fix: expect.stringContaining('openssl x509'),
  })
})

test('a file that is gone when the post step runs', async () => {
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, root.emulator.caPem)
  const scenario = root.scenario({ 'ca-certificates': path }, {}, job)
  expect((await scenario.main()).exitCode).toBe(0)
  rmSync(path)
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test.each([
  ['gone', (path: string) => rmSync(path)],
  ['another one', (path: string) => writeFileSync(path, other)],
  ['damaged', (path: string) => writeFileSync(path, '-----BEGIN CERTIFICATE-----')],
])('a file of more than 24,000 characters that is %s when the post step runs', async (_name, replace) => {
  const authorities = await Promise.all(
    Array.from({ length: 50 }, (_, index) => createAuthority({ commonName: `CA ${index}`, key: 'ec' })),
  )
  const bundle = authorities.map(({ certificatePem }) => certificatePem).join('') + root.emulator.caPem
  expect(bundle.length).toBeGreaterThan(24_000)
  const job = new Job()
  const path = job.commandFile('ca')
  writeFileSync(path, bundle)
  const scenario = root.scenario({ 'ca-certificates': path }, {}, job)
  expect((await scenario.main()).exitCode).toBe(0)
  replace(path)
  expect(await scenario.post()).toMatchObject({ exitCode: 0, annotations: [] })
  scenario.expectNothingLeft()
})

test('an intermediate that the server omits, with its root in NODE_EXTRA_CA_CERTS', async () => {
  const trusted = await createAuthority({ commonName: 'Root', key: 'ec' })
  const issuing = await createAuthority({ commonName: 'Issuing', key: 'ec', parent: trusted })
  const server = https.createServer(await createServerCertificate(issuing, 'valid', ['localhost']))
  server.on('request', (_request, response) => response.end('[]')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const job = new Job()
  const path = job.commandFile('root')
  writeFileSync(path, trusted.certificatePem)
  const host = `localhost:${(server.address() as AddressInfo).port}`
  const run = (ca: string, env: Record<string, string>) =>
    scene.scenario({ ...NONE, host, 'ca-certificates': ca, retries: '0' }, env, job).main()
  try {
    // Neither is enough alone: the intermediate is not a trust anchor, and the root did not sign the server's certificate.
    expect(errorOf(await run('', { NODE_EXTRA_CA_CERTS: path })).code).toBe('TLS_UNTRUSTED')
    expect(errorOf(await run(issuing.certificatePem, {})).code).toBe('TLS_UNTRUSTED')
    expect((await run(issuing.certificatePem, { NODE_EXTRA_CA_CERTS: path })).exitCode).toBe(0)
  } finally {
    server.close()
    server.closeAllConnections()
  }
})
