/** The certificate signing request (PKCS#10, RFC 2986). */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  type Asn1,
  context,
  newBitString,
  newInteger,
  newNull,
  newOid,
  newPrintable,
  newUtf8,
  readDer,
  sequence,
  setOf,
  toDer,
} from './der.ts'
import { pemBlock } from './pem.ts'
import type { Rdn } from './subject.ts'

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'

const ATTRIBUTE_OIDS: Record<Rdn['type'], string> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
}

/** A PEM request for an RSA key, signed with SHA-256. */
export function createCsr(privateKey: KeyObject, subject: Rdn[]): string {
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  const info = sequence(
    newInteger(0),
    sequence(...subject.map(relativeName)),
    readDer(publicKey),
    // RFC 2986 §4.1: the attributes are present even when there are none.
    context(0),
  )
  const signature = sign('sha256', toDer(info), privateKey)
  const request = sequence(info, sequence(newOid(SHA256_WITH_RSA), newNull()), newBitString(signature))
  return pemBlock('CERTIFICATE REQUEST', toDer(request))
}

/** RFC 5280 §4.1.2.4: UTF8String, but a country is a PrintableString (X.520). */
function relativeName({ type, value }: Rdn): Asn1 {
  const text = type === 'C' ? newPrintable(value) : newUtf8(value)
  return setOf(sequence(newOid(ATTRIBUTE_OIDS[type]), text))
}
