// The harness that searches every end-to-end result, tested on results that do show something.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import type { StepResult } from '../support/runner.ts'
import { expectMaskedFirst, expectNothingSecret, secretKey } from '../support/secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'secrets-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

const PASSWORD = 'pä&ss "wörd" <1>/+ zz'
const KEY = 'api-0123456789abcdef_0123456789abcdef_0123456789abcdef_0123456789abcdef'
const P12 = Buffer.from(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' }),
)
const INPUTS = {
  'api-key': KEY,
  p12: P12.toString('base64'),
  'p12-password': PASSWORD,
  'github-token': 'ghs_0123456789abcdefghij',
}
const ENV = { HTTPS_PROXY: 'http://us%40er:pa%2Fss-012345@proxy.example:3128' }

const NOTHING: StepResult = {
  exitCode: 0,
  signal: null,
  raw: '',
  log: '',
  annotations: [],
  masks: [],
  outputs: {},
  env: {},
  state: {},
  summary: '',
  path: [],
  milliseconds: 0,
}

const showing = (part: Partial<StepResult>) => () =>
  expectNothingSecret({ ...NOTHING, ...part }, { inputs: INPUTS, env: ENV, temp: folder })

const wrapped = (text: string, width: number, end: string) =>
  text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(end) ?? ''
const base64 = (text: string) => Buffer.from(text).toString('base64')

const FORMS: [string, string][] = [
  ['the password', PASSWORD],
  ['the password in base64', base64(PASSWORD)],
  ['the password with a line break, in base64', base64(`${PASSWORD}\n`)],
  ['the password in base64url', Buffer.from(PASSWORD).toString('base64url')],
  ['the password in hex', Buffer.from(PASSWORD).toString('hex')],
  ['the password in upper-case hex', Buffer.from(PASSWORD).toString('hex').toUpperCase()],
  ['the password in hex with colons', Buffer.from(PASSWORD).toString('hex').match(/../g)?.join(':') ?? ''],
  ['the password in UTF-16, in base64', Buffer.from(PASSWORD, 'utf16le').toString('base64')],
  ['the password in a URL', encodeURIComponent(PASSWORD)],
  ['the password in a form', new URLSearchParams({ p: PASSWORD }).toString()],
  ['the password in JSON', JSON.stringify({ PASSWORD })],
  ['the password in entities', PASSWORD.replace(/[^\w ]/gu, character => `&#${character.codePointAt(0)};`)],
  ['the password in a workflow command', PASSWORD.replaceAll('%', '%25')],
  ['the API key', KEY],
  ['the API key in base64 of 64 columns', wrapped(base64(KEY), 64, '\n')],
  ['the API key in base64 of 76 columns with CRLF', wrapped(base64(KEY), 76, '\r\n')],
  ['the API key as user name of basic authentication', `Authorization: Basic ${base64(`${KEY}:`)}`],
  ['the API key as password of basic authentication', `Authorization: Basic ${base64(`u:${KEY}`)}`],
  ["jsign's storepass", `${KEY}|/tmp/client.p12|${PASSWORD}`],
  ["jsign's storepass in base64", base64(`${KEY}|/tmp/client.p12|${PASSWORD}`)],
  ['the token', 'ghs_0123456789abcdefghij'],
  ['the P12 in base64', INPUTS.p12],
  ['the P12 in base64 of 64 columns with CRLF', wrapped(INPUTS.p12, 64, '\r\n')],
  ['the P12 in base64 of 76 columns, in JSON', JSON.stringify(wrapped(INPUTS.p12, 76, '\n'))],
  ['a line of the P12', INPUTS.p12.slice(128, 192)],
  ['the P12 in base64url', P12.toString('base64url')],
  ['the P12 in hex', P12.toString('hex')],
  ['the P12 in base64 twice', base64(INPUTS.p12)],
  ['the password of the proxy', 'pa/ss-012345'],
  ['the password of the proxy, escaped', 'pa%2Fss-012345'],
  ['the credentials of the proxy', `Proxy-Authorization: Basic ${base64('us@er:pa/ss-012345')}`],
]

