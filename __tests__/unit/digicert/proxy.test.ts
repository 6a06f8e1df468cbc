import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { decoded, proxyFor } from '../../../src/digicert/proxy.ts'

const NAMES = [
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
]
const before = Object.fromEntries(NAMES.map(name => [name, process.env[name]]))
const API = 'https://one.digicert.com'
const CLIENTAUTH = 'https://clientauth.one.digicert.com'

beforeEach(() => {
  for (const name of NAMES) delete process.env[name]
})
afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

function given(env: Record<string, string>): (origin: string) => string | undefined {
  Object.assign(process.env, env)
  return origin => proxyFor(origin)?.href
}

test('without variables there is none', () => {
  expect(proxyFor(API)).toBeUndefined()
})

test.each([
  [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ https_proxy: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ ALL_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'https://proxy:3129' }, 'https://proxy:3129/'],
  [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'user:word@proxy:3128' }, 'http://user:word@proxy:3128/'],
  [{ HTTPS_PROXY: 'http://[::1]:3128' }, 'http://[::1]:3128/'],
  [{ HTTP_PROXY: 'http://proxy:3128' }, undefined],
])('%j', (env, proxy) => {
  expect(given(env)(API)).toBe(proxy)
})

test.each(['socks5://proxy:1080', 'http://', 'ftp://proxy'])('%s is no HTTP proxy', address => {
  expect(() => given({ HTTPS_PROXY: address })(API)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  )
})

test.each([
  ['one.digicert.com', true, true],
  ['.one.digicert.com', false, true],
  ['*.one.digicert.com', false, true],
  ['digicert.com', true, true],
  ['.digicert.com,other', true, true],
  ['other digicert.com', true, true],
  ['*', true, true],
  ['cert.com', false, false],
  ['clientauth.one.digicert.com', false, true],
  ['one.digicert.com:443', true, true],
  ['one.digicert.com:8443', false, false],
  ['', false, false],
])('NO_PROXY %j: the API host is exempt %s, the clientauth host %s', (NO_PROXY, api, clientauth) => {
  const proxy = given({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY })
  expect([proxy(API) === undefined, proxy(CLIENTAUTH) === undefined]).toEqual([api, clientauth])
})

test.each([
  ['p%40ss', 'p@ss'],
  ['100%', '100%'],
  ['%zz', '%zz'],
  ['', ''],
])('%j is decoded to %j', (text, plain) => {
  expect(decoded(text)).toBe(plain)
})
