// What DigiCert's documentation leaves open, or describes in two ways: each setting selects one of them.
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../../emulator/index.ts'
import { CERTIFICATES, call, ME } from '../support/emulator-client.ts'
import { createCsr } from '../support/emulator-csr.ts'

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ intermediate: true })
})
afterAll(() => emulator.close())
beforeEach(() => emulator.reset())

describe('the response to disabling comes', () => {
  test.each([
    ['record', 200, { enabled: false }, false],
    ['empty', 204, undefined, false],
    ['object', 200, {}, false],
    ['contradict', 200, { enabled: true }, false],
    ['ignore', 200, { enabled: true }, true],
  ] as const)('as %s: %d', async (enableAnswer, status, json, enabled) => {
    emulator.settings.enableAnswer = enableAnswer
    const [record] = emulator.seed(1)
    const put = { method: 'PUT', path: `${CERTIFICATES}/${record?.id}/enable`, body: { enabled: false } }
    const answer = await call(emulator, put)
    expect(answer.status).toBe(status)
    expect(answer.json).toEqual(
      json !== undefined && 'enabled' in json ? expect.objectContaining(json) : json,
    )
    expect(answer.text === '').toBe(status === 204)
    expect(record?.enabled).toBe(enabled)
  })
})

describe('an issued certificate comes', () => {
  const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\r?\n/g
  const readPem = (text: string) => (text.match(PEM) ?? []).map(one => new X509Certificate(one))
  const readLines = (text: string) =>
    text.split('\n').map(line => new X509Certificate(Buffer.from(line, 'base64')))

  async function issue() {
    const body = { csr: await createCsr(), name: 'a' }
    const { json } = await call(emulator, { method: 'POST', path: CERTIFICATES, body })
    return json as { x509_cert: string; ca_cert: string }
  }

  test.each([
    ['leaf', ['leaf']],
    ['leaf-first', ['leaf', 'issuer', 'root']],
    ['ca-first', ['issuer', 'root', 'leaf']],
  ] as const)('with its CAs as %s', async (x509Cert, order) => {
    Object.assign(emulator.settings, { x509Cert, caCert: 'chain' })
    const { x509_cert, ca_cert } = await issue()
    const [issuer, root] = readPem(ca_cert)
    const leaf = readPem(emulator.certificates[0]?.certificatePem ?? '')[0]
    const named = { leaf, issuer, root }
    expect(readPem(x509_cert).map(({ subject }) => subject)).toEqual(order.map(one => named[one]?.subject))
    expect(new Set([leaf?.subject, issuer?.subject, root?.subject]).size).toBe(3)
  })

  test('as PEM with CRLF', async () => {
    Object.assign(emulator.settings, { certificateForm: 'crlf', x509Cert: 'ca-first' })
    const { x509_cert, ca_cert } = await issue()
    for (const text of [x509_cert, ca_cert]) expect(text).not.toMatch(/[^\r]\n/)
    expect(readPem(x509_cert)).toHaveLength(3)
  })

  test('as base64 of the DER, a line each', async () => {
    Object.assign(emulator.settings, { certificateForm: 'base64', x509Cert: 'ca-first' })
    const { x509_cert, ca_cert } = await issue()
    expect(x509_cert + ca_cert).not.toContain('-')
    expect(readLines(x509_cert)).toHaveLength(3)
    expect(readLines(ca_cert)).toHaveLength(1)
  })
})

describe('the list', () => {
  test.each(['link', 'envelope'] as const)(
    'requires the user when told to, on every page (%s)',
    async style => {
      Object.assign(emulator.settings, { listUserId: 'required', paging: { style, size: 2 } })
      emulator.seed(3)
      const missing = await call(emulator, { path: CERTIFICATES })
      expect(missing).toMatchObject({
        status: 400,
        json: { errors: [{ code: 'invalid_request', message: 'user_id is required' }] },
      })
      const first = await call(emulator, { path: `${CERTIFICATES}?user_id=${emulator.user.id}` })
      expect(first.status).toBe(200)
      const link = `<${CERTIFICATES}?user_id=${emulator.user.id}&offset=2&limit=2>; rel="next"`
      expect(first.headers.link).toBe(style === 'link' ? link : undefined)
    },
  )

  test("contains only this user's certificates", async () => {
    const { id } = emulator.addUser()
    expect(await call(emulator, { path: `${CERTIFICATES}?user_id=${id}` })).toMatchObject({ status: 404 })
  })
})

describe('errors of the framework', () => {
  test('have the reason phrase, and a message below 500', async () => {
    emulator.settings.errorShape = 'spring'
    emulator.clock.set('2026-03-01T10:00:00Z')
    const spring = { timestamp: '2026-03-01T10:00:00.000Z', path: ME }
    expect((await call(emulator, { apiKey: 'nobody' })).json).toEqual({
      ...spring,
      status: 401,
      error: 'Unauthorized',
      message: 'The API key is not valid.',
    })
    emulator.faults.add({ answer: { status: 500 } })
    expect((await call(emulator)).json).toEqual({ ...spring, status: 500, error: 'Internal Server Error' })
  })
})

test.each([429, 403])('above the rate limit: %d request_limit_exceeded', async status => {
  emulator.settings.rateLimit = { requests: 1, seconds: 60, status }
  const { apiKey } = emulator.addUser()
  expect(await call(emulator, { apiKey })).toMatchObject({ status: 200 })
  expect(await call(emulator, { apiKey })).toMatchObject({
    status,
    headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    json: { errors: [{ code: 'request_limit_exceeded' }] },
  })
})

test.each([`/${ME}`, ME.replace('v1', 'v1/'), `${ME}//`])(
  'an extra slash, %s: the page of the web application, on both hosts and for everybody',
  async path => {
    for (const host of ['api', 'clientauth'] as const) {
      const { status, headers, text } = await call(emulator, { path, host, apiKey: null })
      expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html' })
      expect(text).toContain('<title>DigiCert ONE</title>')
    }
  },
)

test('records and users contain undocumented fields', async () => {
  emulator.settings.extraFields = { tenant: { id: 1 } }
  emulator.seed(1)
  expect((await call(emulator)).json).toMatchObject({ id: emulator.user.id, tenant: { id: 1 } })
  expect((await call(emulator, { path: CERTIFICATES })).json).toMatchObject([{ tenant: { id: 1 } }])
})
