import { expect, test } from '@jest/globals'
import { helpLink, renderFailure, renderFallback, renderSummary } from '../../../src/action/summary.ts'
import { ActionError } from '../../../src/errors.ts'
import type { Delivered } from '../../../src/operations/deliver.ts'
import type { CodeSigningCertificate } from '../../../src/operations/preflight/types.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const HOSTILE = '<img src=x> | [a](https://evil.example) `b` **c** @d\n| x |'

const ISSUED: Delivered = {
  mode: 'issue',
  facts: {
    serialNumber: 'AB01',
    publicKey: '',
    fingerprintSha256: 'ff',
    subject: 'CN=job',
    issuer: 'CN=CA',
    notBefore: NOW,
    notAfter: new Date('2026-06-02T12:00:00Z'),
  },
  name: 'job-1',
  certificateId: 'id-1',
  user: { id: 'u-1', name: 'Builder' },
  verified: true,
  permissions: [],
  password: 'never shown',
  files: { p12: '/p', certificate: '/c', chain: '', key: '', signingCertificate: '' },
  signing: undefined,
  clientauthUrl: 'https://clientauth.one.example',
  daysRemaining: 1,
  expiring: false,
}
const ENV = { GITHUB_ACTION_REPOSITORY: 'acme/digicert', GITHUB_ACTION_REF: 'v1' }
const LINK = 'https://github.com/acme/digicert/blob/v1/docs/troubleshooting.md'
const END = { cleanup: true, disableAfterJob: true }

/** The rows of both tables, in order: the visible ones, and the collapsed ones. */
function tables(changes: Partial<Delivered> = {}, end = END): Record<string, string>[] {
  const markdown = renderSummary({ ...ISSUED, ...changes }, end, NOW)
  expect(markdown).not.toMatch(/^\|[ |]*$/m)
  const [open = '', folded = ''] = markdown.split('<details><summary>Nickname, ids and issuer</summary>')
  expect(folded.trim()).toMatch(/<\/details>$/)
  return [open, folded].map(part => {
    const cells = part.matchAll(/^\| (\w[^|]*) \| ([^|]+) \|$/gm)
    return Object.fromEntries([...cells].map(([, name = '', value = '']) => [name, value]))
  })
}

const rows = (changes: Partial<Delivered> = {}, end = END) => Object.assign({}, ...tables(changes, end))

test('four rows: until when, for whom, what signs, and what happens at the end; ids are grouped', () => {
  expect(tables()).toEqual([
    {
      'Valid until': '**2026-06-02 12:00 UTC** (1 day left)',
      'User and host': 'Builder at <code>clientauth.one.example</code><br>✅ verified over mTLS',
      'Can sign with': '⚪ not verified: no `keypair-alias` is set',
      'At the end of the job': 'the certificate is disabled, the files are deleted',
    },
    {
      Nickname: '<code>job-1</code>',
      Subject: '<code>CN=job</code>',
      'Serial number': '<code>AB01</code>',
      'DigiCert id': '<code>id-1</code>',
      Issuer: '<code>CN=CA</code>',
    },
  ])
  expect(Object.keys(tables()[0] ?? {})).toHaveLength(4)
})

test('names what later steps can sign with, whose it is, and for how long', () => {
  const signed = { ...ISSUED.facts, notAfter: new Date('2026-07-01T12:00:00Z') }
  const certificate = { facts: signed, signer: 'Example Inc (EV)', expiring: true } as CodeSigningCertificate
  const signing = { keypairId: 'k', keypairAlias: 'release', certificateAlias: 'c', certificate }
  expect(rows({ signing })['Can sign with']).toBe(
    '✅ <code>release</code><br>Example Inc &#40;EV&#41;, expires in 30 days ⚠️ expires soon',
  )
  const unread = { ...signing, keypairAlias: '', certificate: undefined }
  expect(rows({ signing: unread })['Can sign with']).toBe('✅ <code>c</code>')
})

test.each([
  [{ cleanup: true, disableAfterJob: false }, '⚠️ the certificate stays enabled, the files are deleted'],
  [{ cleanup: false, disableAfterJob: true }, 'the certificate is disabled, ⚠️ the files stay'],
])('mentions %j', (end, expected) => {
  expect(rows({}, end)['At the end of the job']).toBe(expected)
})

test('a stored one has no id, and stays enabled without comment', () => {
  const stored = rows({ mode: 'stored', certificateId: '', name: '', expiring: true })
  expect(stored).not.toHaveProperty('DigiCert id')
  expect(stored).not.toHaveProperty('Nickname')
  expect(stored.Subject).toBe('<code>CN=job</code>')
  expect(stored['Valid until']).toContain('expires soon')
  expect(stored['At the end of the job']).toBe('the files are deleted')
})

test('does not call verified what was not', () => {
  const text = rows({ verified: false, user: undefined })['User and host']
  expect(text).toContain('unknown user')
  expect(text).toContain('⚪ not verified (`verify: false`)')
})

test('lists permissions', () => {
  expect(rows({ permissions: ['SIGN_SM_HASH'] })['User and host']).toContain(
    '✅ verified over mTLS, has <code>SIGN_SM_HASH</code>',
  )
})

test('never contains the password', () => {
  expect(renderSummary(ISSUED, END, NOW)).not.toContain('never shown')
})

test('whatever the names from the server, the table stays a table', () => {
  const facts = { ...ISSUED.facts, subject: HOSTILE, issuer: HOSTILE, serialNumber: HOSTILE }
  const user = { id: HOSTILE, name: HOSTILE }
  const all = { facts, user, name: HOSTILE, certificateId: HOSTILE, permissions: [HOSTILE] }
  expect(Object.keys(rows(all))).toEqual(Object.keys(rows()))
  expect(renderSummary({ ...ISSUED, ...all }, END, NOW)).not.toMatch(/<img|\]\(|https:\/\/|@d|\*\*c/)
})

test('shows a fallback in the same words, and with the code', () => {
  const words = { what: 'It expired.', why: HOSTILE, fix: 'Replace it.' }
  const text = renderFallback(new ActionError('CERT_EXPIRED', words), ENV)
  expect(text).toMatch(
    /^### ⚠️ Stored P12 not used: CERT_EXPIRED\n\nThe stored P12 cannot be used, so this step issues a certificate for this job instead\.\n\nIt expired\.\n/,
  )
  expect(text).toContain('- **Fix:** Replace it.')
  expect(text).toContain(`- **More:** ${LINK}#cert_expired`)
  expect(text.replace(LINK, '')).not.toMatch(/<img|\]\(|@d/)
})

test('shows a failure in the same words', () => {
  const text = renderFailure(
    new ActionError('TIMEOUT', { what: 'No response.', why: HOSTILE, fix: 'Wait.' }),
    ENV,
  )
  expect(text).toMatch(/^### ❌ Client certificate: TIMEOUT\n\nNo response\.\n/)
  expect(text).toContain(
    '- **More:** https://github.com/acme/digicert/blob/v1/docs/troubleshooting.md#timeout',
  )
  expect(text.replace(/\*\*More.*/, '')).not.toMatch(/<img|\]\(|@d/)
})

test.each([
  [{}, 'docs/troubleshooting.md#timeout'],
  [
    { GITHUB_ACTION_REPOSITORY: 'a/b', GITHUB_ACTION_REF: 'x) y', GITHUB_SERVER_URL: 'https://ghe.example' },
    'https://ghe.example/a/b/blob/x%29%20y/docs/troubleshooting.md#timeout',
  ],
])('links to the section, wherever the action comes from: %j', (env, link) => {
  expect(helpLink('TIMEOUT', env)).toBe(link)
})
