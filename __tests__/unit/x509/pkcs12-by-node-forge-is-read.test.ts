import { expect, test } from '@jest/globals'
import forge from 'node-forge'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import { testChain } from '../../support/p12-certificates.ts'

const { key, certificate, intermediate } = testChain('rsa')

interface Options {
  algorithm: string
  prfAlgorithm?: string
  useMac?: boolean
}

function write(password: string, options: Options): Buffer {
  const forgeKey = forge.pki.privateKeyFromPem(key.export({ format: 'pem', type: 'pkcs1' }).toString())
  const chain = [certificate, intermediate].map(one => forge.pki.certificateFromPem(one.toString()))
  const asn1 = forge.pkcs12.toPkcs12Asn1(forgeKey, chain, password, {
    count: 100,
    friendlyName: 'Signing',
    ...options,
  } as never)
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1')
}

const OPTIONS: Options[] = [
  { algorithm: '3des' },
  { algorithm: 'aes128' },
  { algorithm: 'aes256', prfAlgorithm: 'sha256' },
  { algorithm: 'aes256', useMac: false },
]

/** Characters of one byte, of two, of two in every place of a word, and more of them than a block of HMAC. */
const PASSWORDS = ['secret', '', 'pässwörd', 'пароль', 'xжxxжxxжx', `密码🔑${'long '.repeat(20)}ж`]

for (const password of PASSWORDS) {
  test.each(OPTIONS)(`under the password ${password}: %j`, async options => {
    const opened = await decodePkcs12(write(password, options), password)
    expect(opened.certificate.fingerprint256).toBe(certificate.fingerprint256)
    expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
    expect(opened.chain.map(one => one.subject)).toEqual(['CN=Test Issuing CA'])
    expect(opened.friendlyName).toBe('Signing')
  })
}
