import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { DAY, type Emulator, startEmulator } from '../../emulator/index.ts'
import { type CallOptions, CERTIFICATES, call, ME } from '../support/emulator-client.ts'
import { createCsr, csrPublicKey } from '../support/emulator-csr.ts'

let emulator: Emulator
let csr: string

beforeAll(async () => {
  emulator = await startEmulator()
  csr = await createCsr()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

const post = (body: object, options: CallOptions = {}) =>
  call(emulator, { method: 'POST', path: CERTIFICATES, body, ...options })
const enable = (id: string, enabled: unknown, options: CallOptions = {}) =>
  call(emulator, { method: 'PUT', path: `${CERTIFICATES}/${id}/enable`, body: { enabled }, ...options })

const RECORD_FIELDS = [
  'id',
  'user_id',
  'name',
  'common_name',
  'end_date',
  'start_date',
  'enabled',
  'serial_number',
  'public_key',
]

test('POST returns 201 with the fields of the tutorial, and the certificate agrees with them', async () => {
  emulator.clock.set('2026-03-01T10:00:00Z')
  const { status, headers, json } = await post({
    csr,
    name: 'API Client Auth Certificate',
    exp: '2026-04-01T12:34:56Z',
  })
  expect(status).toBe(201)
  expect(headers['content-type']).toBe('application/json')
  const body = json as Record<string, string>
  expect(Object.keys(body).sort()).toEqual([...RECORD_FIELDS, 'x509_cert', 'ca_cert'].sort())
  expect(body).toMatchObject({
    user_id: emulator.user.id,
    name: 'API Client Auth Certificate',
    common_name: 'Demo API Service User',
    start_date: '2026-03-01T10:00:00Z',
    end_date: '2026-04-01T12:34:56Z',
    enabled: true,
    public_key: await csrPublicKey(),
  })
  const certificate = new X509Certificate(body.x509_cert ?? '')
  expect(certificate.subject).toBe('CN=Demo API Service User\nO=Your Organization\nC=US')
  expect(certificate.validFromDate.toISOString()).toBe('2026-03-01T10:00:00.000Z')
  expect(certificate.validToDate.toISOString()).toBe('2026-04-01T12:34:56.000Z')
  expect(certificate.serialNumber).toBe(body.serial_number)
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(certificate.ca).toBe(false)
  const issuer = new X509Certificate(body.ca_cert ?? '')
  expect(certificate.checkIssued(issuer)).toBe(true)
  expect(certificate.verify(issuer.publicKey)).toBe(true)
})

test('PUT enable returns 200 with the record but without certificates, and is idempotent', async () => {
  const { id } = await emulator.issueFor(csr)
  for (const enabled of [false, false, true, true]) {
    const { status, json } = await enable(String(id), enabled)
    expect(status).toBe(200)
    expect(Object.keys(json as object).sort()).toEqual([...RECORD_FIELDS].sort())
    expect(json).toMatchObject({ id, enabled })
    expect(emulator.certificates[0]?.enabled).toBe(enabled)
  }
})

test("the list is an array of the user's own certificates, in the shape of the response to PUT", async () => {
  const other = emulator.addUser()
  await emulator.issueFor(csr, { name: 'mine' })
  await emulator.issueFor(csr, { name: 'theirs', user: other })
  const { status, json } = await call(emulator, { path: CERTIFICATES })
  expect(status).toBe(200)
  expect(json).toEqual([expect.objectContaining({ name: 'mine', user_id: emulator.user.id })])
  expect(Object.keys((json as [object])[0]).sort()).toEqual([...RECORD_FIELDS].sort())
  const theirs = await call(emulator, { path: CERTIFICATES, apiKey: other.apiKey })
  expect(theirs.json).toEqual([expect.objectContaining({ name: 'theirs', user_id: other.id })])
})

test('user/me returns the full shape, by key on one host and by certificate on the other', async () => {
  const certificate = await emulator.mint({ keyType: 'ec-p256' })
  const byKey = await call(emulator, { path: ME })
  const byCertificate = await call(emulator, { path: ME, host: 'clientauth', certificate })
  expect(byKey.status).toBe(200)
  expect(byCertificate).toMatchObject({ status: 200, json: byKey.json })
  expect(byKey.json).toMatchObject({
    id: emulator.user.id,
    status: 'ACTIVE',
    access_scope: 'account',
    user_type: 'service',
    friendly_name: 'Example service user',
    created_at: '2021-06-23T08:55:19Z',
    accounts: [{ active: true, service_period: { from: '2021-05-06', to: '2030-05-06' } }],
  })
  const { applications } = byKey.json as { applications: { name: string; permissions: string[] }[] }
  expect(applications.map(({ name }) => name)).toEqual([
    'Trust Lifecycle',
    'IoT Trust',
    'Document Trust',
    'Account Manager',
    'CA Manager',
    'Software Trust',
  ])
  expect(applications.at(-1)?.permissions).toContain('SIGN_SM_HASH')
})

test('the other endpoints work over mTLS as well', async () => {
  const certificate = await emulator.mint({ keyType: 'ec-p256' })
  const { status, json } = await call(emulator, { path: CERTIFICATES, host: 'clientauth', certificate })
  expect({ status, json }).toMatchObject({ status: 200, json: [{ id: certificate.record?.id }] })
})

test('without exp, a certificate lasts a year, or until its user expires', async () => {
  emulator.clock.set('2026-03-01T10:00:00Z')
  expect(await emulator.issueFor(csr)).toMatchObject({ end_date: '2027-03-01T10:00:00Z' })
  const user = emulator.addUser({ endDate: new Date('2026-06-01T00:00:00Z') })
  expect(await emulator.issueFor(csr, { user })).toMatchObject({ end_date: '2026-06-01T00:00:00Z' })
})

test('rounds end and start dates when the setting says so, in record and certificate', async () => {
  emulator.settings.roundEndDates = true
  emulator.settings.roundStartDates = true
  emulator.clock.set('2026-03-01T10:00:00Z')
  const body = await emulator.issueFor(csr, { exp: '2026-03-02T00:00:01Z' })
  expect(body).toMatchObject({ start_date: '2026-03-01T00:00:00Z', end_date: '2026-03-02T23:59:59Z' })
  const { validToDate, validFromDate } = new X509Certificate(String(body.x509_cert))
  expect(validToDate.toISOString()).toBe('2026-03-02T23:59:59.000Z')
  expect(validFromDate.toISOString()).toBe('2026-03-01T00:00:00.000Z')
})

test('backdates start dates when the setting says so, in record and certificate', async () => {
  emulator.settings.backdateStart = 3_600_000
  emulator.clock.set('2026-03-01T10:00:00Z')
  const body = await emulator.issueFor(csr)
  expect(body).toMatchObject({ start_date: '2026-03-01T09:00:00Z', end_date: '2027-03-01T10:00:00Z' })
  const { validFromDate } = new X509Certificate(String(body.x509_cert))
  expect(validFromDate.toISOString()).toBe('2026-03-01T09:00:00.000Z')
})

test('rounding up never outlives the user', async () => {
  emulator.settings.roundEndDates = true
  emulator.clock.set('2026-03-01T10:00:00Z')
  const user = emulator.addUser({ endDate: new Date('2026-03-02T12:00:00Z') })
  const body = await emulator.issueFor(csr, { exp: '2026-03-02T11:00:00Z', user })
  expect(body).toMatchObject({ end_date: '2026-03-02T12:00:00Z' })
})

test('can set what the pages leave open: subject, serial number format, unknown fields, EC requests, chain', async () => {
  Object.assign(emulator.settings, {
    subject: 'CN=Chosen by the server, O=DigiCert',
    serialFormat: 'colons',
    extraFields: { nobody_documented: { this: 1 } },
    ecRequests: 'accept',
  })
  const body = await emulator.issueFor(await createCsr('CN=asked', 'ec-p256'))
  expect(body).toMatchObject({ common_name: 'Chosen by the server', nobody_documented: { this: 1 } })
  expect(body.serial_number).toMatch(/^([0-9A-F]{2}:)+[0-9A-F]{2}$/)
  expect(new X509Certificate(String(body.x509_cert)).publicKey.asymmetricKeyType).toBe('ec')
})

test.each([
  ['ec', 'ec'],
  ['rsa', 'rsa'],
] as const)('an issuing CA below a root, with %s keys', async (clientCaKey, type) => {
  const deeper = await startEmulator({ clientCaKey, intermediate: true, settings: { caCert: 'chain' } })
  const { json } = await call(deeper, { method: 'POST', path: CERTIFICATES, body: { csr, name: 'deep' } })
  const { x509_cert: leafPem, ca_cert: caPem } = json as { x509_cert: string; ca_cert: string }
  const [leaf, issuing, root] = [leafPem, ...caPem.split(/(?<=-----END CERTIFICATE-----\n)/)]
    .filter(pem => pem !== '')
    .map(pem => new X509Certificate(pem))
  expect(issuing?.publicKey.asymmetricKeyType).toBe(type)
  expect(leaf?.verify(issuing?.publicKey ?? neverKey())).toBe(true)
  expect(issuing?.verify(root?.publicKey ?? neverKey())).toBe(true)
  expect(root?.subject).toBe(root?.issuer)
  await deeper.close()
})

function neverKey(): never {
  throw new Error('a certificate is missing from the chain')
}

test('two environments know nothing of each other', async () => {
  const production = await startEmulator()
  const certificate = await emulator.mint({ keyType: 'ec-p256' })
  expect(production.caPem).not.toBe(emulator.caPem)
  const demoKey = await call(production, { apiKey: emulator.apiKey })
  expect(demoKey).toMatchObject({ status: 401, json: { errors: [{ code: 'invalid_api_key' }] } })
  expect(await call(production, { host: 'clientauth', certificate })).toMatchObject({ status: 403 })
  expect(production.requests.at(-1)?.verdict).toBe('foreign')
  await production.close()
})

test('the clock can stand still, run ahead, and be moved forward', async () => {
  emulator.clock.offset(10 * DAY)
  expect(emulator.clock.now().getTime() - Date.now()).toBeGreaterThan(9.9 * DAY)
  emulator.clock.set('2026-03-01T10:00:00Z')
  emulator.clock.advance(DAY)
  expect(emulator.clock.now().toISOString()).toBe('2026-03-02T10:00:00.000Z')
  expect(() => emulator.clock.set('tomorrow')).toThrow('not an instant')
})

test('logs requests without the key', async () => {
  await call(emulator, { path: `${CERTIFICATES}?offset=1` })
  expect(emulator.requests).toEqual([
    expect.objectContaining({
      method: 'GET',
      path: CERTIFICATES,
      search: '?offset=1',
      host: 'api',
      status: 200,
      hasApiKey: true,
      apiKeyUserId: emulator.user.id,
      userAgent: 'emulator-test',
      clientCertificateSerial: undefined,
      faulted: false,
    }),
  ])
  expect(JSON.stringify(emulator.requests)).not.toContain(emulator.apiKey)
})
