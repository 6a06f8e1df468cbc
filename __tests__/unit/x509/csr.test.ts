import { createPublicKey } from 'node:crypto'
import { beforeAll, expect, test } from '@jest/globals'
import forge from 'node-forge'
import { createCsr } from '../../../src/x509/csr.ts'
import { generateKey } from '../../../src/x509/key.ts'
import { parseSubject } from '../../../src/x509/subject.ts'

let key: Awaited<ReturnType<typeof generateKey>>

beforeAll(async () => {
  key = await generateKey(2048)
})

test('the request contains the subject and the key, and a signature that shows the key is ours', () => {
  const pem = createCsr(
    key,
    parseSubject('CN=Signing Service,OU=Lučić,O=Example\\, Inc.,L=Lehi,ST=Utah,C=US'),
  )
  const request = forge.pki.certificationRequestFromPem(pem)
  expect(request.verify()).toBe(true)
  expect(request.siginfo.algorithmOid).toBe(forge.pki.oids.sha256WithRSAEncryption)
  expect(request.subject.attributes.map(({ shortName, value }) => [shortName, value])).toEqual([
    ['C', 'US'],
    ['ST', 'Utah'],
    ['L', 'Lehi'],
    ['O', 'Example, Inc.'],
    ['OU', forge.util.encodeUtf8('Lučić')],
    ['CN', 'Signing Service'],
  ])
  const spki = createPublicKey(key).export({ format: 'pem', type: 'spki' })
  if (request.publicKey === null) throw new Error('no public key')
  expect(forge.pki.publicKeyToPem(request.publicKey as forge.pki.rsa.PublicKey).replaceAll('\r', '')).toBe(
    spki,
  )
})

test('a country is a PrintableString and the rest are UTF8Strings', () => {
  const der = Buffer.from(
    createCsr(key, parseSubject('CN=x,C=US')).replace(/-----.*-----|\s/g, ''),
    'base64',
  ).toString('hex')
  expect(der).toContain('060355040613025553') // OID C, PrintableString US
  expect(der).toContain('06035504030c0178') // OID CN, UTF8String x
})

test('the request is PEM with lines of 64 characters and a line break at its end', () => {
  const lines = createCsr(key, parseSubject('CN=x')).split('\n')
  expect(lines[0]).toBe('-----BEGIN CERTIFICATE REQUEST-----')
  expect(lines.slice(-2)).toEqual(['-----END CERTIFICATE REQUEST-----', ''])
  expect(lines.slice(1, -3).every(line => line.length === 64)).toBe(true)
})
