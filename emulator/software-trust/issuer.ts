import { type KeyObject, randomUUID, X509Certificate } from 'node:crypto'
import { type Authority, createAuthority, randomSerial } from '../ca.ts'
import { DAY } from '../clock.ts'
import { spkiDer } from '../keys.ts'
import type { CertificateOptions, CodeSigningCertificate } from './certificate.ts'

const SUBJECT = 'CN=Example Software Inc, O=Example Software Inc, C=US'

/** An issuing CA below a root: a separate CA, because a client must not confuse it with the other two. */
export async function createCodeSigningCa(): Promise<Authority> {
  const root = await createAuthority({ commonName: 'Embedded DigiCert ONE Code Signing Root', key: 'ec' })
  return createAuthority({ commonName: 'Embedded DigiCert ONE Code Signing CA', key: 'ec', parent: root })
}

export async function issueCertificate(
  issuer: Authority,
  publicKey: KeyObject,
  options: CertificateOptions & { alias: string },
): Promise<CodeSigningCertificate> {
  const pem = await issuer.issue({
    ...datesOf(options),
    subject: options.subject ?? SUBJECT,
    publicKey: spkiDer(publicKey),
    usage: 'code-signing',
    serialNumber: options.serialNumber ?? randomSerial(),
  })
  const { validFrom, validTo } = new X509Certificate(pem)
  return { ...described(issuer, options), pem, validFrom: new Date(validFrom), validTo: new Date(validTo) }
}

/** What may differ between certificates made in bulk: all except what makes a certificate expensive. */
export type BulkCertificateOptions = Omit<CertificateOptions, 'subject' | 'serialNumber'>

/** Like the pattern in everything that is certified. Its bytes are made when they are first read. */
export function issueInBulk(
  issuer: Authority,
  patternDer: Buffer,
  options: BulkCertificateOptions & { alias: string },
): CodeSigningCertificate {
  const { notBefore: validFrom, notAfter: validTo } = datesOf(options)
  let pem: string | undefined
  return {
    ...described(issuer, options),
    validFrom,
    validTo,
    get pem() {
      pem ??= issuer.reissue(patternDer, {
        notBefore: validFrom,
        notAfter: validTo,
        serialNumber: randomSerial(),
      })
      return pem
    },
  }
}

function described({ chainPem }: Authority, options: CertificateOptions & { alias: string }) {
  const { alias, status = 'ACTIVE', isDefault = false, hierarchy = 'PUBLIC', type = 'EV' } = options
  return { id: randomUUID(), alias, chainPem, status, isDefault, hierarchy, type }
}

/** By the machine's clock, the only one that signature verifiers know. */
function datesOf({ notBefore, notAfter = new Date(Date.now() + 365 * DAY) }: CertificateOptions) {
  const yesterday = Date.now() - DAY
  return { notAfter, notBefore: notBefore ?? new Date(Math.min(yesterday, notAfter.getTime() - 30 * DAY)) }
}
