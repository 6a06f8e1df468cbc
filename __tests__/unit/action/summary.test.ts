import { expect, test } from '@jest/globals'
import { renderFailure, renderFallback, renderSummary } from '../../../src/action/summary.ts'
import { ActionError } from '../../../src/errors.ts'
import type { Delivered } from '../../../src/operations/deliver.ts'

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
const END = { cleanup: true, disableAfterJob: true }

function rows(changes: Partial<Delivered> = {}, end = END): Record<string, string> {
  const lines = renderSummary({ ...ISSUED, ...changes }, end, NOW).split('\n')
  const table = lines
    .filter(line => line.startsWith('|'))
    .map(line => line.split('|').map(cell => cell.trim()))
  for (const row of table) expect(row).toHaveLength(4)
  return Object.fromEntries(table.map(([, name = '', value = '']) => [name, value]))
}

test('what was issued, for whom, until when, proven or not, and what happens at the end', () => {
  expect(rows()).toMatchObject({
    Certificate: '<code>job-1</code><br><code>CN=job</code>',
    For: 'Builder at <code>clientauth.one.example</code>',
    'Valid until': '**2026-06-02 12:00 UTC** (1 day left)',
    mTLS: '✅ proven',
    'Serial number': '<code>AB01</code>',
    'DigiCert id': '<code>id-1</code>',
    Issuer: '<code>CN=CA</code>',
    'At the end of the job': 'the certificate is disabled, the files are deleted',
  })
})

test.each([
  [{ cleanup: true, disableAfterJob: false }, '⚠️ the certificate stays enabled, the files are deleted'],
  [{ cleanup: false, disableAfterJob: true }, 'the certificate is disabled, ⚠️ the files stay'],
])('%j is said', (end, expected) => {
  expect(rows({}, end)['At the end of the job']).toBe(expected)
})

test('a stored one has no id, and stays enabled without a word', () => {
  const stored = rows({ mode: 'stored', certificateId: '', name: '', expiring: true })
  expect(stored).not.toHaveProperty('DigiCert id')
  expect(stored.Certificate).toBe('<code>CN=job</code>')
  expect(stored['Valid until']).toContain('ends soon')
  expect(stored['At the end of the job']).toBe('the files are deleted')
})

test('what was not proven is not called proven', () => {
  expect(rows({ verified: false, user: undefined })).toMatchObject({
    mTLS: expect.stringContaining('not checked'),
    For: expect.stringContaining('unknown user'),
  })
})

test('permissions are named', () => {
  expect(rows({ permissions: ['SIGN_SM_HASH'] }).mTLS).toBe('✅ proven, may <code>SIGN_SM_HASH</code>')
})

test('the password is never in it', () => {
  expect(renderSummary(ISSUED, END, NOW)).not.toContain('never shown')
})

test('whatever the server calls things, the table stays a table', () => {
  const facts = { ...ISSUED.facts, subject: HOSTILE, issuer: HOSTILE, serialNumber: HOSTILE }
  const user = { id: HOSTILE, name: HOSTILE }
  const all = { facts, user, name: HOSTILE, certificateId: HOSTILE, permissions: [HOSTILE] }
  expect(Object.keys(rows(all))).toEqual(Object.keys(rows()))
  expect(renderSummary({ ...ISSUED, ...all }, END, NOW)).not.toMatch(/<img|\]\(|https:\/\/|@d|\*\*c/)
})

test('a fallback stands there in the same words, and with the code', () => {
  const words = { what: 'It expired.', why: HOSTILE, fix: 'Replace it.' }
  const text = renderFallback(new ActionError('CERT_EXPIRED', words))
  expect(text).toMatch(
    /^### ⚠️ Stored P12 not used: CERT_EXPIRED\n\nThe stored P12 cannot be used, so this step issues a certificate for this job instead\.\n\nIt expired\.\n/,
  )
  expect(text).toContain('- **Fix:** Replace it.')
  expect(text).not.toMatch(/<img|\]\(|@d/)
})

test('a failure stands there in the same words', () => {
  const text = renderFailure(new ActionError('TIMEOUT', { what: 'No answer.', why: HOSTILE, fix: 'Wait.' }))
  expect(text).toMatch(/^### ❌ Client certificate: TIMEOUT\n\nNo answer\.\n/)
  expect(text).not.toMatch(/<img|\]\(|@d/)
})
