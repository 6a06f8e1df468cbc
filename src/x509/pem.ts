/** PEM armor (RFC 7468). */
import { X509Certificate } from 'node:crypto'
import { ActionError } from '../errors.ts'
import { checkCertificate, KeyRefused } from './key-limits.ts'

export function pemBlock(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

export function certificatePem(certificate: X509Certificate): string {
  return pemBlock('CERTIFICATE', certificate.raw)
}

/**
 * The only way by which a certificate reaches OpenSSL, which loads its key while reading it.
 * @throws KeyRefused, or another error when the bytes are not a certificate
 */
export function readCertificate(der: Buffer): X509Certificate {
  checkCertificate(der)
  // Of DER, Node would look for PEM inside first, and take that.
  return new X509Certificate(pemBlock('CERTIFICATE', der))
}

const BEGIN = /-----BEGIN (?:X509 )?CERTIFICATE-----/g
const BLOCK = /-----BEGIN ((?:X509 )?CERTIFICATE)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g

/**
 * Every certificate in a PEM text, in its order; what stands between the blocks is skipped.
 * @throws KeyRefused, ActionError INPUT_INVALID
 */
export function parsePemCertificates(text: string): X509Certificate[] {
  const blocks = [...text.matchAll(BLOCK)]
  if (blocks.length !== [...text.matchAll(BEGIN)].length) throw unreadable()
  return blocks.map(([, , base64]) => readBlock(base64 ?? ''))
}

function readBlock(base64: string): X509Certificate {
  try {
    return readCertificate(Buffer.from(base64, 'base64'))
  } catch (error) {
    if (error instanceof KeyRefused) throw error
    throw unreadable(error)
  }
}

function unreadable(cause?: unknown): ActionError {
  return new ActionError(
    'INPUT_INVALID',
    {
      what: 'Could not read a PEM certificate.',
      why: 'The block is cut off, was changed on the way, or does not contain a certificate.',
      fix: 'Provide each certificate in full, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.',
    },
    cause,
  )
}
