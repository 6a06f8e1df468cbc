// With `export-env`, all later steps of a job trust the emulator's CA. Even with its key, nobody can impersonate another server.
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { expect, test } from '@jest/globals'
import { type Authority, createAuthority, type LeafOptions } from '../../emulator/ca.ts'
import { startGithub } from '../../emulator/github/index.ts'
import { startEmulator } from '../../emulator/index.ts'
import { generateKeys, spkiDer } from '../../emulator/keys.ts'
import { cleanUpScratch, run, scratchFile, toolTest } from '../support/p12-tools.ts'

const DAY = 86_400_000
cleanUpScratch()

const LOCAL = { onlyFor: ['localhost'] }
const OWN: [string, Partial<LeafOptions>][] = [
  ['localhost', { dnsNames: ['localhost'] }],
  ['clientauth.localhost', { dnsNames: ['localhost', 'clientauth.localhost'] }],
  ['127.0.0.1', { ipAddresses: ['127.0.0.1'] }],
  ['::1', { ipAddresses: ['::1'] }],
]
const OTHERS: [string, Partial<LeafOptions>][] = [
  ['example.com', { dnsNames: ['example.com'] }],
  ['localhost.example.com', { dnsNames: ['localhost.example.com'] }],
  ['notlocalhost', { dnsNames: ['notlocalhost'] }],
  ['localhost and example.com', { dnsNames: ['localhost', 'example.com'] }],
  ['192.0.2.1', { ipAddresses: ['192.0.2.1'] }],
  ['127.0.0.2', { ipAddresses: ['127.0.0.2'] }],
  ['2001:db8::1', { ipAddresses: ['2001:db8::1'] }],
]

async function leafOf(authority: Authority, names: Partial<LeafOptions>) {
  const { privateKeyPem: key, publicKey } = await generateKeys('ec-p256')
  const cert = await authority.issue({
    subject: 'O=Example Inc',
    publicKey: spkiDer(publicKey),
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    usage: 'server',
    ...names,
  })
  return { key, cert }
}

/** What openssl says about a server certificate from a CA for localhost, and about one from a CA below it. */
async function verdictsOn(names: Partial<LeafOptions>) {
  const root = await createAuthority({ commonName: 'CA', key: 'ec', ...LOCAL })
  const issuing = await createAuthority({ commonName: 'Issuing CA', key: 'ec', parent: root })
  const file = (content: string) => scratchFile('chain.pem', content)
  const [ca, between] = [file(root.certificatePem), file(issuing.certificatePem)]
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca]
  const direct = file((await leafOf(root, names)).cert)
  const below = file((await leafOf(issuing, names)).cert)
  return [
    await run('openssl', [...verify, direct]),
    await run('openssl', [...verify, '-untrusted', between, below]),
  ]
}

for (const [name, names] of OWN) {
  toolTest(['openssl'], `openssl accepts its certificate for ${name}`, async () => {
    for (const { status, text } of await verdictsOn(names))
      expect({ status, text }).toMatchObject({ status: 0 })
  })
}

for (const [name, names] of OTHERS) {
  toolTest(['openssl'], `openssl refuses one for ${name}`, async () => {
    for (const { status, text } of await verdictsOn(names)) {
      expect(status).not.toBe(0)
      expect(text).toContain('permitted subtree violation')
    }
  })
}

/** How a client that trusts the CA judges a server: its error, or '' when it accepts. */
async function nodesVerdict(ca: string, names: Partial<LeafOptions>, authority: Authority) {
  const server = createServer(await leafOf(authority, names)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined })
  const verdict = await new Promise<string>(resolve => {
    socket.once('secureConnect', () => resolve(''))
    socket.once('error', error => resolve(error.message))
  })
  socket.destroy()
  server.close()
  return verdict
}

test.each(OTHERS)(
  'Node refuses one for %s, and would accept one without the constraint',
  async (_name, names) => {
    const free = await createAuthority({ commonName: 'CA', key: 'ec' })
    const bound = await createAuthority({ commonName: 'CA', key: 'ec', ...LOCAL })
    expect(await nodesVerdict(free.certificatePem, names, free)).toBe('')
    expect(await nodesVerdict(bound.certificatePem, names, bound)).toBe('permitted subtree violation')
  },
)

toolTest(
  ['openssl'],
  'the CA certificates of both emulators have the constraint, and it is critical',
  async () => {
    const emulator = await startEmulator()
    const github = await startGithub()
    for (const { caPem } of [emulator, github]) {
      const { text } = await run('openssl', ['x509', '-noout', '-ext', 'nameConstraints'], caPem)
      expect(text).toMatch(/Name Constraints: critical\s+Permitted:/)
      expect(text.match(/(DNS|IP):\S+/g)).toEqual(
        expect.arrayContaining(['DNS:localhost', 'IP:127.0.0.1/255.255.255.255']),
      )
    }
    await github.close()
    await emulator.close()
  },
)
