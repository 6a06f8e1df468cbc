// Shapes of the real API that its documentation does not promise: the client understands whatever is meant.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Emulator, type Fault, startEmulator } from '../../emulator/index.ts'
import { Unsettled } from '../../src/digicert/client.ts'
import { CertificateRefused } from '../../src/digicert/clientauth.ts'
import { parseHosts } from '../../src/digicert/hosts.ts'
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

async function newRequest() {
  return { csr: await createCsr(), nickname: 'a', end: new Date(Date.now() + 86_400_000) }
}

async function identity() {
  const { certificatePem, privateKeyPem = '' } = await emulator.mint({ keyType: 'ec-p256' })
  return { cert: certificatePem, key: privateKeyPem }
}

const targets = () => emulator.requests.map(({ path, search }) => path + search)
const ANY = { times: Number.POSITIVE_INFINITY }
const LIST = '/account/api/v1/client-auth-certificate'
const LIMITED = { code: 'request_limit_exceeded', message: 'Slow down.' }

describe('errors', () => {
  test('from Spring: quotes its phrase, without a code', async () => {
    emulator.settings.errorShape = 'spring'
    emulator.faults.add({ ...ANY, answer: { status: 500 } })
    const { client } = connect({ retries: 0 })
    await expect(client.currentUser()).rejects.toMatchObject({
      code: 'SERVER_ERROR',
      message: expect.stringMatching(/with 500 \(Internal Server Error\)\.$/),
    })
  })

  test.each([400, 401, 403, 429, 503])('retries %i request_limit_exceeded, on either host', async status => {
    for (const host of ['api', 'clientauth'] as const)
      emulator.faults.add({ host, answer: { status, error: LIMITED, retryAfter: 3 } })
    const { client, clock } = connect()
    expect(await client.currentUser()).toMatchObject({ id: emulator.user.id })
    expect(await client.verify(await identity())).toMatchObject({ id: emulator.user.id })
    expect(clock.waits.map(ms => ms >= 3_000)).toEqual([true, true])
  })

  test.each([400, 403, 503])('%i request_limit_exceeded to a POST: nothing was issued', async status => {
    emulator.faults.add({ answer: { status, error: LIMITED, retryAfter: 3 } })
    const { client } = connect()
    const refused = client.requestCertificate(await newRequest())
    await expect(refused).rejects.toBeInstanceOf(Again)
    await expect(refused).rejects.toMatchObject({ reason: { code: 'RATE_LIMITED' }, waitMs: 3_000 })
  })

  test('calls a lasting rate limit by its name, not a refused certificate', async () => {
    emulator.faults.add({ ...ANY, answer: { status: 403, error: LIMITED } })
    const refused = connect().client.verify(await identity())
    await expect(refused).rejects.not.toBeInstanceOf(CertificateRefused)
    await expect(refused).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('403 (request_limit_exceeded: Slow down.)'),
    })
    expect(emulator.requests).toHaveLength(3)
  })
})

describe('nothing where something was promised', () => {
  test.each<[string, Fault, string]>([
    ['204', { answer: { status: 204 } }, 'with 204 but without a body.'],
    ['200 and no body', { answer: { status: 200 } }, 'with 200 but without a body.'],
    ['{}', { answer: { status: 200, json: {} } }, 'The server sent '],
  ])('reports %s with the right message, at once', async (_name, fault, words) => {
    emulator.faults.add({ ...ANY, ...fault, workDone: true })
    const { client } = connect()
    const code: ErrorCode = 'RESPONSE_INVALID'
    const expected = { code, message: expect.stringContaining(words) }
    await expect(client.listCertificates()).rejects.toMatchObject(expected)
    await expect(client.currentUser()).rejects.toMatchObject(expected)
    await expect(client.verify(await identity())).rejects.toMatchObject(expected)
    emulator.certificates.length = 0
    const lost = client.requestCertificate(await newRequest())
    await expect(lost).rejects.toBeInstanceOf(Unsettled)
    await expect(lost).rejects.toMatchObject({ reason: expected })
    expect(emulator.certificates).toHaveLength(1)
    expect(emulator.requests).toHaveLength(4)
  })
})

