/** Writing a PKCS#12 file (RFC 7292), bag by bag as OpenSSL lays it out, so that everyone's reader has met the like. */
import { createHash, type KeyObject, type X509Certificate } from 'node:crypto'
import {
  type Asn1,
  context,
  implicitOctets,
  newBmp,
  newInteger,
  newOctetString,
  newOid,
  sequence,
  setOf,
  toDer,
} from '../der.ts'
import { type CreateMac, prepareMac } from './mac.ts'
import { OID } from './oids.ts'
import {
  type Encrypt,
  type Encryption,
  prepareEncryption,
  type Secret,
  writtenIterations,
} from './pbe-encrypt.ts'

export interface Pkcs12Contents {
  privateKey: KeyObject
  certificate: X509Certificate
  /** Issuing certificates, the leaf's issuer first. */
  chain: X509Certificate[]
  friendlyName?: string
}

/** What is derived from the password: for one P12, because each has salts of its own. */
interface Protection {
  certificates: Encrypt
  key: Encrypt
  mac: CreateMac
}

/**
 * Begins what takes time in writing a P12, before there is a certificate to write. What fails then is thrown by the
 * writer.
 * @param encryption `modern` is what OpenSSL 3 writes by default, `legacy` what every reader of the last twenty years
 *   takes
 * @param had how many iterations a P12 had that this one replaces
 * @returns writes a P12, DER; a further one takes the time again
 */
export function preparePkcs12(
  encryption: Encryption,
  password: string,
  had?: number,
): (contents: Pkcs12Contents) => Promise<Buffer> {
  const secret = { password, iterations: writtenIterations(encryption, had) }
  let prepared: Promise<Protection> | undefined = protect(encryption, secret)
  prepared.catch(() => undefined)
  return async contents => {
    const protection = prepared ?? protect(encryption, secret)
    prepared = undefined
    return encode(contents, await protection)
  }
}

async function protect(encryption: Encryption, secret: Secret): Promise<Protection> {
  const [certificates, key, mac] = await Promise.all([
    prepareEncryption(encryption, secret),
    prepareEncryption(encryption, secret),
    prepareMac(encryption === 'modern' ? 'sha256' : 'sha1', secret),
  ])
  return { certificates, key, mac }
}

/** The certificates are encrypted too: OpenSSL, Java and Windows do the same, and readers rely on it to ask for a password once. */
function encode(contents: Pkcs12Contents, protection: Protection): Buffer {
  const { privateKey, certificate } = contents
  const attributes = leafAttributes(certificate, contents.friendlyName ?? 'DigiCert Client Auth Certificate')
  const certificates = sequence(
    certificateBag(certificate, attributes),
    ...contents.chain.map(issuer => certificateBag(issuer, [])),
  )
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
  const encryptedCertificates = protection.certificates(toDer(certificates))
  const shroudedKey = protection.key(pkcs8)
  const keyBag = bag(
    OID.shroudedKeyBag,
    sequence(shroudedKey.algorithm, newOctetString(shroudedKey.ciphertext)),
    attributes,
  )
  const authenticatedSafe = toDer(
    sequence(encryptedContent(encryptedCertificates), dataContent(toDer(sequence(keyBag)))),
  )
  // RFC 7292 §4: version 3.
  return toDer(sequence(newInteger(3), dataContent(authenticatedSafe), protection.mac(authenticatedSafe)))
}

/** A shared localKeyID is what ties key and certificate together for most readers; OpenSSL uses the certificate's SHA-1. */
function leafAttributes(certificate: X509Certificate, friendlyName: string): Asn1[] {
  const localKeyId = createHash('sha1').update(certificate.raw).digest()
  return [
    sequence(newOid(OID.localKeyId), setOf(newOctetString(localKeyId))),
    sequence(newOid(OID.friendlyName), setOf(newBmp(friendlyName))),
  ]
}

/** RFC 7292 §4.2.3. */
function certificateBag(certificate: X509Certificate, attributes: Asn1[]): Asn1 {
  const value = sequence(newOid(OID.x509Certificate), context(0, newOctetString(certificate.raw)))
  return bag(OID.certBag, value, attributes)
}

/** RFC 7292 §4.2: the attributes are left out where there are none. */
function bag(type: string, value: Asn1, attributes: Asn1[]): Asn1 {
  const optional = attributes.length === 0 ? [] : [setOf(...attributes)]
  return sequence(newOid(type), context(0, value), ...optional)
}

/** RFC 5652 §4. */
function dataContent(content: Buffer): Asn1 {
  return sequence(newOid(OID.data), context(0, newOctetString(content)))
}

/** RFC 5652 §8. */
function encryptedContent({ algorithm, ciphertext }: { algorithm: Asn1; ciphertext: Buffer }): Asn1 {
  const info = sequence(newOid(OID.data), algorithm, implicitOctets(0, ciphertext))
  return sequence(newOid(OID.encryptedData), context(0, sequence(newInteger(0), info)))
}
