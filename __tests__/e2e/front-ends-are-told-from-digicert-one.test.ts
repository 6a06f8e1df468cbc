import { afterEach, expect, test } from '@jest/globals'
import { errorOf, useScene } from '../support/scene.ts'
import { PASSWORD, storedP12 } from '../support/stored.ts'
import { startTlsServer, type TlsServer } from '../support/tls-server.ts'

const scene = useScene()
let front: TlsServer | undefined
afterEach(() => front?.close())

const page = (title: string, text = '') =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1>${text}</body></html>`

async function answering(status: number, body: string, headers: Record<string, string> = {}) {
  front = await startTlsServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(body)
  })
  return front
}

/** The front end is in front of the mTLS host. */
async function beforeClientauth(status: number, body: string, headers: Record<string, string> = {}) {
  const { port, caPem } = await answering(status, body, headers)
  const { base64 } = await storedP12(scene.emulator)
  const inputs = {
    mode: 'stored',
    p12: base64,
    'p12-password': PASSWORD,
    'api-key': '',
    'clientauth-host': `clientauth.localhost:${port}`,
    'ca-certificates': scene.emulator.caPem + caPem,
    retries: '0',
  }
  return errorOf(await scene.scenario(inputs).main())
}

async function beforeApi(status: number, body: string) {
  const { port, caPem } = await answering(status, body)
  const inputs = { host: `localhost:${port}`, 'ca-certificates': caPem, retries: '0' }
  return errorOf(await scene.scenario(inputs).main())
}

test('Apache asks for the certificate after the handshake: Node cannot, and its administrator can fix it', async () => {
  const body = page(
    '403 Forbidden',
    "<p>You don't have permission to access this resource.Reason: Cannot perform Post-Handshake Authentication.<br /></p>",
  )
  expect(await beforeClientauth(403, body, { server: 'Apache/2.4.57' })).toMatchObject({
    code: 'REQUEST_REFUSED',
    what: expect.stringMatching(/^clientauth\.localhost:\d+ responded to .* with 403/),
    why: expect.stringMatching(/only after the TLS handshake.*Node does not support/),
    fix: expect.stringMatching(/request the client certificate in the handshake.*'clientauth-host'/),
  })
  expect(front?.requests).toHaveLength(1)
})

test.each([
  ['Attention Required! | Cloudflare', 'Sorry, you have been blocked', 'cloudflare'],
  ['Request Rejected', 'The requested URL was rejected. Your support ID is: 123', 'BigIP'],
  ['Access Denied', 'Reference #18.2f1 https://errors.edgesuite.net/', 'AkamaiGHost'],
])('the page %j of a firewall says nothing about the certificate', async (title, text, server) => {
  const error = await beforeClientauth(403, page(title, text), { server })
  expect(error).toMatchObject({ code: 'REQUEST_REFUSED', what: expect.stringContaining(title) })
  expect(error.why).toMatch(/firewall or gateway/)
  expect(error.why + error.fix).not.toMatch(/disabled|inactive|role/)
})

test('a plain 403 from nginx still counts as a refusal', async () => {
  expect(await beforeClientauth(403, page('403 Forbidden', '<hr>nginx'))).toMatchObject({
    code: 'CERT_REFUSED',
  })
})

test.each([
  [494, /allows no request with a header as large/],
  [497, /forwards plain HTTP/],
  [421, /does not serve this host name/],
  [431, /allows no request with a header as large/],
  [451, /legal reasons/],
  [407, /user name and password/],
])('%i from a front end of the mTLS host and the API host', async (status, why) => {
  const expected = { why: expect.stringMatching(why) }
  for (const error of [
    await beforeClientauth(status, page(`${status}`)),
    await beforeApi(status, page(`${status}`)),
  ]) {
    expect(error).toMatchObject(expected)
    expect(error.why + error.fix).not.toMatch(/'name'|'key-size'|disabled|role/)
    front?.close()
  }
})

test.each([495, 496])('%i from the API host: it was mistaken for the mTLS host', async status => {
  expect(await beforeApi(status, page(`${status}`))).toMatchObject({
    code: 'WRONG_HOST',
    fix: expect.stringMatching(/'host'.*'clientauth-host'/),
  })
})

test('429 from the mTLS host does not mention an API key: none was sent', async () => {
  const error = await beforeClientauth(429, page('429 Too Many Requests'))
  expect(error.code).toBe('RATE_LIMITED')
  expect(error.what + error.why + error.fix).not.toMatch(/\bkeys?\b/)
})

test('a firewall in front of the API host says nothing about the role of the service user', async () => {
  const error = await beforeApi(403, page('Access Denied'))
  expect(error).toMatchObject({ code: 'REQUEST_REFUSED', why: expect.stringMatching(/firewall or gateway/) })
  expect(error.why + error.fix).not.toMatch(/role|'name'|'key-size'/)
})
