// Software Trust's reading API as jsign and DigiCert's Jenkins plugin use it: every field, filter, page and refusal.
import { createHash, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { DAY, type Emulator, type Minted, type SoftwareTrust, startEmulator } from '../../emulator/index.ts'
import { type CallOptions, type CallResult, call } from '../support/emulator-client.ts'

const ROOT = '/signingmanager/api/v1'
const UNKNOWN = '00000000-0000-0000-0000-000000000000'

let emulator: Emulator
let trust: SoftwareTrust
let certificate: Minted

beforeAll(async () => {
  emulator = await startEmulator()
  trust = emulator.softwareTrust
})
afterAll(() => emulator.close())
beforeEach(async () => {
  emulator.reset()
  // Contains only what a test adds; the example has its own test.
  trust.clear()
  certificate = await emulator.mint({ keyType: 'ec-p256' })
})

/** With API key and client certificate, unless a test says otherwise. */
function ask(path: string, options: CallOptions = {}): Promise<CallResult> {
  const { apiKey } = emulator
  return call(emulator, { host: 'clientauth', apiKey, certificate, path: `${ROOT}/${path}`, ...options })
}

interface Item {
  id: string
  alias: string
  cert: string
  certificates?: Item[]
}

interface List {
  total: number
  offset: number
  limit: number
  items: Item[]
}

async function list(path: string, options?: CallOptions): Promise<List> {
  const { status, json } = await ask(path, options)
  expect(status).toBe(200)
  return json as List
}

const aliasesIn = async (path: string, options?: CallOptions) =>
  (await list(path, options)).items.map(({ alias }) => alias)

const refusal = (status: number, said: string, message: unknown = expect.any(String)) => ({
  status,
  json: { error: { status: said, message } },
})
const NOT_MULTI_FACTOR = refusal(
  403,
  'access_denied',
  expect.stringMatching(/^User is not multi-factor authenticated\./),
)

describe('a keypair', () => {
  test.each([
    ['rsa-3072', { key_alg: 'RSA', key_size: 3072 }],
    ['ec-p256', { key_alg: 'ECDSA', curve: 'P256' }],
    ['ec-p384', { key_alg: 'ECDSA', curve: 'P384' }],
  ] as const)('of %s shows its properties', async (keyType, algorithm) => {
    const keypair = await trust.addKeypair({ alias: 'release-key', keyType, type: 'TEST', storage: 'DISK' })
    const own = await trust.addCertificate(keypair, { alias: 'release-cert' })
    const [account] = emulator.user.accounts
    const { json } = await ask(`keypairs/${keypair.id}`)
    expect(json).toMatchObject({
      ...algorithm,
      id: keypair.id,
      alias: 'release-key',
      key_type: 'TEST',
      key_storage: 'DISK',
      key_status: 'ONLINE',
      public_key: keypair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      account: { id: account?.id, name: account?.name },
      limit_by_users: false,
      is_signable_by_me: true,
      number_of_active_certificates: 1,
      certificates: [{ id: own.id, alias: 'release-cert' }],
    })
    expect(json).not.toHaveProperty('users')
    expect((await list('keypairs?alias=release-key')).items).toEqual([json])
  })

  test('that is limited names its users, and shows whether the caller is one of them', async () => {
    const other = emulator.addUser({ friendlyName: 'Other' })
    const { id } = await trust.addKeypair({ users: [other] })
    const limited = { limit_by_users: true, users: [{ id: other.id, name: 'Other' }] }
    expect((await ask(`keypairs/${id}`)).json).toMatchObject({ ...limited, is_signable_by_me: false })
    const theirs = { host: 'api', apiKey: other.apiKey } as const
    expect((await ask(`keypairs/${id}`, theirs)).json).toMatchObject({ ...limited, is_signable_by_me: true })
  })

  test.each([
    ['listed', { users: [{ id: expect.any(String) }] }],
    ['empty', { users: [] }],
    ['absent', {}],
  ] as const)('has its users %s', async (keypairUsers, users) => {
    trust.settings.keypairUsers = keypairUsers
    const { id } = await trust.addKeypair({ users: [emulator.user] })
    const json = (await ask(`keypairs/${id}`)).json as Record<string, unknown>
    expect(json).toMatchObject({ limit_by_users: true, ...users })
    expect('users' in json).toBe('users' in users)
  })

  test('names its groups and its team as well', async () => {
    const members = [emulator.user]
    const { id } = await trust.addKeypair({
      users: [],
      groups: [{ id: 'g', name: 'Releasers', members }],
      team: { id: 't', name: 'Product', members: [] },
    })
    expect((await ask(`keypairs/${id}`)).json).toMatchObject({
      limit_by_users: true,
      users: [],
      groups: [{ id: 'g', name: 'Releasers' }],
      team: { id: 't', name: 'Product' },
      is_signable_by_me: true,
    })
  })

  test('can omit undocumented fields, and add some', async () => {
    Object.assign(trust.settings, { signableByMe: 'absent', extraFields: { '::error::': 1 } })
    const { id } = await trust.addKeypair()
    const { json } = await ask(`keypairs/${id}`)
    expect(json).not.toHaveProperty('is_signable_by_me')
    expect(json).toHaveProperty('::error::', 1)
  })

  test.each([
    ['full', { cert: expect.any(String), default_cert: true }],
    ['brief', {}],
    ['absent', undefined],
  ] as const)('has its certificates %s', async (keypairCertificates, details) => {
    trust.settings.keypairCertificates = keypairCertificates
    const keypair = await trust.addKeypair()
    const { id, alias } = await trust.addCertificate(keypair)
    const { certificates } = (await ask(`keypairs/${keypair.id}`)).json as Item
    if (details === undefined) return expect(certificates).toBeUndefined()
    expect(certificates).toMatchObject([{ id, alias, ...details }])
    expect(Object.keys(certificates?.[0] ?? {}).length === 2).toBe(keypairCertificates === 'brief')
  })

  test('may have no certificate, or several of which one or none is the default', async () => {
    const bare = await trust.addKeypair()
    const several = await trust.addKeypair()
    const one = await trust.addCertificate(several, { alias: 'one' })
    await trust.addCertificate(several, { alias: 'two', status: 'REVOKED' })
    expect((await ask(`keypairs/${bare.id}`)).json).toMatchObject({
      certificates: [],
      number_of_active_certificates: 0,
    })
    expect((await ask(`keypairs/${several.id}`)).json).toMatchObject({
      certificates: [
        { alias: 'one', default_cert: true, certificate_status: 'ACTIVE' },
        { alias: 'two', default_cert: false, certificate_status: 'REVOKED' },
      ],
      number_of_active_certificates: 1,
    })
    one.isDefault = false
    const { json } = await ask(`keypairs/${several.id}`)
    expect(json).toMatchObject({ certificates: [{ default_cert: false }, { default_cert: false }] })
  })
})

describe('a certificate', () => {
  test('shows its properties, with its chain', async () => {
    const keypair = await trust.addKeypair({ alias: 'release-key', users: [emulator.user] })
    const own = await trust.addCertificate(keypair, {
      alias: 'release-cert',
      subject: 'CN=Other Publisher, O=Other Publisher, C=DE',
      notBefore: new Date('2026-01-02T00:00:00Z'),
      notAfter: new Date('2027-01-02T23:59:59Z'),
      serialNumber: '4a0102030405060708090a0b0c0d0e0f',
      type: 'OV',
      hierarchy: 'PRIVATE',
    })
    const { json } = await ask(`certificates/${own.id}`)
    const { cert } = json as Item
    const der = Buffer.from(cert, 'base64')
    expect(json).toMatchObject({
      id: own.id,
      alias: 'release-cert',
      certificate_fingerprint: createHash('sha256').update(der).digest('base64'),
      certificate_status: 'ACTIVE',
      default_cert: true,
      keypair: { id: keypair.id, alias: 'release-key', limit_by_users: true },
      hierarchy: 'PRIVATE',
      certificate_type: 'OV',
      chain: [{ cert_type: 'intermediate' }, { cert_type: 'root' }],
      valid_from: '2026-01-02T00:00:00Z',
      valid_to: '2027-01-02T23:59:59Z',
    })
    const leaf = new X509Certificate(der)
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3']) // id-kp-codeSigning
    expect(leaf.subject).toBe('CN=Other Publisher\nO=Other Publisher\nC=DE')
    expect(leaf.serialNumber).toBe('4A0102030405060708090A0B0C0D0E0F')
    expect(leaf.validToDate).toEqual(new Date('2027-01-02T23:59:59Z'))
    expect(leaf.publicKey.equals(keypair.publicKey)).toBe(true)
    for (const query of ['alias=release-cert', `id=${own.id}`]) {
      expect((await list(`certificates?${query}`)).items).toEqual([json])
    }
  })

  test('may have expired, and has the status it is told to', async () => {
    const keypair = await trust.addKeypair()
    const notAfter = new Date(Date.now() - DAY)
    const own = await trust.addCertificate(keypair, { notAfter })
    const answer = (await ask(`certificates/${own.id}`)).json as Item
    const leaf = new X509Certificate(Buffer.from(answer.cert, 'base64'))
    expect(leaf.validToDate.getTime()).toBeLessThan(Date.now())
    expect(leaf.validFromDate.getTime()).toBeLessThan(leaf.validToDate.getTime())
    expect(answer).toMatchObject({ certificate_status: 'ACTIVE' })
    own.status = 'EXPIRED'
    expect((await ask(`certificates/${own.id}`)).json).toMatchObject({ certificate_status: 'EXPIRED' })
  })

  test('may come without a chain', async () => {
    const own = await trust.addCertificate(await trust.addKeypair())
    own.chainPem = []
    expect((await ask(`certificates/${own.id}`)).json).toMatchObject({ chain: [] })
  })
})

describe('a list', () => {
  const ALIASES = ['release-key', 'Release-Key', 'release-key-2', 'test']
  const fill = () => trust.seed(ALIASES.length, n => aliased(ALIASES[n] ?? ''))
  const aliased = (alias: string) => ({ alias, certificate: { alias } })

  test.each([
    ['exact', ['release-key']],
    ['case-insensitive', ['release-key', 'Release-Key']],
    ['substring', ['release-key', 'Release-Key', 'release-key-2']],
    ['ignored', ALIASES],
  ] as const)('matches aliases: %s', async (aliasFilter, expected) => {
    trust.settings.aliasFilter = aliasFilter
    await fill()
    for (const path of ['keypairs', 'certificates']) {
      expect(await aliasesIn(`${path}?alias=release-key`)).toEqual(expected)
    }
  })

  test('matches ids exactly, whatever the aliases', async () => {
    trust.settings.aliasFilter = 'ignored'
    const [, second] = await fill()
    expect(await aliasesIn(`keypairs?id=${second?.id}`)).toEqual(['Release-Key'])
    expect(await list(`certificates?id=${second?.certificates[0]?.id}`)).toMatchObject({ total: 1 })
    for (const path of ['keypairs', 'certificates']) {
      expect(await list(`${path}?id=${UNKNOWN}`)).toMatchObject({ total: 0, items: [] })
    }
  })

  test('of certificates filters by status', async () => {
    const statuses = ['ACTIVE', 'REVOKED', 'EXPIRED', 'ACTIVE']
    await trust.seed(4, n => ({ certificate: { alias: `c${n}`, status: statuses[n] ?? '' } }))
    expect(await aliasesIn('certificates')).toEqual(['c0', 'c1', 'c2', 'c3'])
    expect(await aliasesIn('certificates?certificate_status=ACTIVE')).toEqual(['c0', 'c3'])
    expect(await aliasesIn('certificates?certificate_status=REVOKED&alias=c1')).toEqual(['c1'])
    expect(await aliasesIn('certificates?certificate_status=SUSPENDED')).toEqual([])
  })

  test('is paged by offset and limit, with a total', async () => {
    await trust.seed(5, n => aliased(`k${n}`))
    for (const path of ['keypairs', 'certificates']) {
      const page = await list(`${path}?limit=2&offset=3`)
      expect(page).toMatchObject({ total: 5, offset: 3, limit: 2, items: [{ alias: 'k3' }, { alias: 'k4' }] })
      expect(await list(`${path}?offset=9&limit=2`)).toMatchObject({ total: 5, offset: 9, items: [] })
    }
  })

  test('has 20 entries without a limit and at most 100, or what is set', async () => {
    await trust.seed(120)
    expect(await list('keypairs')).toMatchObject({ total: 120, offset: 0, limit: 20 })
    const { limit, items } = await list('keypairs?limit=500')
    expect([limit, items.length]).toEqual([100, 100])
    Object.assign(trust.settings, { pageSize: 3, maximumPageSize: 7 })
    expect((await list('certificates')).items).toHaveLength(3)
    expect((await list('certificates?limit=100&offset=118')).items).toHaveLength(2)
    expect(await list('certificates?limit=100')).toMatchObject({ limit: 7, total: 120 })
    expect(await list('certificates?limit=0&offset=-1')).toMatchObject({ offset: 0, limit: 3 })
  })

  test.each([
    ['shown', ['open', 'ours', 'theirs', 'groups']],
    ['hidden', ['open', 'ours', 'groups']],
  ] as const)("has other people's keypairs %s", async (limitedKeypairs, expected) => {
    trust.settings.limitedKeypairs = limitedKeypairs
    const other = emulator.addUser()
    const group = { id: 'g', name: 'g', members: [emulator.user] }
    const access = [{}, { users: [emulator.user] }, { users: [other] }, { users: [other], groups: [group] }]
    const names = ['open', 'ours', 'theirs', 'groups']
    const [, , theirs] = await trust.seed(4, n => ({ ...aliased(names[n] ?? ''), ...access[n] }))
    for (const path of ['keypairs', 'certificates']) expect(await aliasesIn(path)).toEqual(expected)
    const status = limitedKeypairs === 'shown' ? 200 : 404
    expect(await ask(`keypairs/${theirs?.id}`)).toMatchObject({ status })
    expect(await ask(`certificates/${theirs?.certificates[0]?.id}`)).toMatchObject({ status })
    // Theirs for them:
    expect(await aliasesIn('keypairs', { host: 'api', apiKey: other.apiKey })).toContain('theirs')
  })

  test('begins with the example, unless that was removed', async () => {
    emulator.reset()
    await trust.addKeypair({ alias: 'added' })
    const host = 'api' // the reset removed the client certificate
    expect(await aliasesIn('keypairs', { host })).toEqual(['emulator-keypair', 'added'])
    expect(await aliasesIn('certificates', { host })).toEqual(['emulator-certificate'])
    trust.clear()
    expect(await list('keypairs', { host })).toEqual({ total: 0, offset: 0, limit: 20, items: [] })
  })
})

test('makes and lists 10,000 certificates cheaply, each genuine and unlike the others', async () => {
  const before = process.cpuUsage()
  const end = new Date('2027-03-04T05:06:07Z').getTime()
  await trust.seed(10_000, n => ({ certificate: { notAfter: new Date(end + n * 1000) } }))
  trust.settings.maximumPageSize = 1000
  const ders: Buffer[] = []
  for (let offset = 0; offset < 10_000; offset += 1000) {
    const page = await list(`certificates?certificate_status=ACTIVE&limit=1000&offset=${offset}`)
    expect(page).toMatchObject({ total: 10_000, offset })
    ders.push(...page.items.map(({ cert }) => Buffer.from(cert, 'base64')))
  }
  // Processor time, since others may use the machine too; issued one by one, they take several times as long.
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000)
  const [keypair] = await trust.keypairs()
  const issuer = new X509Certificate(keypair?.certificates[0]?.chainPem[0] ?? '')
  for (const [n, der] of [...ders.entries()].filter(([n]) => n % 100 === 0)) {
    const leaf = new X509Certificate(der)
    expect(leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)).toBe(true)
    expect(leaf.validToDate).toEqual(new Date(end + n * 1000))
  }
  expect(new Set(ders.map(der => createHash('sha256').update(der).digest('hex'))).size).toBe(10_000)
})

