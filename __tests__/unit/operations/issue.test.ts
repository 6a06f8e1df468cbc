import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../src/digicert/clientauth.ts'
import { PrivateDirectory } from '../../../src/files.ts'
import type { IssueRequest } from '../../../src/operations/issue.ts'
import { issue } from '../../../src/operations/issue.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { testCertificate, testKey } from '../../support/p12-certificates.ts'
import { fakePorts } from '../../support/ports.ts'

const key = testKey('rsa')
/** The fake clock stands at 12:00; the request is for one hour. */
const LIFE = { notBefore: new Date('2026-06-01T12:00:00Z'), notAfter: new Date('2026-06-01T13:00:00Z') }
const REQUEST: IssueRequest = {
  mode: 'issue',
  encryption: 'auto',
  writeKey: false,
  verify: true,
  requirePermissions: [],
  namePrefix: 'job',
  subject: undefined,
  validitySeconds: 3600,
  keySize: 2048,
  password: 'correct-horse-pw',
}

function issuing(changes: Partial<FakeDigicert> = {}, certificate = testCertificate({ key, ...LIFE })) {
  return fakeDigicert({
    request: ({ nickname }) => record('new', { name: nickname, certificate: certificate.toString() }),
    ...changes,
  })
}

async function run(digicert: FakeDigicert, changes: Partial<IssueRequest> = {}) {
  const masked: { what: string; asked: number }[] = []
  const note = (what: string) => void masked.push({ what, asked: digicert.calls.length })
  const directory = PrivateDirectory.plan(mkdtempSync(join(tmpdir(), 'issue-')), 'one')
  const { clock, random, log } = fakePorts()
  const outcome = await issue({ ...REQUEST, ...changes }, Promise.resolve(key), {
    digicert: digicert.as,
    clock,
    random,
    log,
    ledger: { asking: () => undefined, settled: () => undefined, issued: () => undefined },
    mask: { text: note, bytes: () => note('the P12'), privateKey: () => note('the key') },
    directory,
  })
    .then(delivered => ({ delivered, error: undefined }))
    .catch((error: unknown) => ({ delivered: undefined, error }))
  return { ...outcome, masked, calls: digicert.calls, files: filesOf(directory.path), log }
}

