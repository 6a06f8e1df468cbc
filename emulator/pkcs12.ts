import { createPrivateKey, X509Certificate } from 'node:crypto'
import { BmpString, ObjectIdentifier, OctetString } from 'asn1js'
import {
  Attribute,
  AuthenticatedSafe,
  CertBag,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs'

/** RFC 7292 §4.2 */
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2'
const CERT_BAG = '1.2.840.113549.1.12.10.1.3'
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1'
const FRIENDLY_NAME = '1.2.840.113549.1.9.20'
/** Java accepts a certificate without a key as a trust anchor only with this attribute (JDK 8 and later). */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1'
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0'

/** What OpenSSL 3 writes, except for fewer iterations: these passwords protect nothing. */
const ENCRYPTION = {
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: 2048,
}

export interface KeyStoreContent {
  /** PKCS#8, unencrypted */
  privateKeyPem: string
  certificatePem: string
  /** issuer up to root */
  chainPem: readonly string[]
  friendlyName: string
}

/** A P12 as a service user keeps it: key, certificate and chain (RFC 7292, PBES2, a SHA-256 MAC). */
export async function writeKeyStore(content: KeyStoreContent, password: string): Promise<Buffer> {
  const key = createPrivateKey(content.privateKeyPem).export({ type: 'pkcs8', format: 'der' })
  const shrouded = new PKCS8ShroudedKeyBag({ parsedValue: PrivateKeyInfo.fromBER(bytesOf(key)) })
  await shrouded.makeInternalValues({ password: bytesOf(Buffer.from(password)), ...ENCRYPTION })
  const name = [friendlyName(content.friendlyName)]
  const certificates = [
    certificateBag(content.certificatePem, name),
    ...content.chainPem.map(pem => certificateBag(pem, [])),
  ]
  const keyBag = new SafeBag({ bagId: SHROUDED_KEY_BAG, bagValue: shrouded, bagAttributes: name })
  return writePfx([[keyBag], certificates], password)
}

/** A trust store for Java, whose `keytool` and `-Djavax.net.ssl.trustStore` read it. */
export function writeTrustStore(certificates: readonly string[], password: string): Promise<Buffer> {
  const trusted = new Attribute({
    type: TRUSTED_KEY_USAGE,
    values: [new ObjectIdentifier({ value: ANY_EXTENDED_KEY_USAGE })],
  })
  const bags = certificates.map((pem, index) => certificateBag(pem, [friendlyName(`ca-${index}`), trusted]))
  return writePfx([bags], password)
}

async function writePfx(contents: SafeBag[][], password: string): Promise<Buffer> {
  const secret = bytesOf(Buffer.from(password))
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: contents.map(safeBags => ({ privacyMode: 0, value: new SafeContents({ safeBags }) })),
    },
  })
  await safe.makeInternalValues({ safeContents: contents.map(() => ({})) })
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } })
  await pfx.makeInternalValues({
    password: secret,
    iterations: ENCRYPTION.iterationCount,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  })
  return Buffer.from(pfx.toSchema().toBER())
}

function certificateBag(pem: string, attributes: Attribute[]): SafeBag {
  const certValue = new OctetString({ valueHex: bytesOf(new X509Certificate(pem).raw) })
  const bagValue = new CertBag({ certId: X509_CERTIFICATE, certValue })
  return new SafeBag({ bagId: CERT_BAG, bagValue, bagAttributes: attributes })
}

function friendlyName(value: string): Attribute {
  return new Attribute({ type: FRIENDLY_NAME, values: [new BmpString({ value })] })
}

/** A copy of its own, since a Buffer may be a view of a larger pool. */
function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer
}