test('what shows nothing passes', () => {
  expect(
    showing({ log: 'Issued "ci-1".', summary: '| a | b |', outputs: { 'p12-password': PASSWORD } }),
  ).not.toThrow()
})

describe.each(FORMS)('%s', (_name, text) => {
  test.each<[string, Partial<StepResult>]>([
    ['log', { log: `a ${text} b` }],
    ['raw log', { raw: `a ${text} b` }],
    ['summary', { summary: `a ${text} b` }],
    ['annotations', { annotations: [{ level: 'notice', title: '', message: `a ${text} b` }] }],
    ['outputs', { outputs: { name: text } }],
    ['environment', { env: { SM_HOST: text } }],
    ['state', { state: { directory: text } }],
    ['path', { path: [text] }],
  ])('finds it in the %s', (place, part) => {
    expect(showing(part)).toThrow(`${place} shows `)
  })
})

/** May belong to a certificate, which has its own file. */
const PART = 'a line of the P12'

test.each(FORMS.filter(([name]) => name !== PART))('finds %s in a file that was left', (_name, text) => {
  const path = join(folder, 'left.txt')
  writeFileSync(path, text)
  try {
    expect(showing({})).toThrow('file left.txt shows ')
  } finally {
    rmSync(path)
  }
})

test('finds whatever was masked, even when not told: a random password, say', () => {
  expect(
    showing({ raw: '::add-mask::random-password-1\nrandom-password-1', masks: ['random-password-1'] }),
  ).toThrow('raw log shows what was masked')
})

test.each(['rsa', 'ec'] as const)('looks for every private number of an %s key, and no public one', type => {
  const { privateKey, publicKey } =
    type === 'rsa'
      ? generateKeyPairSync(type, { modulusLength: 2048 })
      : generateKeyPairSync(type, { namedCurve: 'P-256' })
  const { forms } = secretKey('the key', privateKey)
  const found = (text: string) => forms.some(form => text.includes(form.text))
  const jwk = Object.entries(privateKey.export({ format: 'jwk' })).filter(([name]) =>
    /^(d|p|q|dp|dq|qi)$/.test(name),
  )
  expect(jwk).toHaveLength(type === 'rsa' ? 6 : 1)
  for (const [, value] of jwk)
    expect(found(Buffer.from(String(value), 'base64url').toString('hex'))).toBe(true)
  expect(found(privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'))).toBe(true)
  expect(found(publicKey.export({ type: 'spki', format: 'der' }).toString('hex'))).toBe(false)
})

describe('masks', () => {
  const masked = (lines: string[], masks: string[]) => () =>
    expectMaskedFirst({ ...NOTHING, raw: lines.join('\n'), masks }, { inputs: INPUTS, env: ENV })
  const all = [KEY, INPUTS.p12, PASSWORD, INPUTS['github-token'], 'pa/ss-012345', 'us@er:pa/ss-012345']

  test('that come first pass', () => {
    expect(masked([...all.map(mask => `::add-mask::${mask}`), 'hello'], all)).not.toThrow()
  })

  test.each(all.map((_, index) => index))('of which number %i is missing or late fail', index => {
    const others = all.filter((_, at) => at !== index)
    expect(masked([...others.map(mask => `::add-mask::${mask}`), 'hello'], others)).toThrow(
      'not masked before: hello',
    )
    const late = [...others.map(mask => `::add-mask::${mask}`), 'hello', `::add-mask::${all[index]}`]
    expect(masked(late, [...others, all[index] ?? ''])).toThrow('not masked before: hello')
  })

  test.each(['', 'x', '  a ', 'long enough\n=', 'a\n\nb'])(
    'like %j, with one very short line, fail',
    mask => {
      expect(masked([...all.map(one => `::add-mask::${one}`), 'hello'], [...all, mask])).toThrow(
        'hide ordinary words',
      )
    },
  )
})
