import type { KeyObject, X509Certificate } from 'node:crypto'
import { type CertificateRecord, invalidResponse } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import { orderChain, parsePemCertificates } from '../x509/certificate.ts'

/**
 * The certificate and its chain, once it is certain that they belong to our key.
 * @throws ActionError RESPONSE_INVALID, CERT_KEY_MISMATCH
 */
export function readIssued(
  record: CertificateRecord,
  privateKey: KeyObject,
): { certificate: X509Certificate; chain: X509Certificate[] } {
  const [certificate, ...rest] = readPem(record.certificate)
  if (certificate === undefined) throw invalidResponse('no certificate in x509_cert')
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ActionError('CERT_KEY_MISMATCH', {
      what: 'The server issued a certificate for another key than the one that this step made.',
      why: 'A proxy or a cache answered with an older response.',
      fix: 'Run the job again; make sure that no cache sits between the runner and DigiCert ONE.',
    })
  }
  return { certificate, chain: orderChain(certificate, [...rest, ...readPem(record.caCertificates)]) }
}

function readPem(pem: string): X509Certificate[] {
  try {
    return parsePemCertificates(pem)
  } catch (cause) {
    throw invalidResponse('a certificate that cannot be read', cause)
  }
}