describe('a list that requires its user', () => {
  test.each([null, { style: 'link', size: 2 }, { style: 'envelope', size: 2 }] as const)(
    'gets it on every page, and then at once (%j)',
    async paging => {
      Object.assign(emulator.settings, { listUserId: 'required', paging })
      emulator.seed(5)
      const { client } = connect()
      expect(await client.listCertificates()).toHaveLength(5)
      const pages = paging === null ? 1 : 3
      const [first, second, ...rest] = targets()
      expect([first, second]).toEqual([LIST, '/account/api/v1/user/me'])
      expect(rest).toHaveLength(pages)
      for (const target of rest)
        expect(new URL(target, emulator.apiUrl).searchParams.get('user_id')).toBe(emulator.user.id)
      emulator.requests.length = 0
      expect(await client.listCertificates()).toHaveLength(5)
      expect(emulator.requests).toHaveLength(pages)
    },
  )

  test('gets it again when a link to the next page omits it', async () => {
    Object.assign(emulator.settings, { listUserId: 'required', paging: { style: 'link', size: 2 } })
    emulator.seed(3)
    const link = `<${LIST}?offset=2&limit=2>; rel="next"`
    emulator.faults.add({ path: LIST, skip: 1, headers: { link } })
    const { client } = connect()
    expect(await client.listCertificates()).toHaveLength(3)
    expect(targets().at(-1)).toBe(`${LIST}?offset=2&limit=2&user_id=${emulator.user.id}`)
  })

  test('is not requested forever when it still refuses', async () => {
    const error = { code: 'invalid_request', message: 'user_id is not valid' }
    emulator.faults.add({ ...ANY, path: LIST, answer: { status: 400, error } })
    const { client } = connect()
    await expect(client.listCertificates()).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      message: expect.stringContaining('400 (invalid_request: user_id is not valid)'),
    })
    expect(emulator.requests).toHaveLength(3)
  })

  test('two lists at once learn it, each for both', async () => {
    emulator.settings.listUserId = 'required'
    emulator.seed(2)
    const { client } = connect()
    const lists = await Promise.all([client.listCertificates(), client.listCertificates()])
    expect(lists.map(({ length }) => length)).toEqual([2, 2])
  })

  test('a 400 about something else changes nothing', async () => {
    emulator.faults.add({ answer: { status: 400 } })
    const { client } = connect()
    await expect(client.listCertificates()).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
    expect(emulator.requests).toHaveLength(1)
  })
})

test.each(['', '/', '//', '///'])(
  'no address contains or ends in an extra slash, however many the hosts end in: %j',
  async slashes => {
    const hosts = parseHosts(emulator.apiUrl + slashes, emulator.clientauthUrl + slashes)
    expect(hosts).toEqual({ api: emulator.apiUrl, clientauth: emulator.clientauthUrl })
    emulator.settings.paging = { style: 'link', size: 1 }
    emulator.seed(1)
    const link = `<${emulator.apiUrl}//account//api/v1/client-auth-certificate?offset=1&limit=1>; rel="next"`
    emulator.faults.add({ path: LIST, method: 'GET', headers: { link } })
    const { client } = connect({ hosts })
    const { id } = await client.requestCertificate(await newRequest())
    expect(await client.listCertificates()).toHaveLength(2)
    await client.currentUser()
    await client.verify(await identity())
    expect(id).toMatch(/^[\w-]+$/)
    expect(emulator.requests).toHaveLength(5)
    for (const { path } of emulator.requests) expect(path).toMatch(/^(\/[\w-]+)+$/)
  },
)

test('every request names its client and its length', async () => {
  const { client } = connect({ userAgent: 'digicert-client-certificate/9 (GitHub Actions)' })
  const request = await newRequest()
  await client.requestCertificate({ ...request, nickname: 'Größe' }).catch(() => undefined)
  await client.requestCertificate(request)
  await client.listCertificates()
  await client.currentUser()
  await client.verify(await identity())
  expect(emulator.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET', 'GET', 'GET'])
  for (const { headers, body, method } of emulator.requests) {
    const length = method === 'GET' ? undefined : String(Buffer.byteLength(body))
    expect(headers).toMatchObject({
      'user-agent': 'digicert-client-certificate/9 (GitHub Actions)',
      accept: 'application/json',
    })
    expect([headers['content-length'], headers['transfer-encoding']]).toEqual([length, undefined])
  }
})

test('ignores undocumented fields everywhere, and does not need optional ones', async () => {
  emulator.settings.extraFields = { tenant: { id: 1 }, links: [null], created: 7 }
  emulator.faults.add({ method: 'POST', rewrite: ({ id, x509_cert, tenant }) => ({ id, x509_cert, tenant }) })
  emulator.faults.add({ path: LIST, method: 'GET', answer: { status: 200, json: [{ id: 'b', tenant: [] }] } })
  emulator.faults.add({ path: /me$/, rewrite: ({ id, tenant }) => ({ id, tenant, applications: [{}] }) })
  const { client } = connect()
  expect(await client.requestCertificate(await newRequest())).toMatchObject({ name: '', enabled: undefined })
  expect(await client.listCertificates()).toMatchObject([{ id: 'b', serialNumber: '' }])
  expect(await client.currentUser()).toEqual({ id: emulator.user.id, name: '', status: '', permissions: [] })
})
