import { createHash, verify, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Emulator, type Minted, startEmulator } from '../../emulator/index.ts'
import { type CallOptions, type CallResult, call } from '../support/emulator-client.ts'

const ROOT = '/signingmanager/api/v1'
const PROGRAM = Buffer.from('what is to be signed')

let emulator: Emulator
let certificate: Minted

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(async () => {
  emulator.reset()
  certificate = await emulator.mint({ keyType: 'ec-p256' })
})

/** With API key and client certificate, unless a test says otherwise. */
function ask(path: string, options: CallOptions = {}): Promise<CallResult> {
  const { apiKey } = emulator
  return call(emulator, { host: 'clientauth', apiKey, certificate, path: `${ROOT}/${path}`, ...options })
}

async function sign(body: Record<string, unknown> = {}, options: CallOptions = {}): Promise<CallResult> {
  const { id } = await emulator.keypair()
  const hash = createHash('sha256').update(PROGRAM).digest('base64')
  const given = { account: emulator.user.accounts[0], sig_alg: 'SHA256withRSA', hash, ...body }
  return ask(`keypairs/${id}/sign`, { method: 'POST', body: given, ...options })
}

const refusal = (status: number, said: string, message: unknown = expect.any(String)) => ({
  status,
  json: { error: { status: said, message } },
})

interface Item {
  cert: string
  chain: { blob: string }[]
}

const itemsOf = ({ json }: CallResult) => (json as { items: Item[] }).items

