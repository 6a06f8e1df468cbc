import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { createAuthority } from '../ca.ts'
import { DAY } from '../clock.ts'
import { generateKeys, spkiDer } from '../keys.ts'

/** A keypair of Software Trust, and the code-signing certificate for it. */
export interface Keypair {
  id: string
  /** what smctl calls for */
  alias: string
  privateKey: KeyObject
  publicKey: KeyObject
  certificate: CodeSigningCertificate
}

export interface CodeSigningCertificate {
  id: string
  /** what jsign calls for */
  alias: string
  pem: string
  /** its issuer, then the root */
  chainPem: readonly string[]
  validFrom: Date
  validTo: Date
}

/**
 * RSA of 3072 bits, as the rules for code signing demand, from an issuing CA below a root: a CA of its own, as for the
 * other two. Dated by the machine's clock, the only one that those who check signatures know.
 */
export async function createKeypair(): Promise<Keypair> {
  const { privateKeyPem, publicKey } = await generateKeys('rsa-3072')
  const root = await createAuthority({ commonName: 'Embedded DigiCert ONE Code Signing Root', key: 'ec' })
  const issuer = await createAuthority({
    commonName: 'Embedded DigiCert ONE Code Signing CA',
    key: 'ec',
    parent: root,
  })
  const validFrom = new Date(Date.now() - DAY)
  const validTo = new Date(Date.now() + 365 * DAY)
  const pem = await issuer.issue({
    subject: 'CN=Example Inc, O=Example Inc, C=US',
    publicKey: spkiDer(publicKey),
    notBefore: validFrom,
    notAfter: validTo,
    usage: 'code-signing',
  })
  const certificate = { id: randomUUID(), alias: 'emulator-certificate', validFrom, validTo }
  return {
    id: randomUUID(),
    alias: 'emulator-keypair',
    privateKey: createPrivateKey(privateKeyPem),
    publicKey,
    certificate: { ...certificate, pem, chainPem: issuer.chainPem },
  }
}
