import { isoSeconds } from '../clock.ts'
import { spkiDer } from '../keys.ts'
import type { Account } from '../users.ts'
import type { CodeSigningCertificate, Keypair } from './keypair.ts'

export function keypairOnTheWire(keypair: Keypair, account: Account): Record<string, unknown> {
  return {
    id: keypair.id,
    alias: keypair.alias,
    key_size: 3072,
    key_alg: 'RSA',
    key_type: 'PRODUCTION',
    key_storage: 'HSM',
    public_key: spkiDer(keypair.publicKey).toString('base64'),
    certificates: [certificateOnTheWire(keypair, account)],
    account: accountOnTheWire(account),
    key_status: 'ONLINE',
    number_of_active_certificates: 1,
    is_signable_by_me: true,
  }
}

export function certificateOnTheWire(
  { id, alias, certificate }: Keypair,
  account: Account,
): Record<string, unknown> {
  return {
    id: certificate.id,
    alias: certificate.alias,
    cert: derBase64(certificate.pem),
    certificate_status: 'ACTIVE',
    account: accountOnTheWire(account),
    keypair: { id, alias },
    default_cert: true,
    chain: chainOnTheWire(certificate),
    valid_from: isoSeconds(certificate.validFrom),
    valid_to: isoSeconds(certificate.validTo),
  }
}

function chainOnTheWire({ chainPem }: CodeSigningCertificate): unknown[] {
  const last = chainPem.length - 1
  return chainPem.map((pem, index) => ({
    cert_type: index === last ? 'root' : 'intermediate',
    blob: derBase64(pem),
  }))
}

function accountOnTheWire({ id, name }: Account): unknown {
  return { id, name }
}

/** PEM without its armour is the DER in base64. */
function derBase64(pem: string): string {
  return pem.replace(/-----[^-]+-----|\s/g, '')
}