test.each(['', '?alias=emulator-certificate', '?limit=100&certificate_status=ACTIVE'])(
  'certificates%s: the certificate with its chain, and its keypair',
  async query => {
    const [item] = itemsOf(await ask(`certificates${query}`))
    const { id, alias, certificate: own } = await emulator.keypair()
    expect(item).toMatchObject({ id: own.id, alias: own.alias, keypair: { id, alias } })
    const { cert, chain } = item as Item
    const [leaf, issuer, root] = [cert, ...chain.map(({ blob }) => blob)].map(
      base64 => new X509Certificate(Buffer.from(base64, 'base64')),
    )
    expect(leaf?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3']) // id-kp-codeSigning
    expect(issuer && leaf?.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true)
    expect(root && issuer?.checkIssued(root) && issuer.verify(root.publicKey)).toBe(true)
  },
)

test('its subject is that of a software publisher', async () => {
  const [item] = itemsOf(await ask('certificates'))
  const { subject } = new X509Certificate(Buffer.from(item?.cert ?? '', 'base64'))
  expect(subject).toBe('CN=Example Software Inc\nO=Example Software Inc\nC=US')
})

test('certificates by another alias or id: none', async () => {
  expect(itemsOf(await ask('certificates?alias=other'))).toEqual([])
  expect(itemsOf(await ask('certificates?id=00000000-0000-0000-0000-000000000000'))).toEqual([])
})

test('keypairs/{id}: the algorithm and the account, which signing needs', async () => {
  const { id } = await emulator.keypair()
  const { json } = await ask(`keypairs/${id}`)
  const [account] = emulator.user.accounts
  expect(json).toMatchObject({ id, key_alg: 'RSA', account: { id: account?.id, name: account?.name } })
})

test('an extra slash, as jsign before 7.5 wrote it: the web application, with status 200', async () => {
  const { id } = await emulator.keypair()
  const { status, headers } = await ask(`/keypairs/${id}`)
  expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html' })
})

test.each(['sha256', 'sha384', 'sha512'])('a signature over a %s hash is valid', async digest => {
  const hash = createHash(digest).update(PROGRAM).digest('base64')
  const { json } = await sign({ sig_alg: `${digest.toUpperCase()}withRSA`, hash })
  const { certificate: own } = await emulator.keypair()
  const { publicKey } = new X509Certificate(own.pem)
  const signature = Buffer.from((json as { signature: string }).signature, 'base64')
  expect(verify(digest, PROGRAM, publicKey, signature)).toBe(true)
  expect(verify(digest, Buffer.from('something else'), publicKey, signature)).toBe(false)
})

const CURVES = ['ec-p256', 'ec-p384'] as const
test.each(CURVES.flatMap(curve => ['sha256', 'sha384', 'sha512'].map(digest => [curve, digest] as const)))(
  'with an %s key, a signature over a %s hash is valid',
  async (keyType, digest) => {
    const { id, publicKey } = await emulator.softwareTrust.addKeypair({ keyType })
    const hash = createHash(digest).update(PROGRAM).digest('base64')
    const body = { sig_alg: `${digest.toUpperCase()}withECDSA`, hash }
    // More than once: r and s have leading zeros now and then.
    for (let n = 0; n < 20; n += 1) {
      const { json } = await ask(`keypairs/${id}/sign`, { method: 'POST', body })
      const signature = Buffer.from((json as { signature: string }).signature, 'base64')
      expect(verify(digest, PROGRAM, publicKey, signature)).toBe(true)
      expect(verify(digest, Buffer.from('something else'), publicKey, signature)).toBe(false)
    }
  },
)

test('an algorithm for another kind of key: 400', async () => {
  const { id } = await emulator.softwareTrust.addKeypair()
  const body = { sig_alg: 'SHA256withRSA', hash: createHash('sha256').update(PROGRAM).digest('base64') }
  const refused = refusal(400, 'invalid_input_field', 'Signature algorithm SHA256withRSA is not supported.')
  expect(await ask(`keypairs/${id}/sign`, { method: 'POST', body })).toMatchObject(refused)
  expect(await sign({ sig_alg: 'SHA256withECDSA' })).toMatchObject(refusal(400, 'invalid_input_field'))
})

test('a keypair that is limited to others, or offline, does not sign', async () => {
  const other = emulator.addUser()
  const group = { id: 'release-team', name: 'Release team', members: [emulator.user] }
  const keypair = await emulator.keypair()
  keypair.users = [other]
  expect(await sign()).toMatchObject(
    refusal(403, 'access_denied', 'User does not have access to keypair emulator-keypair.'),
  )
  keypair.groups = [group]
  expect(await sign()).toMatchObject({ status: 200 })
  Object.assign(keypair, { groups: [], team: group })
  expect(await sign()).toMatchObject({ status: 200 })
  keypair.status = 'OFFLINE'
  expect(await sign()).toMatchObject(
    refusal(400, 'invalid_input_field', 'Keypair emulator-keypair is OFFLINE.'),
  )
})

const UNPROVEN: [string, () => CallOptions | Promise<CallOptions>][] = [
  ['without a client certificate', () => ({ certificate: undefined })],
  ['on the host that takes none', () => ({ host: 'api' })],
  [
    'with a foreign one',
    async () => ({ certificate: await emulator.mint({ keyType: 'ec-p256', issuer: 'foreign' }) }),
  ],
  [
    "with another user's",
    async () => ({ certificate: await emulator.mint({ keyType: 'ec-p256', user: emulator.addUser() }) }),
  ],
  [
    'with a disabled one',
    async () => ({ certificate: await emulator.mint({ keyType: 'ec-p256', enabled: false }) }),
  ],
]

test.each(UNPROVEN)('an API key %s is not enough: 403 access_denied', async (_name, options) => {
  const refused = refusal(
    403,
    'access_denied',
    expect.stringMatching(/^User is not multi-factor authenticated\./),
  )
  emulator.softwareTrust.settings.reading = 'key-and-certificate'
  for (const path of ['certificates', 'keypairs']) {
    expect(await ask(path, await options())).toMatchObject(refused)
  }
  expect(await sign({}, await options())).toMatchObject(refused)
})

test('nor is a certificate, nor an unknown key', async () => {
  expect(await sign({}, { apiKey: null })).toMatchObject(refusal(403, 'AUTHORIZATION_ERROR'))
  expect(await sign({}, { apiKey: 'nobody' })).toMatchObject(refusal(401, 'invalid_api_key'))
})

test('without the permission SIGN_SM_HASH: 403, while looking is allowed', async () => {
  const user = emulator.addUser({ permissions: ['VIEW_SM_CERTIFICATE'] })
  const own = { apiKey: user.apiKey, certificate: await emulator.mint({ keyType: 'ec-p256', user }) }
  expect(await ask('certificates', own)).toMatchObject({ status: 200 })
  expect(await sign({}, own)).toMatchObject(
    refusal(403, 'access_denied', expect.stringContaining('SIGN_SM_HASH')),
  )
})

test.each([
  [{ sig_alg: 'SHA1withRSA' }],
  [{ sig_alg: 'toString' }],
  [{ hash: 'AAAA' }],
  [{ hash: undefined }],
])('rejects what cannot be signed: %j', async body => {
  expect(await sign(body)).toMatchObject(refusal(400, 'invalid_input_field'))
})

test('an unknown keypair or path: 404', async () => {
  expect(await ask('keypairs/nobody')).toMatchObject(refusal(404, 'invalid_input_field'))
  expect(await ask('releases')).toMatchObject(refusal(404, 'resource_not_found'))
})

test('the example survives a reset unchanged, whatever was done to it', async () => {
  const before = await emulator.keypair()
  const { alias, certificate: own } = before
  Object.assign(before, { alias: 'other', users: [], status: 'OFFLINE', certificates: [] })
  Object.assign(own, { alias: 'other', status: 'REVOKED', chainPem: [] })
  emulator.softwareTrust.clear()
  expect(await emulator.softwareTrust.keypairs()).toEqual([])
  emulator.reset()
  expect(await emulator.keypair()).toBe(before)
  expect(before).toMatchObject({ alias, users: null, status: 'ONLINE' })
  expect(before.certificates).toEqual([own])
  expect(own).toMatchObject({ alias: 'emulator-certificate', status: 'ACTIVE' })
  expect(own.chainPem).toHaveLength(2)
  expect(await emulator.softwareTrust.keypairs()).toEqual([before])
})
