import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { expect, test } from '@jest/globals'
import { CertificateRefused } from '../../../src/digicert/clientauth.ts'
import { PrivateDirectory } from '../../../src/files.ts'
import { TLS } from '../../../src/net/tls.ts'
import { pemIdentity, privateKeyPem } from '../../../src/operations/deliver.ts'
import type { StoredRequest } from '../../../src/operations/stored.ts'
import { useStored } from '../../../src/operations/stored.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import { type FakeDigicert, fakeDigicert, record } from '../../support/fake-digicert.ts'
import { inDays, inUse, KEY, PASSWORD } from '../../support/in-use.ts'
import {
  certBag,
  keyBag,
  mac,
  pbes2,
  pfx,
  pkcs12Pbe,
  plainSafe,
  shroudedKeyBag,
} from '../../support/p12-builder.ts'
import { extendedKeyUsage, type Name, testCertificate, testKey } from '../../support/p12-certificates.ts'
import { fakePorts } from '../../support/ports.ts'
import { writePkcs12 } from '../../support/written-p12.ts'

const DAY = 86_400
const { p12: P12, record: RECORD } = await inUse(200)

async function run(changes: Partial<StoredRequest> = {}, digicert: FakeDigicert = fakeDigicert()) {
  const masked: { what: string; asked: number }[] = []
  const note = (what: string) => void masked.push({ what, asked: digicert.calls.length })
  const directory = PrivateDirectory.plan(mkdtempSync(join(tmpdir(), 'stored-')), 'one')
  const { clock, random, log } = fakePorts()
  const request: StoredRequest = {
    mode: 'stored',
    p12: P12,
    password: PASSWORD,
    encryption: 'auto',
    writeKey: false,
    verify: true,
    requirePermissions: [],
    warnWithinSeconds: 30 * DAY,
    failWithinSeconds: 0,
    ...changes,
  }
  const outcome = await useStored(request, {
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

test('hands over what works everywhere byte for byte', async () => {
  const { delivered, calls, files, log } = await run()
  expect(readFileSync(delivered?.files.p12 ?? '').equals(P12)).toBe(true)
  expect(files).toEqual(['client.crt', 'client.p12'])
  expect(delivered).toMatchObject({ verified: true, password: PASSWORD, expiring: false, daysRemaining: 200 })
  expect(calls).toEqual(['VERIFY'])
  expect([...log.of('warning'), ...log.of('notice')]).toEqual([])
})

test('masks key and P12 before any request to the mTLS host', async () => {
  const { masked } = await run()
  expect(masked).toEqual([
    { what: 'the key', asked: 0 },
    { what: 'the P12', asked: 0 },
  ])
})

test('rewrites what OpenSSL 3 cannot read under the same password, with a notice', async () => {
  const certificate = testCertificate({ key: KEY, notBefore: inDays(-1), notAfter: inDays(200) })
  const old = pfx(
    [plainSafe(certBag(certificate), shroudedKeyBag(KEY, pkcs12Pbe(PASSWORD, 'rc2-40')))],
    mac({ password: PASSWORD }),
  )
  const { delivered, log } = await run({ p12: old })
  const written = readFileSync(delivered?.files.p12 ?? '')
  expect(written.equals(old)).toBe(false)
  const opened = await decodePkcs12(written, PASSWORD)
  expect(opened.algorithms.join()).toContain('PBES2')
  expect(opened.certificate.fingerprint256).toBe(certificate.fingerprint256)
  expect(log.of('notice')).toEqual([expect.stringMatching(/AES-256/)])
})

test('uses a requested encryption without a notice', async () => {
  const { delivered, log } = await run({ encryption: 'legacy' })
  const opened = await decodePkcs12(readFileSync(delivered?.files.p12 ?? ''), PASSWORD)
  expect(opened.algorithms.join()).toContain('3DES')
  expect(log.of('notice')).toEqual([])
})

test('a wrong password stops it before it requests or writes anything', async () => {
  const { error, calls, files } = await run({ password: 'not this one' })
  expect(error).toMatchObject({ code: 'P12_PASSWORD' })
  expect({ calls, files }).toEqual({ calls: [], files: [] })
})

test('drops a line break after the password, and says so', async () => {
  const { delivered, log } = await run({ password: `${PASSWORD}\n` })
  expect(delivered?.password).toBe(PASSWORD)
  expect(log.of('warning')).toEqual([expect.stringMatching(/'p12-password' ends in a line break/)])
})

test.each([
  [-1, {}, 'CERT_EXPIRED'],
  [10, { failWithinSeconds: 20 * DAY }, 'CERT_EXPIRING'],
])('one with %i days left (%j): %s, without a request to the mTLS host', async (days, changes, code) => {
  const { error, calls, files } = await run({ p12: (await inUse(days)).p12, ...changes })
  expect(error).toMatchObject({ code })
  expect({ calls, files }).toEqual({ calls: [], files: [] })
})

test('uses one that expires soon, with a warning that says when', async () => {
  const { delivered, log } = await run({ p12: (await inUse(10)).p12 })
  expect(delivered).toMatchObject({ expiring: true, daysRemaining: 10 })
  expect(log.of('warning')).toEqual([expect.stringContaining('expires in 10 days, on 2026-06-11 12:00 UTC')])
})

test('one that is refused is not handed over, and the records say why', async () => {
  const records = [{ ...RECORD, enabled: false }]
  const { error, files } = await run({}, fakeDigicert({ records, verify: refuses }))
  expect(error).toMatchObject({ code: 'CERT_DISABLED' })
  expect(files).toEqual([])
})

test('a diagnosis that fails hides nothing: what was seen is that it was refused', async () => {
  const list = () => {
    throw new TypeError('the list is broken')
  }
  const { error } = await run({}, fakeDigicert({ hasApiKey: false, list, verify: refuses }))
  expect(error).toMatchObject({ code: 'CERT_REFUSED' })
})

test('without an API key, verifies only the certificate', async () => {
  const userOfKey = () => {
    throw new TypeError('nobody should ask')
  }
  const { delivered } = await run({}, fakeDigicert({ hasApiKey: false, userOfKey }))
  expect(delivered?.verified).toBe(true)
})

test('an API key of another user is a warning that names both', async () => {
  const other = { id: 'user-2', name: 'Other', status: 'ACTIVE', permissions: [] }
  const { delivered, log } = await run({}, fakeDigicert({ userOfKey: () => other }))
  expect(delivered?.verified).toBe(true)
  expect(log.of('warning')).toEqual([expect.stringMatching(/"Other".*"Builder".*USERS_DIFFER/)])
})

test('without verification, makes no request and does not claim that it works', async () => {
  const { delivered, calls } = await run(
    { verify: false },
    fakeDigicert({ records: [record('x')], verify: refuses }),
  )
  expect(delivered).toMatchObject({ verified: false, user: undefined })
  expect(calls).toEqual([])
})

test('hands over the chain in the P12, leaf first, and as a file', async () => {
  const ca = testCertificate({ key: KEY, subject: [['2.5.4.3', 'CA']], ca: true, notAfter: inDays(900) })
  const certificate = testCertificate({
    key: KEY,
    issuer: { key: KEY, subject: [['2.5.4.3', 'CA']] },
    notBefore: inDays(-1),
    notAfter: inDays(200),
  })
  const contents = { privateKey: KEY, certificate, chain: [ca], password: PASSWORD }
  const { delivered, files } = await run({ p12: await writePkcs12({ ...contents, encryption: 'modern' }) })
  expect(files).toEqual(['ca.crt', 'client.crt', 'client.p12'])
  expect(readFileSync(delivered?.files.chain ?? '', 'utf8').trim()).toBe(ca.toString().trim())
  expect(readFileSync(delivered?.files.certificate ?? '', 'utf8').trim()).toBe(certificate.toString().trim())
})

test('drops a byte order mark before the password, says so, and masks the rest', async () => {
  const { delivered, log, masked } = await run({ password: `\ufeff${PASSWORD}` })
  expect(delivered?.password).toBe(PASSWORD)
  expect(log.of('warning')).toEqual([expect.stringMatching(/'p12-password' begins with a byte order mark/)])
  expect(masked[0]).toEqual({ what: PASSWORD, asked: 0 })
})

const PBES2 = pbes2({ password: Buffer.from(PASSWORD) })
const MAC = mac({ password: PASSWORD })

/** A pair for clients, and one for servers that lasts ten years. */
function twoPairs(order: 'client first' | 'server first'): Buffer {
  const server = testKey('p256', 'server')
  const serverName: Name = [['2.5.4.3', 'tomcat']]
  const dates = { notBefore: inDays(-1), notAfter: inDays(200) }
  const client = testCertificate({ key: KEY, ...dates, serial: 0xabn })
  const web = testCertificate({
    key: server,
    subject: serverName,
    serial: 0xcdn,
    notBefore: inDays(-1),
    notAfter: inDays(3650),
    extensions: [extendedKeyUsage('1.3.6.1.5.5.7.3.1')],
  })
  const bags = [
    [shroudedKeyBag(KEY, PBES2), certBag(client, { friendlyName: 'signing' })],
    [shroudedKeyBag(server, PBES2), certBag(web)],
  ]
  const inOrder = order === 'client first' ? bags : bags.reverse()
  return pfx([plainSafe(...inOrder.flat())], MAC)
}

test('when there was a choice, the log says which certificate is used and why not the other', async () => {
  const { delivered, log } = await run({ p12: twoPairs('server first') })
  expect(delivered?.facts.serialNumber).toBe('AB')
  expect(log.of('info')).toContain(
    'The P12 contains 2 certificates with a private key. Using "signing" (serial number AB). Passed over: CN=tomcat (serial number CD) is not for client authentication.',
  )
  expect((await run()).log.of('info').join()).not.toContain('Passed over')
})

test('rewrites a file of which OpenSSL takes another pair, and explains it', async () => {
  const { delivered, log } = await run({ p12: twoPairs('server first') })
  const [notice] = log.of('notice')
  expect(notice).toContain(
    'OpenSSL 3 and curl and Java programs such as jsign would use the first private key in it',
  )
  expect(notice).not.toMatch(/OpenSSL 3 and curl[^,]* cannot read/)
  const written = await decodePkcs12(readFileSync(delivered?.files.p12 ?? ''), PASSWORD)
  expect(written.passedOver).toEqual([])
  expect(written.portability.mendable).toEqual([])
  const [other] = (await run({ p12: twoPairs('client first') })).log.of('notice')
  expect(other).not.toContain('would use the first private key')
})

test('a rewritten P12 and chain-file contain the path of the certificate, and no other certificates', async () => {
  const root = { key: testKey('p256', 'root'), subject: [['2.5.4.3', 'Root']] as Name }
  const issuer = { key: testKey('p256', 'issuer'), subject: [['2.5.4.3', 'Issuer']] as Name }
  const dates = { notBefore: inDays(-1), notAfter: inDays(200) }
  const leaf = testCertificate({ key: KEY, issuer, ...dates })
  const path = [
    testCertificate({ ...issuer, issuer: root, ca: true, ...dates }),
    testCertificate({ ...root, ca: true, ...dates }),
  ]
  const strangers = Array.from({ length: 150 }, (_, index) =>
    testCertificate({ key: issuer.key, subject: [['2.5.4.3', `Root ${index}`]], ca: true, ...dates }),
  )
  const bags = [...strangers, ...path.toReversed(), leaf].map(one => certBag(one))
  const { delivered } = await run({ p12: pfx([plainSafe(...bags, keyBag(KEY))], MAC) })
  const prints = (certificates: X509Certificate[]) => certificates.map(one => one.fingerprint256)
  const written = await decodePkcs12(readFileSync(delivered?.files.p12 ?? ''), PASSWORD)
  expect(prints(written.chain)).toEqual(prints(path))
  const pem = readFileSync(delivered?.files.chain ?? '', 'utf8').match(
    /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g,
  )
  expect(prints((pem ?? []).map(block => new X509Certificate(block)))).toEqual(prints(path))
})

test('presents the path without its root, and without what OpenSSL refuses to present', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  const root = { key: testKey('rsa', 'root'), subject: [['2.5.4.3', 'Root']] as Name }
  const weak = { key: small, subject: [['2.5.4.3', 'Weak']] as Name }
  const issuer = { key: testKey('rsa', 'issuer'), subject: [['2.5.4.3', 'Issuer']] as Name }
  const leaf = testCertificate({ key: KEY, issuer })
  const chain = [
    testCertificate({ ...issuer, issuer: weak, ca: true }),
    testCertificate({ ...weak, issuer: root, ca: true }),
    testCertificate({ ...root, ca: true }),
  ]
  const identity = pemIdentity(privateKeyPem(KEY), leaf, chain)
  const blocks = identity.cert.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []
  expect(blocks.map(block => new X509Certificate(block).subject)).toEqual([leaf.subject, 'CN=Issuer'])
  createSecureContext({ ...TLS, ...identity })
  const all = [leaf, ...chain].map(String).join('')
  expect(() => createSecureContext({ ...TLS, key: identity.key, cert: all })).toThrow('key too small')
})