describe('who may read', () => {
  const PATHS = ['keypairs', 'certificates', `keypairs/${UNKNOWN}`, `certificates/${UNKNOWN}`]

  test.each(PATHS)('%s on the API host: the key alone is enough, unless both are required', async path => {
    const known = path.includes('/') ? 404 : 200
    expect(await ask(path, { host: 'api', certificate: undefined })).toMatchObject({ status: known })
    trust.settings.reading = 'key-and-certificate'
    expect(await ask(path, { host: 'api', certificate: undefined })).toMatchObject(NOT_MULTI_FACTOR)
    expect(await ask(path)).toMatchObject({ status: known })
  })

  test.each(PATHS)('%s on the mTLS host: key and certificate of one user', async path => {
    const user = emulator.addUser()
    const wrong = [
      undefined,
      await emulator.mint({ keyType: 'ec-p256', user }),
      await emulator.mint({ keyType: 'ec-p256', enabled: false }),
      await emulator.mint({ keyType: 'ec-p256', issuer: 'foreign' }),
    ]
    for (const one of wrong) expect(await ask(path, { certificate: one })).toMatchObject(NOT_MULTI_FACTOR)
    expect(await ask(path, { apiKey: 'nobody' })).toMatchObject(refusal(401, 'invalid_api_key'))
    expect(await ask(path, { apiKey: null })).toMatchObject(refusal(403, 'AUTHORIZATION_ERROR'))
  })

  test("another user's certificate is accepted if set, and the key decides who it is", async () => {
    trust.settings.otherUsersCertificate = 'accept'
    const other = emulator.addUser()
    const theirs = await emulator.mint({ keyType: 'ec-p256', user: other })
    const { id } = await trust.addKeypair({ users: [other] })
    expect((await ask(`keypairs/${id}`, { certificate: theirs })).json).toMatchObject({
      is_signable_by_me: false,
    })
    const disabled = await emulator.mint({ keyType: 'ec-p256', user: other, enabled: false })
    expect(await ask('keypairs', { certificate: disabled })).toMatchObject(NOT_MULTI_FACTOR)
  })

  test.each(['keypairs', 'certificates'] as const)('a user who may not see %s: 403', async operation => {
    emulator.user.denied = [operation]
    const other = operation === 'keypairs' ? 'certificates' : 'keypairs'
    const denied = refusal(403, 'access_denied', 'You do not have permission to perform this operation.')
    try {
      expect(await ask(operation)).toMatchObject(denied)
      expect(await ask(`${operation}/${UNKNOWN}`)).toMatchObject(denied)
      expect(await ask(other)).toMatchObject({ status: 200 })
    } finally {
      emulator.user.denied = []
    }
  })
})

