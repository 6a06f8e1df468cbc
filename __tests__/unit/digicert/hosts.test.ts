import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { KNOWN_HOSTS, parseHosts } from '../../../src/digicert/hosts.ts'
import { ActionError } from '../../../src/errors.ts'
import { hostOf } from '../../../src/net/address.ts'

test.each([
  'one.digicert.com',
  'https://one.digicert.com',
  'https://one.digicert.com/',
  'https://one.digicert.com//',
  'https://one.digicert.com///',
  'one.digicert.com/',
  'https:///one.digicert.com',
  'HTTPS://One.DigiCert.com',
  ' one.digicert.com ',
  'https:/one.digicert.com',
  'one.digicert.com:443',
  'clientauth.one.digicert.com',
  'https://clientauth.one.digicert.com/',
  'https://clientauth.one.digicert.com//',
])('%j is understood', host => {
  expect(parseHosts(host, '')).toEqual({
    api: 'https://one.digicert.com',
    clientauth: 'https://clientauth.one.digicert.com',
  })
})

test.each([
  ['digicert.corp:8443', '', 'https://digicert.corp:8443', 'https://clientauth.digicert.corp:8443'],
  ['digicert.corp', 'mtls.corp:9443', 'https://digicert.corp', 'https://mtls.corp:9443'],
  ['127.0.0.1:8443', 'localhost:8443', 'https://127.0.0.1:8443', 'https://localhost:8443'],
  ['[::1]:8443', '[::1]:8444', 'https://[::1]:8443', 'https://[::1]:8444'],
  ['bücher.example', '', 'https://xn--bcher-kva.example', 'https://clientauth.xn--bcher-kva.example'],
])('%s with clientauth-host %j', (host, clientauthHost, api, clientauth) => {
  expect(parseHosts(host, clientauthHost)).toEqual({ api, clientauth })
})

const REGIONS = ['one.digicert.com', 'one.nl.digicert.com', 'one.ch.digicert.com', 'one.digicert.co.jp']

test.each(REGIONS.flatMap(region => [region, `demo.${region}`]))(
  '%s is known, and accepted as either of its two URLs',
  host => {
    expect(KNOWN_HOSTS.split(', ')).toContain(host)
    const hosts = { api: `https://${host}`, clientauth: `https://clientauth.${host}` }
    expect(parseHosts(`https://${host}/`, '')).toEqual(hosts)
    expect(parseHosts(`https://clientauth.${host}`, '')).toEqual(hosts)
    expect(parseHosts(host, `https://clientauth.${host}//`)).toEqual(hosts)
  },
)

test.each([
  ['http://one.digicert.com', "'host' uses http."],
  ['ftp://one.digicert.com', "'host' uses ftp."],
  ['https://one.digicert.com/account', 'has a path or a query'],
  ['https://one.digicert.com//account', 'has a path or a query'],
  ['one.digicert.com/account/api', 'has a path or a query'],
  ['one.digicert.com?x', 'has a path or a query'],
  ['one.digicert.com/#x', 'has a path or a query'],
  ['https://key@one.digicert.com', 'user name or password'],
  ['key:word@one.digicert.com', 'user name or password'],
  ['one.digicert.com:99999', 'is not a host name'],
  ['one digicert com', 'is not a host name'],
  ['one.digicert.com\\x', 'is not a host name'],
  ['https://', 'is not a host name'],
  ['127.0.0.1', 'cannot be derived from the address'],
  ['[::1]', 'cannot be derived from the address'],
  ['0x7f.1', 'cannot be derived from the address'],
])('%j is refused', (host, problem) => {
  const error = caught(() => parseHosts(host, ''))
  expect(error.code).toBe('INPUT_INVALID')
  expect(error.message).toContain(problem)
  expect(error.fix).not.toBe('')
})

test('whatever is typed, the result is two https origins, or an error that repeats none of it', () => {
  const piece = fc.constantFrom(
    'https',
    'http',
    ':',
    '/',
    '@',
    '.',
    '[',
    ']',
    '?',
    '#',
    '%00',
    's3cret',
    'a',
    '1',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), pieces => {
      try {
        for (const origin of Object.values(parseHosts(pieces.join(''), '')))
          expect(new URL(origin)).toMatchObject({ protocol: 'https:', origin, username: '', password: '' })
      } catch (error) {
        expect(error).toBeInstanceOf(ActionError)
      }
    }),
  )
})

test('never repeats user info', () => {
  const error = caught(() => parseHosts('https://me:s3cret-s3cret@one.digicert.com/x', ''))
  expect([error.message, error.why, error.fix].join()).not.toContain('s3cret')
})

test('hostOf keeps the port', () => {
  expect(hostOf('https://one.digicert.com:8443')).toBe('one.digicert.com:8443')
})

function caught(act: () => unknown): ActionError {
  try {
    act()
  } catch (error) {
    if (error instanceof ActionError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
