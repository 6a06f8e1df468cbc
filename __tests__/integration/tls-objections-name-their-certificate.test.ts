// What our own TLS library rejects is in its input: the server is not to blame, and a retry is useless.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { createAuthority } from '../../emulator/ca.ts'
import { createServerCertificate, type ServerCertificate } from '../../emulator/server-certificates.ts'
import type { ActionError } from '../../src/errors.ts'
import { pemBlock } from '../../src/x509/pem.ts'
import { newClient } from '../support/client.ts'
import { type CertificateOptions, type Name, testCertificate } from '../support/p12-certificates.ts'

const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).privateKey
const pem = (options: CertificateOptions) => pemBlock('CERTIFICATE', testCertificate(options).raw)
const named = (name: string): Name => [['2.5.4.3', name]]

const strong = { key: rsa(2048), subject: named('Strong Root') }
const weak = { key: rsa(1024), subject: named('Weak Root') }
const leaf = { subject: named('Signing Service') }
const key = rsa(2048)
const weakRoot = pem({ ...weak, ca: true })

let server: ServerCertificate
let caPem: string
const closing: (() => unknown)[] = []
beforeAll(async () => {
  const authority = await createAuthority({ commonName: 'Server CA', key: 'ec' })
  server = await createServerCertificate(authority, 'valid', ['clientauth.localhost'])
  caPem = authority.certificatePem
})
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(options: https.ServerOptions = server): Promise<string> {
  const started = https.createServer({ requestCert: true, rejectUnauthorized: false, ...options })
  started.on('request', (_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  started.on('tlsClientError', () => undefined)
  await once(started, 'listening')
  closing.push(
    () => started.close(),
    () => started.closeAllConnections(),
  )
  return `https://clientauth.localhost:${(started.address() as AddressInfo).port}`
}

interface Shown {
  key: KeyObject
  cert: string
}

async function verify(origin: string, { key: shown, cert }: Shown, ...caCertificates: string[]) {
  const { client, clock } = newClient({ hosts: { api: origin, clientauth: origin }, caCertificates })
  const identity = { key: String(shown.export({ type: 'pkcs8', format: 'pem' })), cert }
  const error = (await client.verify(identity).catch((thrown: unknown) => thrown)) as ActionError
  await client.close()
  return { error, waits: clock.waits, words: [error.message, error.why, error.fix].join('\n') }
}

const below = (issuer: typeof strong, own: KeyObject) => pem({ key: own, issuer, ...leaf })

test.each<[string, () => Shown, string[], RegExp, RegExp, RegExp]>([
  [
    'a client key of 1024 bits',
    () => ({ key: weak.key, cert: below(strong, weak.key) }),
    [],
    /EE_KEY_TOO_SMALL, for the client certificate "CN=Signing Service"/,
    /refuses to present the client certificate: its key/,
    /new client certificate with an RSA key of at least 2048 bits/,
  ],
  [
    'a root of 1024 bits after a good certificate',
    () => ({ key, cert: below(strong, key) + weakRoot }),
    [],
    /CA_KEY_TOO_SMALL, for the CA certificate "CN=Weak Root"/,
    /a CA certificate above the client certificate/,
    /Export the P12 again without that CA certificate/,
  ],
  [
    'its own root of 1024 bits',
    () => ({ key, cert: below(weak, key) + weakRoot }),
    [],
    /CA_KEY_TOO_SMALL, for the CA certificate "CN=Weak Root"/,
    /a CA certificate above the client certificate/,
    /Export the P12 again/,
  ],
  [
    'a root of 1024 bits that is only in ca-certificates',
    () => ({ key, cert: below(weak, key) }),
    [weakRoot],
    /CA_KEY_TOO_SMALL, for the CA certificate "CN=Weak Root"/,
    /a CA certificate above the client certificate/,
    /where 'ca-certificates' contains it/,
  ],
  [
    'a certificate of another key',
    () => ({ key: strong.key, cert: below(strong, key) }),
    [],
    /KEY_VALUES_MISMATCH, for the client certificate "CN=Signing Service"/,
    /refuses to present the client certificate/,
    /new client certificate/,
  ],
])('names %s, once', async (_name, shown, given, what, why, fix) => {
  const { error, waits, words } = await verify(await serve(), shown(), caPem, ...given)
  expect(error).toMatchObject({
    code: 'TLS_FAILED',
    message: expect.stringMatching(what),
    why: expect.stringMatching(why),
    fix: expect.stringMatching(fix),
  })
  expect(words).toContain('The server is not the cause')
  expect(words).not.toMatch(/does not (speak|support) TLS|aborted/)
  expect(waits).toEqual([])
})

test.each([
  ['a server key of 1024 bits', () => ({ key: weak.key, cert: serverBelow(strong, weak.key) }), () => strong],
  ['a server below a root of 1024 bits', () => ({ key, cert: serverBelow(weak, key) }), () => weak],
])('%s is about the server', async (_name, shown, root) => {
  const { key: serverKey, cert } = shown()
  const origin = await serve({
    key: serverKey.export({ type: 'pkcs8', format: 'pem' }),
    cert,
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  const client = { key, cert: below(strong, key) }
  const { error, waits } = await verify(origin, client, pem({ ...root(), ca: true }))
  expect(error).toMatchObject({
    code: 'TLS_UNTRUSTED',
    why: 'The server, or its CA, has a certificate that is damaged, revoked, too weak, or not intended for this use.',
  })
  expect(error.message + error.why + error.fix).not.toMatch(/client certificate/)
  expect(waits).toEqual([])
})

function serverBelow(issuer: typeof strong, own: KeyObject): string {
  return pem({ key: own, issuer, subject: named('clientauth.localhost') })
}