function filesOf(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

const refuses = () => {
  throw new CertificateRefused('403.', undefined)
}

test('requests, verifies, and hands over a P12 that opens', async () => {
  const { delivered, calls, files } = await run(issuing())
  expect(calls).toEqual([expect.stringMatching(/^POST job-/), 'VERIFY'])
  expect(files).toEqual(['client.crt', 'client.p12'])
  expect(delivered).toMatchObject({ verified: true, certificateId: 'new', user: { id: 'user-1' } })
  const p12 = await decodePkcs12(readFileSync(delivered?.files.p12 ?? ''), 'correct-horse-pw')
  expect(p12.certificate.checkPrivateKey(key)).toBe(true)
  expect(p12.algorithms.join()).toContain('PBES2')
})

test('masks password and key before any request, and the P12 before it is on disk', async () => {
  const { masked } = await run(issuing())
  expect(masked).toEqual([
    { what: 'correct-horse-pw', asked: 0 },
    { what: 'the key', asked: 0 },
    { what: 'the P12', asked: expect.any(Number) },
  ])
})

test('masks a random password too, and makes another one each time', async () => {
  const { delivered, masked } = await run(issuing(), { password: undefined })
  expect(delivered?.password).toMatch(/^[A-Za-z0-9]{40}$/)
  expect(masked[0]).toEqual({ what: delivered?.password, asked: 0 })
})

test('writes the key only on request', async () => {
  const { files, delivered } = await run(issuing(), { writeKey: true })
  expect(files).toEqual(['client.crt', 'client.key', 'client.p12'])
  expect(readFileSync(delivered?.files.key ?? '', 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/)
})

test("neither tries nor hands over a certificate for somebody else's key", async () => {
  const foreign = testCertificate({ key: testKey('rsa', 'other'), ...LIFE })
  const { error, calls, files } = await run(issuing({}, foreign))
  expect(error).toMatchObject({
    code: 'CERT_KEY_MISMATCH',
    message: expect.stringContaining('a different key'),
  })
  expect(calls).toEqual([expect.stringMatching(/^POST /)])
  expect(files).toEqual([])
})

test('a response without a certificate leaves nothing to try', async () => {
  const digicert = fakeDigicert({ request: ({ nickname }) => record('new', { name: nickname }) })
  const { error, files } = await run(digicert)
  expect(error).toMatchObject({ code: 'RESPONSE_INVALID', message: expect.stringContaining('x509_cert') })
  expect(files).toEqual([])
})

test('one that the mTLS host never accepts leaves no file', async () => {
  const { error, files } = await run(issuing({ verify: refuses }))
  expect(error).toMatchObject({ code: 'CERT_REFUSED', message: expect.stringContaining('given 30.0 s') })
  expect(files).toEqual([])
})

test('hands over one that it accepts after a moment', async () => {
  let asked = 0
  const { delivered, calls } = await run(issuing({ verify: () => (++asked < 3 ? refuses() : undefined) }))
  expect(delivered?.verified).toBe(true)
  expect(calls.filter(call => call === 'VERIFY')).toHaveLength(3)
})

test('one that expires earlier than requested is a notice with both dates', async () => {
  const notAfter = new Date('2026-06-01T12:30:00Z')
  const { delivered, log } = await run(issuing({}, testCertificate({ key, ...LIFE, notAfter })))
  expect(delivered?.facts.notAfter).toEqual(notAfter)
  expect(log.of('notice')).toEqual([
    expect.stringMatching(
      /expire on 2026-06-01 12:30 UTC, earlier than requested \(2026-06-01 13:00 UTC\)\.$/,
    ),
  ])
})

test('logs one that lasts to the end of its last day, without a notice on every job', async () => {
  const notAfter = new Date('2026-06-01T23:59:59Z')
  const { log } = await run(issuing({}, testCertificate({ key, ...LIFE, notAfter })))
  expect(log.of('notice')).toEqual([])
  expect(log.of('info')).toContainEqual(
    expect.stringMatching(/expire on 2026-06-01 23:59 UTC, later than requested/),
  )
})

test('one that expires as requested gets no notice', async () => {
  const { log } = await run(issuing())
  expect(log.of('notice')).toEqual([])
})

test('a permission that the user lacks leaves no file', async () => {
  const { error, files } = await run(issuing(), { requirePermissions: ['SIGN_SM_HASH'] })
  expect(error).toMatchObject({
    code: 'PERMISSION_MISSING',
    message: expect.stringContaining('SIGN_SM_HASH'),
  })
  expect(files).toEqual([])
})

test('without verification, it does not claim to work, and the user comes from the record', async () => {
  const { delivered, calls } = await run(issuing({ verify: refuses }), { verify: false })
  expect(calls).toEqual([expect.stringMatching(/^POST /)])
  expect(delivered).toMatchObject({ verified: false, user: { id: 'user-1', name: '' } })
})

test.each([
  ['p|pe-correct-horse', /contains the character \|, at which jsign splits/],
  ['correct-horse-\u{1f40e}', /Java programs such as jsign and Go programs such as smctl cannot read/],
])("warns about the user's password %j: some signing tools cannot take it", async (password, words) => {
  const { delivered, log } = await run(issuing(), { password })
  expect(delivered?.password).toBe(password)
  expect(log.of('warning')).toEqual([expect.stringMatching(words)])
  expect(log.of('warning').join()).not.toContain(password)
})

test.each(['correct-horse-pw', undefined])('does not warn about the password %j', async password => {
  expect((await run(issuing(), { password })).log.of('warning')).toEqual([])
})
