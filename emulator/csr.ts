import type { KeyObject } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { invalidRequest } from './answers.ts'
import { toPublicKey } from './keys.ts'
import type { Settings } from './settings.ts'

export interface SigningRequest {
  subject: x509.Name
  commonName: string
  publicKey: KeyObject
}

const ARMOUR =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END (NEW )?CERTIFICATE REQUEST-----\s*$/

/** Parses a PKCS#10 request and verifies it by RFC 2986: the caller must have signed with the key that it is about. */
export async function readSigningRequest(pem: string, settings: Settings): Promise<SigningRequest> {
  const request = parse(pem)
  if (!(await signatureHolds(request))) throw invalidRequest('The signature of the CSR is not valid')
  const publicKey = toPublicKey(Buffer.from(request.publicKey.rawData))
  checkKey(publicKey, settings)
  const commonName = request.subjectName.getField('CN')[0]
  if (commonName === undefined || commonName === '') throw invalidRequest('The CSR has no common name')
  return { subject: request.subjectName, commonName, publicKey }
}

function parse(pem: string): x509.Pkcs10CertificateRequest {
  const base64 = ARMOUR.exec(pem)?.[2]
  if (base64 === undefined) throw invalidRequest('csr must be a PEM encoded certificate signing request')
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(base64, 'base64'))
  } catch {
    throw invalidRequest('The CSR cannot be parsed')
  }
}

async function signatureHolds(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify()
  } catch {
    // An algorithm that web crypto does not know, or a key that it refuses to import.
    return false
  }
}

function checkKey(key: KeyObject, settings: Settings): void {
  if (key.asymmetricKeyType === 'ec' && settings.ecRequests === 'accept') return
  if (key.asymmetricKeyType !== 'rsa') throw invalidRequest('The CSR must have an RSA key')
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits >= settings.minimumRsaBits) return
  throw invalidRequest(`The RSA key must have at least ${settings.minimumRsaBits} bits, this one has ${bits}`)
}
