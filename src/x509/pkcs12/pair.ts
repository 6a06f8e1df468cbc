/** Which key and which certificate of a P12 are meant. */
import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { child, newInteger, readDer, sequence, toDer } from '../der.ts'
import { checkPrivateKey, KeyRefused } from '../key-limits.ts'
import { parsePemCertificates, readCertificate } from '../pem.ts'
import type { CertificateBag } from './bags.ts'
import { bestFirst, type PassedOver, whyNot } from './choice.ts'
import {
  contentPassword,
  keyMismatch,
  malformed,
  noCertificate,
  noKey,
  otherForm,
  unsupported,
} from './errors.ts'
import type { Findings } from './findings.ts'
import type { Opened, OpenedKey } from './open.ts'
import { READERS } from './readers.ts'

export interface Pair {
  privateKey: KeyObject
  certificate: X509Certificate
  friendlyName?: string
  /** The other private keys; undefined for what OpenSSL cannot read. */
  otherKeys: (KeyObject | undefined)[]
  /** What could have been used in its place, the best first. */
  passedOver: PassedOver[]
  /** Where they were. */
  bags: { key: OpenedKey; certificate: CertificateBag }
}

interface Key {
  privateKey: KeyObject | undefined
  bag: OpenedKey
}

interface Certificate {
  certificate: X509Certificate
  bag: CertificateBag
}

/**
 * Those that OpenSSL can read: a leaf that it can read is not refused because of a CA that it cannot.
 * @throws KeyRefused for one with a key that must not be passed to it
 */
export function readCertificates(opened: Opened, findings: Findings): Certificate[] {
  const certificates = opened.certificates.flatMap(bag => {
    const certificate = parseCertificate(bag.der)
    return certificate === undefined ? [] : [{ certificate, bag }]
  })
  if (certificates.some(({ bag }) => bag.der[0] !== DER_SEQUENCE))
    findings.obstacle('a certificate in another form than DER', 'openssl3', 'go')
  if (certificates.length < opened.certificates.length)
    findings.obstacle('a certificate that cannot be read', ...READERS)
  return certificates
}

/**
 * The pair whose public keys are the same; localKeyIDs are not trusted, since some writers leave them out or repeat them.
 * Of several pairs the one for client authentication that is valid now.
 */
export function choosePair(
  opened: Opened,
  certificates: Certificate[],
  { findings, now }: { findings: Findings; now: Date },
): Pair {
  const keys = opened.keys.map(bag => ({ bag, privateKey: bag.pkcs8 && parseKey(bag.pkcs8) }))
  if (keys.length === 0) throw noKey()
  if (opened.certificates.length === 0) throw noCertificate()
  const pairs = keys.flatMap(key =>
    certificates.filter(({ certificate }) => belongs(certificate, key)).map(entry => ({ ...entry, key })),
  )
  const [best, ...others] = bestFirst(pairs, now)
  if (best?.key.privateKey === undefined) throw noPair(opened, keys, certificates)
  const [usual] = pairs
  if (best.key !== usual?.key) findings.misread(FIRST_KEY, 'openssl3', 'java')
  else if (best.key !== keys[0] || best.certificate.fingerprint256 !== usual.certificate.fingerprint256)
    findings.misread(FIRST_KEY, 'openssl3')
  const friendlyName = nameOf(best)
  return {
    privateKey: best.key.privateKey,
    certificate: best.certificate,
    otherKeys: keys.filter(key => key !== best.key && key.bag.pkcs8).map(({ privateKey }) => privateKey),
    passedOver: passedOver(best, others, now),
    bags: { key: best.key.bag, certificate: best.bag },
    ...(friendlyName === undefined ? {} : { friendlyName }),
  }
}

const FIRST_KEY = 'the first private key in it, with the first certificate of that key'

type Candidate = Certificate & { key: Key }

const nameOf = ({ bag, key }: Candidate): string | undefined => bag.friendlyName ?? key.bag.friendlyName

/** Each certificate once, as often as the file may repeat it. */
function passedOver({ certificate: chosen }: Candidate, others: Candidate[], now: Date): PassedOver[] {
  const seen = new Set([chosen.fingerprint256])
  return others.flatMap(other => {
    const { certificate } = other
    if (seen.has(certificate.fingerprint256)) return []
    seen.add(certificate.fingerprint256)
    const friendlyName = nameOf(other)
    const why = whyNot(certificate, chosen, now)
    return [{ certificate, why, ...(friendlyName === undefined ? {} : { friendlyName }) }]
  })
}

function noPair(opened: Opened, keys: Key[], certificates: Certificate[]) {
  const other = opened.keys.find(({ form }) => form !== undefined)
  if (other !== undefined) return otherForm(other.form ?? '')
  if (opened.keys.some(key => key.pkcs8 === undefined)) return contentPassword()
  if (keys.every(key => key.privateKey === undefined))
    return unsupported('a private key of a kind that OpenSSL cannot read')
  // It may have been the leaf.
  if (certificates.length < opened.certificates.length) return malformed('a certificate in it cannot be read')
  return keyMismatch()
}

function belongs(certificate: X509Certificate, { privateKey }: Key): boolean {
  try {
    return privateKey !== undefined && certificate.checkPrivateKey(privateKey)
  } catch {
    return false // a public key of a kind that OpenSSL does not know
  }
}

/** Undefined when OpenSSL cannot read it: another key in the file may still be the one. */
function parseKey(pkcs8: Buffer): KeyObject | undefined {
  for (const encode of [() => pkcs8, () => plainPkcs8(pkcs8)]) {
    const key = unlessUnreadable(() => {
      const der = encode()
      checkPrivateKey(der)
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    })
    if (key !== undefined) return key
  }
  return undefined
}

function unlessUnreadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof KeyRefused) throw error
    return undefined
  }
}

/** Without attributes and the public key of RFC 5958, and in DER: what every version of OpenSSL reads. */
function plainPkcs8(pkcs8: Buffer): Buffer {
  const info = readDer(pkcs8)
  return toDer(sequence(newInteger(0), child(info, 1), child(info, 2)))
}

/** DER, or PEM, which some writers put there. */
function parseCertificate(bytes: Buffer): X509Certificate | undefined {
  return unlessUnreadable(() =>
    bytes[0] === DER_SEQUENCE ? readCertificate(bytes) : parsePemCertificates(bytes.toString('latin1'))[0],
  )
}

const DER_SEQUENCE = 0x30
