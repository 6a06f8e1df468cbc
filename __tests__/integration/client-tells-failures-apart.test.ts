import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Emulator, type Fault, startEmulator } from '../../emulator/index.ts'
import { NicknameTaken, Unsettled } from '../../src/digicert/client.ts'
import { CertificateRefused } from '../../src/digicert/clientauth.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { Again } from '../../src/net/retry.ts'
import { clientOf } from '../support/client.ts'
import { createCsr } from '../support/emulator-csr.ts'

let emulator: Emulator
const clients: { close(): Promise<void> }[] = []
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(async () => {
  emulator.reset()
  for (const client of clients.splice(0)) await client.close()
})
afterAll(() => emulator.close())

function connect(changes = {}) {
  const made = clientOf(emulator, changes)
  clients.push(made.client)
  return made
}

async function post(name: string) {
  const { client } = connect()
  return client.requestCertificate({
    csr: await createCsr(),
    nickname: name,
    end: new Date(Date.now() + 86_400_000),
  })
}

const ANY = { times: Number.POSITIVE_INFINITY }

test.each<[string, Fault, ErrorCode, number]>([
  ['400', { answer: { status: 400 } }, 'REQUEST_REFUSED', 1],
  ['401', { answer: { status: 401 } }, 'API_KEY_INVALID', 1],
  ['403', { answer: { status: 403 } }, 'ACCESS_DENIED', 1],
  ['404', { answer: { status: 404 } }, 'WRONG_HOST', 1],
  ['302', { answer: { status: 302, headers: { location: 'https://localhost/' } } }, 'WRONG_HOST', 1],
  ['408', { answer: { status: 408 } }, 'REQUEST_REFUSED', 3],
  ['429', { answer: { status: 429 } }, 'RATE_LIMITED', 3],
  ['500', { answer: { status: 500 } }, 'SERVER_ERROR', 3],
  ['503', { answer: { status: 503, retryAfter: 5 } }, 'SERVER_ERROR', 3],
  ['a web page', { answer: { status: 200, html: true } }, 'WRONG_HOST', 1],
  [
    'half of some JSON',
    { answer: { status: 200, body: '[{"id":', contentType: 'application/json' } },
    'RESPONSE_INVALID',
    1,
  ],
  ['no list', { answer: { status: 200, json: { a: 1 } } }, 'RESPONSE_INVALID', 1],
  ['a reset', { reset: 'before-work' }, 'CONNECTION_FAILED', 3],
  ['a closed connection', { hangUp: 'after-work' }, 'CONNECTION_FAILED', 3],
])('a list that responds with %s', async (_name, fault, code, attempts) => {
  emulator.faults.add({ ...ANY, ...fault })
  const { client, clock } = connect()
  await expect(client.listCertificates()).rejects.toMatchObject({ code })
  expect(emulator.requests).toHaveLength(attempts)
  expect(clock.waits).toHaveLength(attempts - 1)
})

test('waits for Retry-After, in seconds and as a date', async () => {
  const { client, clock } = connect()
  emulator.clock.set(clock.now())
  const date = new Date(clock.now().getTime() + 21_000)
  emulator.faults.add({ answer: { status: 429, retryAfter: 9 } })
  emulator.faults.add({ answer: { status: 503, retryAfter: date } })
  await client.listCertificates()
  const [first = 0, second = 0] = clock.waits
  expect(first).toBeGreaterThanOrEqual(9_000)
  expect(first).toBeLessThanOrEqual(9_500)
  expect(second).toBeGreaterThanOrEqual(21_000)
  expect(second).toBeLessThanOrEqual(22_000)
})

test('silence is a timeout, before the headers and within the body', async () => {
  for (const hold of ['before-work', 'mid-answer'] as const) {
    emulator.faults.add({ hold })
    const { client } = connect({ timeoutMs: 200, retries: 0 })
    await expect(client.currentUser()).rejects.toMatchObject({ code: 'TIMEOUT' })
    emulator.faults.clear()
  }
})

test('stops reading a response larger than any valid one', async () => {
  emulator.faults.add({ ...ANY, answer: { status: 200, size: 3_000_000 } })
  const { client } = connect()
  await expect(client.currentUser()).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  expect(emulator.requests).toHaveLength(1)
})

test('a list may be larger than that', async () => {
  emulator.seed(10_000)
  const { client } = connect()
  expect(await client.listCertificates()).toHaveLength(10_000)
})

test.each<[string, Fault, abstract new (...args: never[]) => Error]>([
  ['not now', { answer: { status: 429, retryAfter: 3 } }, Again],
  [
    'a taken nickname',
    { answer: { status: 400, error: { code: 'duplicate_error', message: '' } } },
    NicknameTaken,
  ],
  ['an error of the server', { answer: { status: 500 } }, Unsettled],
  ['a lost response', { reset: 'after-work' }, Unsettled],
  ['a torn response', { hangUp: 'mid-answer' }, Unsettled],
  ['a page', { answer: { status: 200, html: true } }, Unsettled],
  ['a record without id', { rewrite: () => ({}) }, Unsettled],
])('sends a request for a certificate once when the response is %s', async (_name, fault, expected) => {
  emulator.faults.add(fault)
  await expect(post('a')).rejects.toBeInstanceOf(expected)
  expect(emulator.requests).toHaveLength(1)
})