describe('what goes wrong', () => {
  test.each([
    ['keypairs', `Keypair not present for given keypairId ${UNKNOWN}. Please provide correct keypairId.`],
    [
      'certificates',
      `Certificate not present for given certificateId ${UNKNOWN}. Please provide correct certificateId.`,
    ],
  ])('an unknown id among the %s: 404 invalid_input_field', async (path, message) => {
    expect(await ask(`${path}/${UNKNOWN}`)).toMatchObject(refusal(404, 'invalid_input_field', message))
  })

  const MESSAGE = `Keypair not present for given keypairId ${UNKNOWN}. Please provide correct keypairId.`
  const code = 'invalid_input_field'
  const SHAPES = [
    ['status', { error: { status: code, message: MESSAGE } }],
    ['error', { error: { code, message: MESSAGE } }],
    ['errors', { errors: [{ code, message: MESSAGE }] }],
    ['spring', { status: 404, error: 'Not Found', message: MESSAGE, path: `${ROOT}/keypairs/${UNKNOWN}` }],
  ] as const

  test.each(SHAPES)(
    'an error in the shape `%s`, while the account service keeps its own',
    async (errorShape, json) => {
      trust.settings.errorShape = errorShape
      expect(await ask(`keypairs/${UNKNOWN}`)).toMatchObject({ status: 404, json })
      const account = await call(emulator, { apiKey: 'nobody' })
      expect(account.json).toMatchObject({ errors: [{ code: 'invalid_api_key' }] })
    },
  )

  test.each(SHAPES.map(([shape]) => shape))('a fault in the shape `%s`', async errorShape => {
    trust.settings.errorShape = errorShape
    emulator.faults.add({ path: /^\/signingmanager\//, answer: { status: 503 }, times: 2 })
    const bodies = {
      status: { error: { status: 'service_unavailable' } },
      error: { error: { code: 'service_unavailable' } },
      errors: { errors: [{ code: 'service_unavailable' }] },
      spring: { status: 503, error: 'Service Unavailable', path: `${ROOT}/keypairs` },
    }
    expect(await ask('keypairs')).toMatchObject({ status: 503, json: bodies[errorShape] })
    expect((await call(emulator)).status).toBe(200)
  })

  test.each([
    [{ status: 404, body: 'json' }, 'resource_not_found'],
    [{ status: 403, body: 'json' }, 'access_denied'],
  ] as const)('an account without Software Trust: %j', async (absent, said) => {
    trust.settings.absent = absent
    for (const host of ['api', 'clientauth'] as const) {
      expect(await ask('keypairs', { host })).toMatchObject(refusal(absent.status, said))
    }
    expect(await ask('keypairs', { apiKey: 'nobody' })).toMatchObject(refusal(401, 'invalid_api_key'))
    expect((await call(emulator)).status).toBe(200)
  })

  test.each([
    [403, '403 Forbidden'],
    [404, '404 Not Found'],
  ] as const)('an account without Software Trust: the page of a web server, %d', async (status, title) => {
    trust.settings.absent = { status, body: 'html' }
    const answer = await ask('certificates')
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'text/html' } })
    expect(answer.text).toContain(`<title>${title}</title>`)
  })

  test('down, slow or silent, like every other request: by faults, only for this service', async () => {
    const path = /^\/signingmanager\//
    const down = emulator.faults.add({ path, answer: { status: 503, html: true }, times: Infinity })
    expect(await ask('keypairs')).toMatchObject({ status: 503, headers: { 'content-type': 'text/html' } })
    expect((await call(emulator)).status).toBe(200)
    down.remove()

    emulator.faults.add({ path, delayBefore: 200 })
    const start = performance.now()
    expect((await ask('keypairs')).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThanOrEqual(190)

    const silent = emulator.faults.add({ path, hold: 'before-work' })
    const held = ask('keypairs')
    await silent.reached
    expect((await call(emulator)).status).toBe(200)
    silent.release()
    expect((await held).status).toBe(200)
  })

  test('an extra slash: the web application, with status 200', async () => {
    for (const path of ['/keypairs', '/certificates?alias=a']) {
      expect(await ask(path)).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } })
    }
  })

  test('supports only reading and signing: nothing can be created or changed', async () => {
    const { id } = await trust.addKeypair()
    for (const method of ['POST', 'PUT', 'DELETE']) {
      for (const path of ['keypairs', 'certificates', `keypairs/${id}`]) {
        expect(await ask(path, { method })).toMatchObject(refusal(404, 'resource_not_found'))
      }
    }
  })
})

test('logs every request with its method, host and query, so that they can be counted', async () => {
  await ask('keypairs?alias=release-key')
  await ask('certificates', { host: 'api' })
  const signing = emulator.requests.filter(({ path }) => path.startsWith('/signingmanager/'))
  expect(signing).toMatchObject([
    { method: 'GET', host: 'clientauth', path: `${ROOT}/keypairs`, search: '?alias=release-key' },
    { method: 'GET', host: 'api', path: `${ROOT}/certificates`, search: '', hasApiKey: true, status: 200 },
  ])
})

test('settings are read at the start, and restored by a reset', async () => {
  const own = await startEmulator({ softwareTrust: { pageSize: 5 } })
  try {
    own.softwareTrust.settings.pageSize = 6
    own.reset()
    expect(own.softwareTrust.settings.pageSize).toBe(5)
  } finally {
    await own.close()
  }
})
