/** What a certificate says, in the forms that users and the API compare. */

import type { X509Certificate } from 'node:crypto'
import { clean } from '../text.ts'
import { fileText } from './file-text.ts'
import { publicKeyOf } from './public-key.ts'

export { certificatePem, parsePemCertificates, readCertificate } from './pem.ts'

export interface CertificateFacts {
  /** Upper-case hex without separators or leading zeros. */
  serialNumber: string
  /** SubjectPublicKeyInfo, in the form of `public-key.ts`. */
  publicKey: string
  /** Lower-case hex without colons. */
  fingerprintSha256: string
  /** RFC 4514: the most specific attribute first. */
  subject: string
  issuer: string
  notBefore: Date
  notAfter: Date
}

/** `CN=release (serial number 17EA…)`: the name that a person knows it by comes first. */
export function certificateName({ subject, serialNumber }: CertificateFacts): string {
  return subject === ''
    ? `with the serial number ${serialNumber}`
    : `${clean(subject, 200)} (serial number ${serialNumber})`
}

export function describeCertificate(certificate: X509Certificate): CertificateFacts {
  return {
    serialNumber: fileText(normalizeSerial(certificate.serialNumber)),
    publicKey: publicKeyOf(certificate.raw) ?? '',
    fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    // The author of the certificate chose these texts, and they go into logs and summaries.
    subject: fileText(nameText(certificate.subject)),
    issuer: fileText(nameText(certificate.issuer)),
    ...datesOf(certificate),
  }
}

/** Node 20 has them only as text. */
export function datesOf({
  validFrom,
  validTo,
}: X509Certificate): Pick<CertificateFacts, 'notBefore' | 'notAfter'> {
  return { notBefore: new Date(validFrom), notAfter: new Date(validTo) }
}

/** A serial number however it was written (0x, colons, spaces, leading zeros) in the one form that is compared. */
export function normalizeSerial(text: string): string {
  const digits = text
    .replace(/^\s*0x/i, '')
    .replace(/[\s:]/g, '')
    .toUpperCase()
  return digits.replace(/^0+(?=.)/, '')
}

/** No real path is that long. */
const LONGEST_PATH = 10
/** A signature is only checked when the names match: once a step, unless somebody fills a file with CAs of one name. */
const MOST_SIGNATURES = 100

/**
 * The certificates that came with `leaf`, its issuer first, then the issuer's, and so on. What does not belong to
 * that path stays, after it; the leaf itself and repetitions go. After a hundred signatures the path stops where it is.
 */
export function orderChain(leaf: X509Certificate, pool: X509Certificate[]): X509Certificate[] {
  const rest = distinct([leaf, ...pool]).slice(1)
  return [...takePath(leaf, rest), ...rest]
}

/**
 * The path of `leaf` alone, its issuer first. Where an issuer has several certificates, the one that is valid goes before
 * the others, then one that leads further up, then the one that expires last.
 */
export function ownPath(leaf: X509Certificate, pool: X509Certificate[], now: Date): X509Certificate[] {
  const preference = (one: X509Certificate): number =>
    (isValid(one, now) ? 1e17 : 0) + (named(one, one) ? 0 : 1e16) + datesOf(one).notAfter.getTime()
  const best = distinct([leaf, ...pool])
    .slice(1)
    .map(certificate => ({ certificate, rank: preference(certificate) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ certificate }) => certificate)
  return takePath(leaf, best)
}

/** Takes the path out of `rest`. */
function takePath(leaf: X509Certificate, rest: X509Certificate[]): X509Certificate[] {
  const path: X509Certificate[] = []
  let signatures = 0
  while (path.length < LONGEST_PATH) {
    const last = path.at(-1) ?? leaf
    const index = rest.findIndex(
      candidate => named(last, candidate) && ++signatures <= MOST_SIGNATURES && signed(last, candidate),
    )
    if (index < 0) break
    path.push(...rest.splice(index, 1))
  }
  return path
}

export function isValid(certificate: X509Certificate, now: Date): boolean {
  const { notBefore, notAfter } = datesOf(certificate)
  return notBefore <= now && now <= notAfter
}

/** A root: servers have it, or do not trust it. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return named(certificate, certificate) && signed(certificate, certificate)
}

function distinct(certificates: X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map(certificate => [certificate.fingerprint256, certificate])).values()]
}

function named(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer)
}

function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    return false // a key of a kind that OpenSSL does not know
  }
}

/**
 * Node prints one RDN a line in the order of the DER, with the escapes of RFC 2253 (control characters too, so a line
 * break is always a separator); multi-valued RDNs are joined by " + ", whose plus would be escaped inside a value.
 */
function nameText(lines: string | undefined): string {
  // A trailing space as a hex pair: a later trim would turn its escape into a lone backslash.
  const rdns = nameLines(lines).map(line => line.replace(/(?<!\\) \+ /g, '+').replace(/\\ $/, '\\20'))
  return rdns.reverse().join(',')
}

function nameLines(lines: string | undefined): string[] {
  return lines ? lines.split('\n') : []
}
