import { X509Certificate } from 'node:crypto'
import { createSecureContext, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { utcMinute } from '../dates.ts'
import { clean } from '../text.ts'
import { TlsObjection } from './errors.ts'
import { CA_OUTSIDE_DATES, meaningOf, nativeCode, OWN_CERTIFICATE, OWN_CHAIN } from './native-codes.ts'
import { pemCertificates } from './pem-certificates.ts'
import { TLS } from './tls.ts'

/**
 * Our own TLS library considers the key, its certificate or one of the chain too weak: it checks before it connects.
 * @param cert what is to be presented, in PEM
 */
export function objectionToIdentity(cert: string, cause: unknown): TlsObjection {
  const [leaf, ...chain] = certificatesIn(cert)
  const culprit = chain.find(isTooWeak)
  if (culprit !== undefined && (leaf === undefined || !isTooWeak(leaf))) return objectionToCa(culprit, cause)
  const which = leaf === undefined ? 'the client certificate' : `the client certificate ${named(leaf)}`
  return new TlsObjection(OWN_CERTIFICATE, `${nativeCode(cause)}, for ${which}`, cause)
}

/** The same in the handshake, where OpenSSL has completed the chain out of the trust anchors. */
export function objectionInHandshake(error: Error, cert: string | undefined, anchors: string[]): Error {
  if (cert === undefined || meaningOf(nativeCode(error)).remedy !== 'chain') return error
  const [leaf] = certificatesIn(cert)
  const culprit = leaf && issuersOf(leaf, anchors.flatMap(certificatesIn)).find(isTooWeak)
  return culprit === undefined ? error : objectionToCa(culprit, error)
}

function objectionToCa(ca: X509Certificate, cause: unknown): TlsObjection {
  return new TlsObjection(OWN_CHAIN, `${nativeCode(cause)}, for the CA certificate ${named(ca)}`, cause)
}

/** OpenSSL itself decides, because its security level defines what is too weak. */
function isTooWeak(certificate: X509Certificate): boolean {
  try {
    createSecureContext({ cert: certificate.toString(), ...TLS })
    return false
  } catch {
    return true
  }
}

/** Longer than any real path; some CAs have signed one another. */
const LONGEST_PATH = 10

function issuersOf(leaf: X509Certificate, among: X509Certificate[]): X509Certificate[] {
  const path = [leaf]
  for (let below = leaf; path.length < LONGEST_PATH; ) {
    const issuer = among.find(candidate => below.checkIssued(candidate) && !path.includes(candidate))
    if (issuer === undefined) break
    path.push(issuer)
    below = issuer
  }
  return path.slice(1)
}

/**
 * Tells whether a server is refused because the CA certificate that was given for it is outside its dates. Node does not say
 * which certificate an error is about, and forgets the server's chain when it refuses it, so this looks beforehand.
 * @param outdated certificates in PEM, outside their dates
 * @returns a function that turns the connection's error into one that says so, where it applies
 */
export function watchForOutdatedCa(socket: TLSSocket, outdated: string[]): (error: Error) => Error {
  if (outdated.length === 0) return error => error
  let chain: X509Certificate[] = []
  // Node's own listener judges the certificate, and closes the socket.
  socket.prependOnceListener('secure', () => {
    chain = shownBy(socket)
  })
  return error => {
    const { remedy } = meaningOf(nativeCode(error))
    if (remedy !== 'trust' && remedy !== 'clock') return error
    const ca = outdated.map(read).find(candidate => isOnlyFault(candidate, chain))
    if (ca === undefined) return error
    return new TlsObjection(
      CA_OUTSIDE_DATES,
      `the CA certificate ${named(ca)} in 'ca-certificates' ${datesOf(ca)}`,
      error,
    )
  }
}

function datesOf({ validFrom, validTo }: X509Certificate): string {
  const day = (date: string) => utcMinute(new Date(date))
  return Date.parse(validTo) < Date.now()
    ? `expired on ${day(validTo)}`
    : `is valid only from ${day(validFrom)} on`
}

/** Not by `getPeerX509Certificate`, which takes the chain from the socket: the check of the name then fails. */
function shownBy(socket: TLSSocket): X509Certificate[] {
  const chain = new Set<DetailedPeerCertificate>()
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  // A root is its own issuer.
  while (next?.raw !== undefined && !chain.has(next) && chain.size < LONGEST_PATH) {
    chain.add(next)
    next = next.issuerCertificate
  }
  return [...chain].map(({ raw }) => readRaw(raw))
}

/** It has issued one of the chain, and all that the server shows besides is within its dates. */
function isOnlyFault(ca: X509Certificate, chain: X509Certificate[]): boolean {
  const others = chain.filter(({ raw }) => !raw.equals(ca.raw))
  return others.some(shown => isIssuedBy(shown, ca)) && others.every(isInForce)
}

function isIssuedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  try {
    return certificate.checkIssued(ca) && certificate.verify(ca.publicKey)
  } catch {
    return false // a key of another kind
  }
}

/** By the machine's clock, which is OpenSSL's as well. */
export function isInForce({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now()
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo)
}

/** Of DER, Node would look for PEM inside first, and take that. */
function readRaw(der: Buffer): X509Certificate {
  return read(
    `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`,
  )
}

function read(pem: string): X509Certificate {
  return new X509Certificate(pem)
}

function certificatesIn(pem: string): X509Certificate[] {
  return pemCertificates(pem).map(read)
}

/** A subject is arbitrary text of its CA. */
function named({ subject, serialNumber }: X509Certificate): string {
  const name = clean(subject?.replaceAll('\n', ', '), 200)
  return name === '' ? `with the serial number ${serialNumber}` : `"${name}"`
}
