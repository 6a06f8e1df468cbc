import type { KeyObject, X509Certificate } from 'node:crypto'
import { utcMinute } from '../dates.ts'
import { invalidResponse } from '../digicert/errors.ts'
import type { CertificateRecord } from '../digicert/records.ts'
import { ActionError } from '../errors.ts'
import type { BasicPorts } from '../ports.ts'
import {
  type CertificateFacts,
  orderChain,
  parsePemCertificates,
  readCertificate,
} from '../x509/certificate.ts'
import { readPrefix } from '../x509/der.ts'
import { KeyRefused } from '../x509/key-limits.ts'
import { describeRemaining } from '../x509/validity.ts'
import type { Obtained } from './obtain.ts'

/**
 * The certificate and its chain, once it is certain that they belong to our key. Of several certificates, only the key says which is the
 * one that was requested: some servers put the CA before it.
 * @throws ActionError RESPONSE_INVALID, CERT_KEY_MISMATCH
 */
export function readIssued(
  record: CertificateRecord,
  privateKey: KeyObject,
): { certificate: X509Certificate; chain: X509Certificate[] } {
  const issued = readCertificates(record.certificate)
  if (issued.length === 0) throw invalidResponse('no certificate in x509_cert')
  const all = [...issued, ...readCertificates(record.caCertificates)]
  const certificate = all.find(candidate => candidate.checkPrivateKey(privateKey))
  if (certificate === undefined) {
    throw new ActionError('CERT_KEY_MISMATCH', {
      what: 'The server issued a certificate for a different key than the one this step generated.',
      why: 'A proxy or a cache returned an older response.',
      fix: 'Run the job again, and make sure that nothing between the runner and DigiCert ONE caches responses.',
    })
  }
  return { certificate, chain: orderChain(certificate, all) }
}

/** PEM, or base64 of DER without armor; one certificate or several, one after the other. */
export function readCertificates(text: string): X509Certificate[] {
  try {
    return text.includes('-----BEGIN') ? parsePemCertificates(text) : splitDer(decodeBase64(text))
  } catch (cause) {
    const what = cause instanceof KeyRefused ? cause.message : 'a certificate that cannot be read'
    throw invalidResponse(what, cause)
  }
}

/** Each text of several is padded by itself, and Node stops reading at the first padding. */
function decodeBase64(text: string): Buffer {
  const parts = text.replace(/\s/g, '').split(/(?<==)(?!=)/)
  return Buffer.concat(parts.map(part => Buffer.from(part, 'base64')))
}

function splitDer(bytes: Buffer): X509Certificate[] {
  const certificates: X509Certificate[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const { length } = readPrefix(rest)
    certificates.push(readCertificate(rest.subarray(0, length)))
    rest = rest.subarray(length)
  }
  return certificates
}

/** Says what was issued, and where its dates are not those that were requested. */
export function tellIssued(
  { record, requestedEnd }: Obtained,
  { serialNumber, notAfter }: CertificateFacts,
  { log, clock }: Pick<BasicPorts, 'log' | 'clock'>,
): void {
  log.info(
    `Issued "${record.name}" (id ${record.id}, serial number ${serialNumber}), valid for ${describeRemaining(notAfter, clock.now())}.`,
  )
  const difference = notAfter.getTime() - requestedEnd.getTime()
  if (difference === 0) return
  const words = `DigiCert ONE lets "${record.name}" expire on ${utcMinute(notAfter)}, ${difference < 0 ? 'earlier' : 'later'} than requested (${utcMinute(requestedEnd)}).`
  // DigiCert ONE may count in whole days, which last until 23:59:59; then every job gets a later expiry.
  if (difference > 0) log.info(words)
  else log.notice(words)
}
