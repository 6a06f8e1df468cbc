import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ActionError } from '../../../src/errors.ts'
import { decoded, proxyFor, proxySecrets } from '../../../src/net/proxy.ts'
import { testOn } from '../../support/platform.ts'

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

test('without variables, there is none', () => {
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
  [{ HTTPS_PROXY: 'HTTP://proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'Https://proxy:3129' }, 'https://proxy:3129/'],
  [{ ALL_PROXY: 'HTTP://user:word@proxy:3128' }, 'http://user:word@proxy:3128/'],
  [{ HTTP_PROXY: 'http://proxy:3128' }, undefined],
])('%j', (env, proxy) => {
  expect(given(env)(API)).toBe(proxy)
})

test.each(['socks5://proxy:1080', 'http://', 'ftp://proxy'])('%s is not an HTTP proxy', address => {
  expect(() => given({ HTTPS_PROXY: address })(API)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  )
})

describe('refuses an ambiguous address, and repeats none of it', () => {
  const PASSWORDS = [
    'Winter@2025x/y',
    'Winter/2025',
    'Win#ter',
    'Win?ter',
    'Win\\ter',
    'Winter@2025',
    'Win ter',
    'Win\tter',
  ]
  const ADDRESSES = PASSWORDS.flatMap(password =>
    ['http://', 'https://', 'HTTP://', ''].map(scheme => `${scheme}svc:${password}@proxy:3128`),
  )
  test.each([
    ...ADDRESSES,
    'http://proxy:3128/@Winter',
    'http://svc:p?Winter@proxy',
    'http://Win/ter@proxy:3128',
    'http:///svc:Winter@proxy:3128',
  ])('%s', address => {
    const error = thrownBy(() => given({ HTTPS_PROXY: address })(API))
    expect(error).toMatchObject({
      code: 'INPUT_INVALID',
      message: 'HTTPS_PROXY (or ALL_PROXY) can be read in more than one way, so it was not used.',
      why: expect.stringContaining('@ / ? # \\ or a space'),
      fix: expect.stringContaining('@ is %40'),
    })
    expect(saidBy(error)).not.toMatch(/winter|\bwin\b|\bter\b|2025|svc/i)
  })

  test.each([
    'http://svc:Winter',
    'http://Win!ter:3128',
    'http://svc:Winter%402025@',
    'http://svc%3AWinter%40proxy:3128',
    'svc:p://Winter@proxy:3128',
    'http:svc:Winter@proxy',
    'http://Win,ter',
  ])('does not understand %s, and repeats none of it either', address => {
    const error = thrownBy(() => given({ HTTPS_PROXY: address })(API))
    expect(error).toMatchObject({ code: 'INPUT_INVALID' })
    expect(saidBy(error)).not.toMatch(/winter|\bwin\b|\bter\b|2025|svc/i)
  })
})

test.each([
  ['HTTP://proxy:3128', 'http://proxy:3128/'],
  ['http://proxy:3128/', 'http://proxy:3128/'],
  [' http://proxy:3128\n', 'http://proxy:3128/'],
  ['http://me:100%25:sure@proxy_1.example:3128', 'http://me:100%25%3Asure@proxy_1.example:3128/'],
])('%j is understood', (HTTPS_PROXY, proxy) => {
  expect(given({ HTTPS_PROXY })(API)).toBe(proxy)
})

function saidBy(error: unknown): string {
  const { message, why, fix, cause } = error as ActionError
  return [message, why, fix, String(cause)].join('\n')
}

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

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
  ['https://10.0.0.7:8443', '10.0.0.7', true],
  ['https://10.0.0.7:8443', '10.0.0.7:8443', true],
  ['https://10.0.0.7:8443', '10.0.0.7:443', false],
  ['https://10.0.0.7:8443', '0.0.7', false],
  ['https://10.0.0.7:8443', '10.0.0.0/8', false],
  ['https://[fd00::7]', '[fd00::7]', true],
  ['https://[fd00::7]:8443', '[fd00::7]:8443', true],
  ['https://[fd00::7]', 'fd00::/8', false],
  ['https://ONE.digicert.com', 'one.DIGICERT.com', true],
  ['https://one.digicert.com', ' one.digicert.com , other ', true],
  ['https://one.digicert.com', 'other, *', true],
])('%s with NO_PROXY %j is exempt: %s', (origin, NO_PROXY, exempt) => {
  expect(given({ HTTPS_PROXY: 'http://proxy:3128', NO_PROXY })(origin) === undefined).toBe(exempt)
})

const caseTest = testOn('POSIX', 'on Windows, both are one variable')

caseTest('lower-case names take precedence, as for curl and the runner', () => {
  const proxy = given({
    https_proxy: 'http://lower:1',
    HTTPS_PROXY: 'http://upper:2',
    no_proxy: 'one.digicert.com',
    NO_PROXY: 'x',
  })
  expect([proxy(API), proxy('https://api.github.com')]).toEqual([undefined, 'http://lower:1/'])
})

test.each([
  ['http://me:p%40ss-word@proxy:3128', ['p%40ss-word', 'p@ss-word', 'me:p%40ss-word', 'me:p@ss-word']],
  [
    'me:p@ss-word@proxy:3128',
    ['p@ss-word', 'p@ss-word', 'me:p@ss-word', 'me:p@ss-word', 'ss-word', 'p%40ss-word', 'me:p%40ss-word'],
  ],
  [
    'http://svc:Winter@2025x/y%41@proxy:3128',
    [
      'Winter@2025x/y%41',
      'Winter@2025x/yA',
      'svc:Winter@2025x/y%41',
      'svc:Winter@2025x/yA',
      'Winter',
      '2025x',
      'y%41',
    ],
  ],
  ['http://me:100%s^re@proxy', ['100%s^re', 'me:100%s^re', '100%s%5Ere', 'me:100%s%5Ere']],
  ['socks5://me:pass-word@proxy', ['pass-word', 'pass-word', 'me:pass-word', 'me:pass-word']],
  ['http://:pass-word@proxy', ['pass-word', 'pass-word', ':pass-word', ':pass-word']],
  ['http://a-token-of-24-characters@proxy', ['a-token-of-24-characters', 'a-token-of-24-characters']],
  ['http://runner@proxy', []],
  ['http://runner:@proxy', []],
  ['http://proxy:3128', []],
  ['', []],
])('secrets in %j', (address, secrets) => {
  for (const name of ['HTTPS_PROXY', 'http_proxy', 'ALL_PROXY']) {
    given({ [name]: address })
    expect(proxySecrets()).toEqual(expect.arrayContaining(secrets))
    if (secrets.length === 0) expect(proxySecrets()).toEqual([])
    delete process.env[name]
  }
})

test.each([
  ['p%40ss', 'p@ss'],
  ['100%', '100%'],
  ['%zz', '%zz'],
  ['', ''],
])('%j is decoded to %j', (text, plain) => {
  expect(decoded(text)).toBe(plain)
})
