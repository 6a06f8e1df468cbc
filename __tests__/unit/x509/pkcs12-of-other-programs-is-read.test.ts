import { expect, test } from '@jest/globals'
import { readP12Text } from '../../../src/x509/pkcs12/text.ts'
import { decodePkcs12 } from '../../../src/x509/pkcs12.ts'
import { FILE_VECTORS, readVector } from '../../support/p12-vectors.ts'
import { writePkcs12 } from '../../support/written-p12.ts'

test.each(FILE_VECTORS)('$file: reads key, leaf and chain, and the P12 written from it', async vector => {
  const { chain = 0, keyType = 'rsa', asIs = true } = vector
  const opened = await decodePkcs12(readP12Text(readVector(vector.file).toString('base64')), vector.password)
  expect(opened.certificate.checkPrivateKey(opened.privateKey)).toBe(true)
  expect(`${opened.certificate.subject}\n`).toContain(`${vector.commonName}\n`)
  expect(opened.chain).toHaveLength(chain)
  const [issuer] = opened.chain
  if (issuer !== undefined) expect(opened.certificate.checkIssued(issuer)).toBe(true)
  expect(opened.privateKey.asymmetricKeyType).toBe(keyType)
  if (vector.friendlyName !== undefined) expect(opened.friendlyName).toBe(vector.friendlyName)
  expect(opened.portability.mendable.length === 0).toBe(asIs)
  for (const encryption of ['modern', 'legacy'] as const) {
    const again = await decodePkcs12(await writePkcs12({ ...opened, encryption }), opened.password)
    expect(again.certificate.fingerprint256).toBe(opened.certificate.fingerprint256)
    expect(again.privateKey.equals(opened.privateKey)).toBe(true)
    expect(again.portability.mendable).toEqual([])
  }
})

test.each([
  ['rfc9879-a4', 'P12_PASSWORD', 'iteration count'],
  ['rfc9879-a5', 'P12_PASSWORD', 'salt'],
  ['rfc9879-a6', 'P12_MALFORMED', 'length of the key'],
])('%s: the MAC does not match, because of its %s', async (file, code) => {
  await expect(decodePkcs12(readVector(file), '1234')).rejects.toMatchObject({ code })
})