test('retries disabling until the server has confirmed it', async () => {
  const [known] = emulator.seed(1)
  emulator.faults.add({ method: 'PUT', reset: 'after-work' })
  await connect().client.disable(known?.id ?? '')
  expect(known?.enabled).toBe(false)
  expect(emulator.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
})

test.each([
  ['disable', false],
  ['enable', true],
] as const)('a server that contradicts has not done it: %s', async (verb, enabled) => {
  const [known] = emulator.seed(1, () => ({ enabled: !enabled }))
  const id = known?.id ?? ''
  emulator.faults.add({ method: 'PUT', rewrite: body => ({ ...body, enabled: !enabled }) })
  await expect(connect().client[verb](id)).rejects.toMatchObject({
    code: 'ACCESS_NOT_EFFECTIVE',
    message: expect.stringMatching(
      new RegExp(`accepted the request to ${verb} the certificate with the id ${id}, but still says`),
    ),
  })
})

const SILENT: Fault[] = [{ answer: { status: 204 } }, { rewrite: () => ({}) }, { rewrite: () => [] }]

test.each(SILENT)('a response that says nothing is checked against the list: %j', async fault => {
  const [known] = emulator.seed(1)
  const id = known?.id ?? ''
  // Confirmed without being carried out, when the fault responds instead of the server.
  const done = fault.rewrite !== undefined
  emulator.faults.add({ ...fault, method: 'PUT' })
  const outcome = await connect()
    .client.disable(id)
    .then(() => 'disabled')
    .catch(error => error.code)
  expect(outcome).toBe(done ? 'disabled' : 'ACCESS_NOT_EFFECTIVE')
  expect(emulator.requests.map(({ method }) => method)).toEqual(['PUT', 'GET'])
})

test('claims nothing when neither the response nor the list says anything', async () => {
  const [known] = emulator.seed(1)
  emulator.faults.add({ method: 'PUT', rewrite: () => ({}) })
  emulator.faults.add({
    method: 'GET',
    rewrite: body => (Array.isArray(body) ? body.map(({ enabled: _, ...rest }) => rest) : body),
  })
  await expect(connect().client.disable(known?.id ?? '')).rejects.toMatchObject({
    code: 'ACCESS_NOT_EFFECTIVE',
    message: expect.stringContaining('neither its response nor its list says that it is disabled'),
  })
})

test('a certificate that does not exist is NOT_FOUND', async () => {
  const { client } = connect()
  await expect(client.disable('00000000-0000-4000-8000-000000000000')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})

test.each(['application', 'nginx', 'handshake'] as const)(
  'a foreign certificate is refused by the %s, and is not presented again and again',
  async refuseCertificatesIn => {
    emulator.settings.refuseCertificatesIn = refuseCertificatesIn
    const { certificatePem, privateKeyPem = '' } = await emulator.mint({
      issuer: 'foreign',
      keyType: 'ec-p256',
    })
    const { client, clock } = connect()
    const verified = client.verify({ key: privateKeyPem, cert: certificatePem })
    if (refuseCertificatesIn === 'handshake') await expect(verified).rejects.toThrow()
    else {
      await expect(verified).rejects.toBeInstanceOf(CertificateRefused)
      expect(clock.waits).toEqual([])
    }
  },
)

test('never sends the API key to the mTLS host', async () => {
  const { certificatePem, privateKeyPem = '' } = await emulator.mint({ keyType: 'ec-p256' })
  const { client } = connect()
  await client.listCertificates()
  expect(await client.verify({ key: privateKeyPem, cert: certificatePem })).toMatchObject({
    id: emulator.user.id,
  })
  expect(emulator.requests.map(({ host, hasApiKey }) => [host, hasApiKey])).toEqual([
    ['api', true],
    ['clientauth', false],
  ])
})

test.each(['untrusted', 'self-signed', 'expired', 'not-yet-valid', 'wrong-name'] as const)(
  'a server certificate that is %s stops it at once, before anything is sent',
  async serverCertificate => {
    const other = await startEmulator({ serverCertificate })
    const { client, clock } = clientOf(other)
    const code = {
      untrusted: /TLS_UNTRUSTED/,
      'self-signed': /TLS_UNTRUSTED/,
      'wrong-name': /TLS_NAME_MISMATCH/,
    }
    const expected =
      serverCertificate in code ? code[serverCertificate as keyof typeof code] : /TLS_SERVER_EXPIRED/
    await expect(client.listCertificates()).rejects.toMatchObject({ code: expect.stringMatching(expected) })
    expect(clock.waits).toEqual([])
    expect(other.requests).toEqual([])
    await client.close()
    await other.close()
  },
)
